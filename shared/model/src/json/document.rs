//! A JSON text that is kept, with what was found in it.

use super::tape::{ParseError, Tape};
use super::value::Value;

/// A JSON text with its tape, for documents that are kept.
#[derive(Debug, Clone, Default)]
pub struct Document {
    bytes: Vec<u8>,
    tape: Tape,
}

impl Document {
    /// Reads `bytes` as one JSON value.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, ParseError> {
        let bytes = bytes.into();
        let mut tape = Tape::default();
        // What is kept is mostly short texts in objects: few have more values than one in eight bytes.
        tape.nodes.reserve(bytes.len() / 8);
        tape.parse(&bytes)?;
        Ok(Self { bytes, tape })
    }

    /// The value.
    pub fn root(&self) -> Value<'_> {
        self.tape.root(&self.bytes)
    }

    /// A key that stands twice in one object.
    pub fn ambiguous(&self) -> Option<String> {
        self.tape.ambiguous(&self.bytes)
    }

    /// The text that was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
