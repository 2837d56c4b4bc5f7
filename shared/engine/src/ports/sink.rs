//! Where people and programs hear of findings.

use async_trait::async_trait;
use model::{Finding, NoticeId};

use crate::notify::Digest;

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

impl SinkError {
    /// Nothing was said of the message.
    pub fn unanswered(channel: &str) -> Self {
        Self::Unavailable { channel: channel.to_owned(), reason: "no answer for this message".into() }
    }

    /// The same failure, for another message that went with this one.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Unavailable { channel, reason } => {
                Self::Unavailable { channel: channel.clone(), reason: reason.clone() }
            }
            Self::Refused { channel, reason } => {
                Self::Refused { channel: channel.clone(), reason: reason.clone() }
            }
        }
    }
}

/// Delivers messages to one channel.
#[async_trait]
pub trait Sink: Send + Sync {
    /// The channel's name, as notices carry it.
    fn channel(&self) -> &str;

    /// How many messages one call takes; more are never handed over.
    fn most(&self) -> usize {
        1
    }

    /// Whether people read it: then many findings at once become a digest, and it can wait for the morning. A channel
    /// that feeds another system gets every finding by itself, at once.
    fn is_for_people(&self) -> bool {
        true
    }

    /// Delivers messages, each by itself: one that fails never takes another with it. The answers are in their order.
    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>>;

    /// Delivers one message about many findings. Only channels for people are asked; another refuses.
    async fn digest(&self, digest: &Digest) -> Result<(), SinkError> {
        let _ = digest;
        let reason = "findings go there one by one".to_owned();
        Err(SinkError::Refused { channel: self.channel().to_owned(), reason })
    }
}
