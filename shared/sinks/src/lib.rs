//! The sink port's adapters: where people and programs hear of findings.
//!
//! What a message says and how it is sent are apart: [`text`], [`chat`] and [`document`] turn findings and digests into
//! a [`Message`] without any I/O; [`Sns`], [`EventBridge`] and [`SecurityHub`] send.

mod attributes;
mod call;
pub mod chat;
pub mod document;
mod eventbridge;
mod security_hub;
mod sns;
pub mod text;
mod topic;

#[cfg(test)]
mod samples;

pub use call::{Caller, Endpoint};
pub use eventbridge::EventBridge;
pub use security_hub::{Members, SecurityHub};
pub use sns::Sns;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The subject line of an e-mail; empty for a message that only programs read.
    pub subject: String,
    /// The text, or the JSON document.
    pub body: String,
}
