//! Signed calls of AWS services without a typed client, with the standard retries and time-outs of the official runtime.
//!
//! What a request holds, and what an answer means, is the affair of whoever calls.

mod error;
mod signer;

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use error::Refused;

pub use error::{Refusal, SendError};

/// Tries of one call, the first included.
const ATTEMPTS: u32 = 5;
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(90);

/// Codes of what may be over the next time: those of the official runtime, and S3's for an error that it finds when it
/// has said 200 already.
const TRANSIENT: &[&str] = &["InternalError", "RequestTimeout", "RequestTimeoutException"];

/// Statuses of what may be over the next time: those of the official runtime, and a demand for patience without a code.
const TRY_AGAIN: &[u16] = &[429, 500, 502, 503, 504];

/// A request, before its endpoint is known and it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer with its body in memory.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a request is signed.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'a> {
    /// The service's name.
    pub name: &'a str,
    /// The region.
    pub region: &'a str,
}

/// What the credentials of one account are, resolved once and renewed before they end.
#[derive(Debug, Clone)]
pub struct Identity {
    provider: SharedCredentialsProvider,
    cache: SharedIdentityCache,
}

impl Identity {
    /// That of whom `provider` knows.
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, cache: IdentityCache::lazy().build() }
    }
}

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Client {
    http: SharedHttpClient,
    retry: RetryConfig,
    attempt: Duration,
    call: Duration,
}

impl Client {
    /// Sends over `http`, up to five times.
    pub fn new(http: SharedHttpClient) -> Self {
        Self {
            http,
            retry: RetryConfig::standard().with_max_attempts(ATTEMPTS),
            attempt: ATTEMPT,
            call: CALL,
        }
    }

    /// The same with so many tries, the first included.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.retry = self.retry.with_max_attempts(attempts);
        self
    }

    /// The same with another pause before the first repetition.
    #[must_use]
    pub fn with_backoff(mut self, pause: Duration) -> Self {
        self.retry = self.retry.with_initial_backoff(pause);
        self
    }

    /// The same that waits so long for one answer, and twice as long for all tries.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.attempt = patience;
        self.call = patience * 2;
        self
    }

    /// Sends `request` to `url`. `refusal` reads the error in an answer; `None` if it is one of success.
    ///
    /// # Errors
    /// When the service refuses, or there is no answer.
    #[expect(clippy::result_large_err, reason = "the official runtime asks for this error")]
    pub async fn send(
        &self,
        url: &str,
        request: Request,
        identity: &Identity,
        signing: Signing<'_>,
        refusal: impl Fn(&Answer) -> Option<Refusal> + Send + Sync + 'static,
    ) -> Result<Answer, SendError> {
        let operation = Operation::builder()
            .service_name(signing.name.to_owned())
            .operation_name("call")
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(url)
            .standard_retry(&self.retry)
            .retry_classifier(
                AwsErrorCodeClassifier::<Refused>::builder().transient_errors(TRANSIENT).build(),
            )
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .retry_classifier(HttpStatusCodeClassifier::new_from_codes(TRY_AGAIN))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(self.attempt)
                    .operation_timeout(self.call)
                    .build(),
            )
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .with_connection_poisoning()
            .runtime_plugin(signer::signer(identity, signing))
            .serializer(to_http)
            .deserializer(move |response: &HttpResponse| {
                let answer = from_http(response);
                let Some(refusal) = refusal(&answer) else { return Ok(answer) };
                let metadata = ErrorMetadata::builder().code(&refusal.code).message(&refusal.message).build();
                Err(OrchestratorError::operation(Refused { refusal, metadata }))
            })
            .build();
        // Boxed: the official runtime's future is deep, and everything that waits for it would be deeper.
        Box::pin(operation.invoke(request)).await.map_err(SendError::from)
    }
}

fn to_http(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(&request.method)?;
    http.set_uri(request.target)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    http.headers_mut().try_insert("user-agent", concat!("trailpost/", env!("CARGO_PKG_VERSION")))?;
    Ok(http)
}

fn from_http(response: &HttpResponse) -> Answer {
    let headers = response.headers().iter();
    Answer {
        status: response.status().as_u16(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: response.body().bytes().unwrap_or_default().to_vec(),
    }
}
