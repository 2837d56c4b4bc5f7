//! Why a call brought nothing.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

/// An error of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Its code, such as `AccessDenied`; the status where the body has none.
    pub code: String,
    /// What it says.
    pub message: String,
}

/// Why a call brought nothing, with what was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The service answered with an error.
    #[error("{}: {}", .0.code, .0.message)]
    Refused(Refusal),
    /// There are no credentials to sign with.
    #[error("no credentials: {0}")]
    NoCredentials(String),
    /// It took too long.
    #[error("timed out: {0}")]
    Timeout(String),
    /// No name server knows the host: the service is not in that region.
    #[error("no such host: {0}")]
    NoHost(String),
    /// There is no way to the host.
    #[error("no connection: {0}")]
    Connection(String),
    /// Anything else: an answer that makes no sense.
    #[error("{0}")]
    Other(String),
}

/// What the official runtime takes for an error of the service, so that it knows what to try again.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", refusal.code, refusal.message)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) metadata: ErrorMetadata,
}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl From<SdkError<Refused, HttpResponse>> for SendError {
    fn from(error: SdkError<Refused, HttpResponse>) -> Self {
        if let Some(refused) = error.as_service_error() {
            return Self::Refused(refused.refusal.clone());
        }
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
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
        let says = |word: &str| message.contains(word);
        match error {
            _ if no_credentials => Self::NoCredentials(message),
            SdkError::TimeoutError(_) => Self::Timeout(message),
            SdkError::DispatchFailure(_) if says("dns error") || says("failed to lookup") => {
                Self::NoHost(message)
            }
            SdkError::DispatchFailure(_) => Self::Connection(message),
            SdkError::ConstructionFailure(_) if says("credentials") || says("identity") => {
                Self::NoCredentials(message)
            }
            _ => Self::Other(message),
        }
    }
}
