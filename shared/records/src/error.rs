//! When the input itself cannot be read.

use std::io;

use crate::problem::Reason;

/// The input itself cannot be read. What is wrong with its content is a [`Problem`](crate::Problem) instead.
#[derive(Debug, thiserror::Error)]
#[error("{name}: cannot be read: {error}; check that it is there and that you may read it")]
pub struct ReadError {
    /// The file or folder.
    pub name: String,
    /// What the system said.
    #[source]
    pub error: io::Error,
}

impl ReadError {
    pub(crate) fn new(name: impl Into<String>, error: io::Error) -> Self {
        Self { name: name.into(), error }
    }
}

/// Marks an error of the input, so that it is told from one of a decoder that sits on it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InputError(pub(crate) io::Error);

/// Tells what is wrong with the content from a failure of the input below it.
pub(crate) fn cause(error: io::Error, name: &str) -> Result<Reason, ReadError> {
    let kind = error.kind();
    let text = error.to_string();
    let Some(inner) = error.into_inner() else { return Ok(fault(kind, text)) };
    match inner.downcast::<InputError>() {
        Ok(input) => Err(ReadError::new(name, input.0)),
        Err(other) => Ok(other.downcast::<Reason>().map_or_else(|_| fault(kind, text), |reason| *reason)),
    }
}

fn fault(kind: io::ErrorKind, text: String) -> Reason {
    match kind {
        io::ErrorKind::UnexpectedEof => Reason::Truncated,
        _ => Reason::Decompression(text),
    }
}
