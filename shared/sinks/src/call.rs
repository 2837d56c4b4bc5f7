//! Signed calls without a typed client: two operations of two services are all that is called, and their crates would be
//! many times what they replace. Signing, time-outs and repetitions are those of the official runtime.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::{SharedIdentityCache, SharedIdentityResolver};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::{Region, SigningRegion};
use aws_types::{SdkConfig, SigningName};
use engine::ports::SinkError;
use serde_json::Value;

/// Tries of one call, the first included. What fails for longer is due again in a minute, so that the function never
/// waits long.
const ATTEMPTS: u32 = 3;
const ATTEMPT: Duration = Duration::from_secs(8);
const CALL: Duration = Duration::from_secs(20);

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
    http: SharedHttpClient,
    credentials: SharedCredentialsProvider,
    cache: SharedIdentityCache,
    endpoint: Endpoint,
    retry: RetryConfig,
}

/// An error that a service answered with.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
struct Refused {
    code: String,
    message: String,
    metadata: ErrorMetadata,
}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl Caller {
    /// Calls `endpoint` over the network of `config`, with its credentials. `None`: it has neither.
    pub fn new(config: &SdkConfig, endpoint: Endpoint) -> Option<Self> {
        Some(Self {
            http: config.http_client()?,
            credentials: config.credentials_provider()?,
            cache: IdentityCache::lazy().build(),
            endpoint,
            retry: RetryConfig::standard().with_max_attempts(ATTEMPTS),
        })
    }

    /// The same with other credentials.
    #[must_use]
    pub(crate) fn by(mut self, credentials: SharedCredentialsProvider) -> Self {
        self.credentials = credentials;
        self.cache = IdentityCache::lazy().build();
        self
    }

    #[cfg(test)]
    pub(crate) fn once(mut self) -> Self {
        self.retry = RetryConfig::disabled();
        self
    }

    /// Posts a JSON document to `path` and reads the JSON answer.
    ///
    /// # Errors
    /// By what to do about it, as a failure of `channel`.
    #[expect(clippy::result_large_err, reason = "the official runtime asks for this error")]
    pub(crate) async fn post(
        &self,
        channel: &str,
        path: &str,
        headers: &'static [(&'static str, &'static str)],
        body: &Value,
    ) -> Result<Value, SinkError> {
        let operation = Operation::builder()
            .service_name(self.endpoint.service)
            .operation_name("send")
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(&self.endpoint.url)
            .standard_retry(&self.retry)
            .retry_classifier(AwsErrorCodeClassifier::<Refused>::new())
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .timeout_config(
                TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build(),
            )
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .with_connection_poisoning()
            .runtime_plugin(self.signer())
            .serializer(move |(path, body): (String, String)| {
                let mut request = HttpRequest::new(SdkBody::from(body));
                request.set_method("POST")?;
                request.set_uri(path)?;
                for (name, value) in headers {
                    request.headers_mut().try_insert(*name, *value)?;
                }
                Ok(request)
            })
            .deserializer(|response: &HttpResponse| answer(response))
            .build();
        // Boxed: the official runtime's future is deep, and everything that waits for it would be deeper.
        let answer = Box::pin(operation.invoke((path.to_owned(), body.to_string()))).await;
        answer.map_err(|error| failure(channel, &error))
    }

    /// Signature Version 4, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.
    fn signer(&self) -> StaticRuntimePlugin {
        let mut layer = Layer::new("signing");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(self.endpoint.region.clone()))),
            name: Some(SigningName::from(self.endpoint.service)),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        let components = RuntimeComponentsBuilder::new("signing")
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
                StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
            )))
            .with_identity_cache(Some(self.cache.clone()))
            .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(self.credentials.clone()));
        StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
    }
}

/// The document of an answer, or the error in it. The error's code stands in a header or in the body, see
/// <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>.
#[expect(clippy::result_large_err, reason = "the official runtime asks for this error")]
fn answer(response: &HttpResponse) -> Result<Value, OrchestratorError<Refused>> {
    let body: Value =
        response.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    if response.status().is_success() {
        return Ok(body);
    }
    let text = |names: &[&str]| {
        names.iter().find_map(|name| body.get(name).and_then(Value::as_str)).map(str::to_owned)
    };
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| text(&["__type", "code", "Code"]));
    let code = code.unwrap_or_else(|| format!("Http{}", response.status().as_u16()));
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    let message = text(&["message", "Message"]).unwrap_or_else(|| "no message".to_owned());
    let metadata = ErrorMetadata::builder().code(&code).message(&message).build();
    Err(OrchestratorError::operation(Refused { code, message, metadata }))
}

fn failure(channel: &str, error: &SdkError<Refused, HttpResponse>) -> SinkError {
    match error.as_service_error() {
        Some(refused) => refusal(channel, &refused.code, &refused.message),
        None => SinkError::Unavailable {
            channel: channel.to_owned(),
            reason: DisplayErrorContext(error).to_string(),
        },
    }
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
