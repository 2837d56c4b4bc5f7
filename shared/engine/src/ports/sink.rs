//! Where people and programs hear of findings.

use async_trait::async_trait;
use model::{Finding, NoticeId};

/// One message about one finding.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The notice: the same on every try, so that a receiver can tell a repetition.
    pub notice: &'a NoticeId,
    /// The finding as it is now.
    pub finding: &'a Finding,
    /// What the rule says about it; `None` for a rule that is not loaded here.
    pub rule: Option<&'a rules::Meta>,
}

/// Why a message was not delivered, by what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Try again later.
    #[error("{channel} is not to be reached now: {reason}")]
    Unavailable {
        /// The channel.
        channel: String,
        /// What it said.
        reason: String,
    },
    /// Trying again cannot help.
    #[error("{channel} refuses the message: {reason}")]
    Refused {
        /// The channel.
        channel: String,
        /// What it said.
        reason: String,
    },
}

/// Delivers messages to one channel.
#[async_trait]
pub trait Sink: Send + Sync {
    /// The channel's name, as notices carry it.
    fn channel(&self) -> &str;

    /// Delivers one message.
    async fn deliver(&self, delivery: Delivery<'_>) -> Result<(), SinkError>;
}
