//! Documents as the databases keep them: one JSON text each, beside the columns that are copied out of it.

use engine::ports::{KeptMutes, StoreError};
use model::{MuteRecord, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The JSON text of `value`.
pub(crate) fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unusable(format!("a document cannot be written: {error}")))
}

/// Reads back what [`write`] wrote under `key`.
pub(crate) fn read<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Corrupt { key: key.to_owned(), reason: error.to_string() })
}

/// Reads a mute back and puts it where it belongs.
pub(crate) fn sort_mute(kept: &mut KeptMutes, id: String, text: &str) {
    match serde_json::from_str::<MuteRecord>(text) {
        Ok(record) if record.mute.id == id => kept.records.push(record),
        Ok(_) => kept.unreadable.push((id, "it holds the mute of another id".to_owned())),
        Err(error) => kept.unreadable.push((id, error.to_string())),
    }
}

/// The word of a status, as documents and columns have it.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Resolved => "resolved",
    }
}
