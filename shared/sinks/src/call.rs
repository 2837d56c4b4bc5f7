//! Calls without a typed client: two operations of two services are all that is called, and their crates would be many
//! times what they replace.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use engine::ports::SinkError;
use serde_json::Value;
use signed::{Answer, Client, Identity, Refusal, Request, SendError, Signing};

/// Tries of one call, the first included. What fails for longer is due again in a minute, so that the function never
/// waits long.
const ATTEMPTS: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(10);

/// Error codes that stay until somebody changes a setting. Every other failure is taken for a passing one: a late
/// message is better than a lost one.
const REFUSALS: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "InvalidAccessException",
    "InvalidArgument",
    "InvalidClientTokenId",
    "InvalidInput",
    "InvalidInputException",
    "InvalidParameter",
    "MalformedDetail",
    "NotAuthorizedForDetailTypeException",
    "NotAuthorizedForSourceException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
];

/// A service in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is reached.
    pub url: String,
    /// The name that requests are signed for.
    pub service: &'static str,
    /// The region that requests are signed for.
    pub region: String,
}

/// Calls one service with one account's credentials.
#[derive(Debug, Clone)]
pub struct Caller {
    client: Client,
    identity: Identity,
    endpoint: Endpoint,
}

impl Caller {
    /// Calls `endpoint` over the network of `config`, with its credentials. `None`: it has neither.
    pub fn new(config: &SdkConfig, endpoint: Endpoint) -> Option<Self> {
        let client = Client::new(config.http_client()?).with_attempts(ATTEMPTS).with_patience(PATIENCE);
        Some(Self { client, identity: Identity::new(config.credentials_provider()?), endpoint })
    }

    /// The same with other credentials.
    #[must_use]
    pub(crate) fn by(mut self, credentials: SharedCredentialsProvider) -> Self {
        self.identity = Identity::new(credentials);
        self
    }

    #[cfg(test)]
    pub(crate) fn once(mut self) -> Self {
        self.client = self.client.with_attempts(1);
        self
    }

    /// Posts a JSON document to `path` and reads the JSON answer.
    ///
    /// # Errors
    /// By what to do about it, as a failure of `channel`.
    pub(crate) async fn post(
        &self,
        channel: &str,
        path: &str,
        headers: &'static [(&'static str, &'static str)],
        body: &Value,
    ) -> Result<Value, SinkError> {
        let Endpoint { url, service, region } = &self.endpoint;
        let request = Request {
            method: "POST".to_owned(),
            target: path.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_string().into_bytes(),
        };
        let signing = Signing { name: service, region };
        match self.client.send(url, request, &self.identity, signing, refused).await {
            Ok(answer) => Ok(serde_json::from_slice(&answer.body).unwrap_or_default()),
            Err(SendError::Refused(Refusal { code, message })) => Err(refusal(channel, &code, &message)),
            Err(error) => {
                Err(SinkError::Unavailable { channel: channel.to_owned(), reason: error.to_string() })
            }
        }
    }
}

/// The error in an answer. Its code stands in a header or in the body, see
/// <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>.
fn refused(answer: &Answer) -> Option<Refusal> {
    if (200..300).contains(&answer.status) {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |names: &[&str]| {
        names.iter().find_map(|name| body.get(name).and_then(Value::as_str)).map(str::to_owned)
    };
    let mut headers = answer.headers.iter();
    let code = headers.find(|(name, _)| name == "x-amzn-errortype").map(|(_, code)| code.clone());
    let code = code.or_else(|| text(&["__type", "code", "Code"]));
    let code = code.unwrap_or_else(|| format!("Http{}", answer.status));
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    Some(Refusal { code, message: text(&["message", "Message"]).unwrap_or_else(|| "no message".to_owned()) })
}

/// What an error code means, of a call or of one entry of it.
pub(crate) fn refusal(channel: &str, code: &str, message: &str) -> SinkError {
    let (channel, reason) = (channel.to_owned(), format!("{code}: {message}"));
    if REFUSALS.contains(&code) {
        SinkError::Refused { channel, reason }
    } else {
        SinkError::Unavailable { channel, reason }
    }
}

#[cfg(test)]
pub(crate) mod stub {
    //! Stands in for a service: gives answers in turn, and keeps what was asked.

    use std::sync::{Arc, Mutex};

    use aws_credential_types::Credentials;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[derive(Debug, Clone, Default)]
    pub(crate) struct Stub {
        answers: Arc<Mutex<Vec<(u16, String)>>>,
        pub(crate) asked: Arc<Mutex<Vec<(String, Value)>>>,
    }

    impl HttpConnector for Stub {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
            let signed = request.headers().get("authorization").unwrap_or_default();
            assert!(signed.contains("/aws4_request"), "{signed}");
            self.asked.lock().unwrap().push((request.uri().to_owned(), body));
            let (status, body) = self.answers.lock().unwrap().remove(0);
            let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    impl Stub {
        pub(crate) fn new(answers: &[(u16, Value)]) -> Self {
            let answers = answers.iter().map(|(status, body)| (*status, body.to_string())).collect();
            Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
        }

        pub(crate) fn caller(&self, service: &'static str) -> Caller {
            let connector = SharedHttpConnector::new(self.clone());
            let config = SdkConfig::builder()
                .http_client(http_client_fn(move |_, _| connector.clone()))
                .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                    "AKIDEXAMPLE",
                    "secret",
                    None,
                    None,
                    "test",
                )))
                .build();
            let url = format!("https://{service}.eu-central-1.amazonaws.com");
            let endpoint = Endpoint { url, service, region: "eu-central-1".into() };
            Caller::new(&config, endpoint).unwrap().once()
        }
    }
}
