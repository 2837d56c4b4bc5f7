//! The sink port's adapters: where people and programs hear of findings.
//!
//! What a message says and how it is sent are apart: [`text`], [`chat`] and [`document`] turn findings and digests into
//! a [`Message`] without any I/O; [`Sns`], [`EventBridge`] and [`SecurityHub`] send. Without the feature
//! `send` there are only the mails.

#[cfg(feature = "send")]
mod attributes;
#[cfg(feature = "send")]
mod call;
#[cfg(feature = "send")]
pub mod chat;
#[cfg(feature = "send")]
pub mod document;
#[cfg(feature = "send")]
mod eventbridge;
#[cfg(feature = "send")]
mod security_hub;
#[cfg(feature = "send")]
mod sns;
pub mod text;
#[cfg(feature = "send")]
mod topic;

#[cfg(test)]
mod samples;

#[cfg(feature = "send")]
pub use call::{Caller, Endpoint};
#[cfg(feature = "send")]
pub use eventbridge::EventBridge;
#[cfg(feature = "send")]
pub use security_hub::{Members, SecurityHub};
#[cfg(feature = "send")]
pub use sns::Sns;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The subject line of an e-mail; empty for a message that only programs read.
    pub subject: String,
    /// The text, or the JSON document.
    pub body: String,
}
