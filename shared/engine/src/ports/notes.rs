//! What use cases keep for themselves from one run to the next: how far they came, what they have seen.

use std::time::Duration;

use async_trait::async_trait;
use model::Timestamp;

use super::StoreError;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Tells it from the others of its scope.
    pub key: String,
    /// What it says. That is the use case's affair.
    pub doc: String,
}

/// Keeps notes: short texts, each under a key in a scope, for a time.
#[async_trait]
pub trait Notes: Send + Sync {
    /// Writes notes of a scope, each in the place of the one that has its key. They are needed for `stay` from `now` on;
    /// a store may keep them longer.
    async fn write_notes(
        &self,
        scope: &str,
        notes: &[Note],
        stay: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The note of a scope that has this key.
    async fn note(&self, scope: &str, key: &str) -> Result<Option<String>, StoreError>;

    /// All notes of a scope, in the order of their keys' bytes.
    async fn notes(&self, scope: &str) -> Result<Vec<Note>, StoreError>;
}
