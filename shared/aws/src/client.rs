//! Sending: signed, with the standard retries and time-outs of the official runtime.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
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
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use engine::ports::{Cause, ReadError};

use crate::protocol::{Refusal, Request};

/// Tries of one call, the first included.
const ATTEMPTS: u32 = 5;
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(90);

/// An answer with its body in memory.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// How a request is signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signing<'a> {
    pub(crate) name: &'a str,
    pub(crate) region: &'a str,
}

/// What the credentials of one account are, resolved once and renewed before they end.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    provider: SharedCredentialsProvider,
    cache: SharedIdentityCache,
}

impl Identity {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, cache: IdentityCache::lazy().build() }
    }
}

/// Sends requests.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: SharedHttpClient,
    retry: RetryConfig,
    attempt: Duration,
    call: Duration,
}

/// The way to the network that everything here shares: the roots are part of the program.
pub(crate) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// What the official runtime takes for an error of the service, so that it knows what to try again.
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

impl Client {
    pub(crate) fn new(http: SharedHttpClient) -> Self {
        Self {
            http,
            retry: RetryConfig::standard().with_max_attempts(ATTEMPTS),
            attempt: ATTEMPT,
            call: CALL,
        }
    }

    /// The same with another pause before the first repetition.
    #[must_use]
    pub(crate) fn with_backoff(mut self, pause: Duration) -> Self {
        self.retry = self.retry.with_initial_backoff(pause);
        self
    }

    /// The same that waits so long for one answer, and twice as long for all tries.
    #[must_use]
    pub(crate) fn with_patience(mut self, patience: Duration) -> Self {
        self.attempt = patience;
        self.call = patience * 2;
        self
    }

    /// Sends `request` to `url`. `refusal` reads the error in an answer; `None` if it is one of success.
    #[expect(clippy::result_large_err, reason = "the official runtime asks for this error")]
    pub(crate) async fn send(
        &self,
        url: &str,
        request: Request,
        identity: &Identity,
        signing: Signing<'_>,
        refusal: impl Fn(&Answer) -> Option<Refusal> + Send + Sync + 'static,
    ) -> Result<Answer, ReadError> {
        let operation = Operation::builder()
            .service_name(signing.name.to_owned())
            .operation_name("read")
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
            .runtime_plugin(signer(identity, signing))
            .serializer(|request: Request| to_http(request).map_err(Into::into))
            .deserializer(move |response: &HttpResponse| {
                let answer = from_http(response);
                let Some(Refusal { code, message }) = refusal(&answer) else { return Ok(answer) };
                let metadata = ErrorMetadata::builder().code(&code).message(&message).build();
                Err(OrchestratorError::operation(Refused { code, message, metadata }))
            })
            .build();
        // Boxed: the official runtime's future is deep, and everything that waits for it would be deeper.
        Box::pin(operation.invoke(request)).await.map_err(|error| classified(&error))
    }
}

/// Has requests signed with Signature Version 4,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>. S3 signs the path as it is sent.
fn signer(identity: &Identity, signing: Signing<'_>) -> StaticRuntimePlugin {
    let s3 = signing.name == "s3";
    let mut options = SigningOptions::default();
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3;
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(aws_types::region::Region::new(signing.region.to_owned()))),
        name: Some(SigningName::from(signing.name.to_owned())),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_identity_cache(Some(identity.cache.clone()))
        .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(identity.provider.clone()));
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn to_http(request: Request) -> Result<HttpRequest, ReadError> {
    let odd = |error: &dyn std::fmt::Display| ReadError::failed("Request", error.to_string());
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(&request.method).map_err(|error| odd(&error))?;
    http.set_uri(request.target).map_err(|error| odd(&error))?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value).map_err(|error| odd(&error))?;
    }
    let agent = concat!("trailpost/", env!("CARGO_PKG_VERSION"));
    http.headers_mut().try_insert("user-agent", agent).map_err(|error| odd(&error))?;
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

/// Codes that say that somebody may not, <https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html>
/// and the common errors of the services.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedFault",
    "AccountNotManagementOrDelegatedAdministratorException",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "AWSOrganizationsNotInUseException",
    "ExpiredToken",
    "ExpiredTokenException",
    "Forbidden",
    "ForbiddenException",
    "Http403",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "KMSAccessDeniedFault",
    "NotAuthorized",
    "NotAuthorizedException",
    "SignatureDoesNotMatch",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes that say that there is no such thing here.
const UNSUPPORTED: &[&str] = &[
    "InvalidAction",
    "InvalidRegion",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
    "UnsupportedProtocol",
];

/// Codes that ask for patience, besides those that the official runtime knows.
const THROTTLED: &[&str] =
    &["Http429", "Http503", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable"];

/// Codes of what may be over the next time: those of the official runtime, and S3's for an error that it finds when it
/// has said 200 already.
const TRANSIENT: &[&str] = &["InternalError", "RequestTimeout", "RequestTimeoutException"];

/// Statuses of what may be over the next time: those of the official runtime, and a demand for patience without a code.
const TRY_AGAIN: &[u16] = &[429, 500, 502, 503, 504];

/// An error by what to do about it.
pub(crate) fn cause(code: &str) -> Cause {
    let plain = code.strip_prefix("Client.").unwrap_or(code);
    if DENIED.contains(&plain) {
        Cause::Denied
    } else if THROTTLED.contains(&plain)
        || aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&plain)
    {
        Cause::Throttled
    } else if UNSUPPORTED.contains(&plain) {
        Cause::Unsupported
    } else {
        Cause::Failed
    }
}

fn classified(error: &SdkError<Refused, HttpResponse>) -> ReadError {
    if let Some(refused) = error.as_service_error() {
        return ReadError {
            cause: cause(&refused.code),
            code: refused.code.clone(),
            message: refused.message.clone(),
        };
    }
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    let mut no_credentials = false;
    while let Some(inner) = source {
        if !no_credentials && inner.is::<CredentialsError>() {
            // What stands before is about a request that was never sent.
            no_credentials = true;
            message = inner.to_string();
        } else {
            message = format!("{message}: {inner}");
        }
        source = inner.source();
    }
    if no_credentials {
        return ReadError { cause: Cause::Denied, code: "NoCredentials".into(), message };
    }
    match error {
        SdkError::TimeoutError(_) => ReadError::failed("Timeout", message),
        // A host that no name server knows: the service is not in that region.
        SdkError::DispatchFailure(_)
            if message.contains("dns error") || message.contains("failed to lookup") =>
        {
            ReadError { cause: Cause::Unsupported, code: "NoEndpoint".into(), message }
        }
        SdkError::DispatchFailure(_) => ReadError::failed("Connection", message),
        SdkError::ConstructionFailure(_)
            if message.contains("credentials") || message.contains("identity") =>
        {
            ReadError { cause: Cause::Denied, code: "NoCredentials".into(), message }
        }
        _ => ReadError::failed("Answer", message),
    }
}
