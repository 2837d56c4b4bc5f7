//! The way to the network, and what failures on it mean.

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use engine::ports::{Cause, ReadError};
use signed::SendError;

/// The way to the network that everything here shares: the roots are part of the program.
pub(crate) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
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

/// An error by what to do about it.
fn cause(code: &str) -> Cause {
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

/// A failure as the port tells it.
pub(crate) fn classified(error: SendError) -> ReadError {
    let told = |cause, code: &str, message| ReadError { cause, code: code.to_owned(), message };
    match error {
        SendError::Refused(refusal) => told(cause(&refusal.code), &refusal.code, refusal.message),
        SendError::NoCredentials(message) => told(Cause::Denied, "NoCredentials", message),
        SendError::NoHost(message) => told(Cause::Unsupported, "NoEndpoint", message),
        SendError::Timeout(message) => ReadError::failed("Timeout", message),
        SendError::Connection(message) => ReadError::failed("Connection", message),
        SendError::Other(message) => ReadError::failed("Answer", message),
    }
}
