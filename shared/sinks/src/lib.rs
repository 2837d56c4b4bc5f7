//! The sink port's adapters: where people and programs hear of findings.
//!
//! What a message says and how it is sent are apart: [`text`] and [`document`] turn a delivery into a [`Message`]
//! without any I/O, and [`SnsText`] and [`SnsJson`] publish one to a topic.

mod attributes;
pub mod document;
mod sns_json;
mod sns_text;
pub mod text;
mod topic;

#[cfg(test)]
mod samples;

pub use sns_json::SnsJson;
pub use sns_text::SnsText;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The subject line of an e-mail; empty for a message that only programs read.
    pub subject: String,
    /// The text, or the JSON document.
    pub body: String,
}
