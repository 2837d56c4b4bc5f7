//! The sink port's adapters: where people and programs hear of findings.
//!
//! What a message says and how it is sent are apart: [`text`] and [`document`] turn a delivery into a [`Message`]
//! without any I/O, and [`SnsText`] and [`SnsJson`] publish one to a topic. Without the feature `sns` there are only the
//! mails.

#[cfg(feature = "sns")]
mod attributes;
#[cfg(feature = "sns")]
pub mod document;
#[cfg(feature = "sns")]
mod sns_json;
#[cfg(feature = "sns")]
mod sns_text;
pub mod text;
#[cfg(feature = "sns")]
mod topic;

#[cfg(test)]
mod samples;

#[cfg(feature = "sns")]
pub use sns_json::SnsJson;
#[cfg(feature = "sns")]
pub use sns_text::SnsText;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The subject line of an e-mail; empty for a message that only programs read.
    pub subject: String,
    /// The text, or the JSON document.
    pub body: String,
}
