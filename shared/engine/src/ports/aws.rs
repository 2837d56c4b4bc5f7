//! Asking AWS about accounts: reads only.

use std::fmt;

use async_trait::async_trait;
use catalog::resource::Operation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where something is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The account's id.
    pub account: String,
    /// The region's name.
    pub region: String,
}

/// Why something could not be read, by what it takes to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A permission is missing.
    Denied,
    /// The service asked for patience, and went on doing so.
    Throttled,
    /// The service, or the operation, does not exist there, or the account has not subscribed to it.
    Unsupported,
    /// Anything else: out of reach, an error of the service, an answer that makes no sense.
    Failed,
}

impl Cause {
    /// The word for it, as in holes of documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "Denied",
            Self::Throttled => "Throttled",
            Self::Unsupported => "Unsupported",
            Self::Failed => "Failed",
        }
    }
}

/// A read that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadError {
    /// Why, by what to do about it.
    pub cause: Cause,
    /// The service's error code, or a word of the reader's own.
    pub code: String,
    /// What was said.
    pub message: String,
}

impl ReadError {
    /// A failure that is no answer of a service.
    pub fn failed(code: &str, message: impl Into<String>) -> Self {
        Self { cause: Cause::Failed, code: code.to_owned(), message: message.into() }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.cause.as_str(), self.code, self.message)
    }
}

impl std::error::Error for ReadError {}

/// Asks AWS.
#[async_trait]
pub trait Aws: Send + Sync {
    /// Asks for all pages of an operation's answer: the document as the AWS CLI prints it.
    ///
    /// # Errors
    /// Why it could not be read. What came before a page that failed is not handed out: half a list is no list.
    async fn read(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Value, ReadError>;

    /// The actions of IAM that the operation needs, unless a row names others. Most are called as the operation.
    fn permissions(&self, operation: &Operation) -> Vec<String> {
        vec![operation.to_string()]
    }

    /// Whether the service is known to have one endpoint for all regions of the partition of `region`.
    fn is_global(&self, service: &str, region: &str) -> bool {
        let _ = (service, region);
        false
    }

    /// Whether the service is known not to be in that region.
    fn is_absent(&self, service: &str, region: &str) -> bool {
        let _ = (service, region);
        false
    }
}
