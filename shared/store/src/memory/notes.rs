//! Notes in memory.

use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{Note, Notes, StoreError};
use model::Timestamp;

use super::Memory;

#[async_trait]
impl Notes for Memory {
    async fn write_notes(
        &self,
        scope: &str,
        notes: &[Note],
        _: Duration,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let of_scope = kept.notes.entry(scope.to_owned()).or_default();
        of_scope.extend(notes.iter().map(|note| (note.key.clone(), note.doc.clone())));
        Ok(())
    }

    async fn note(&self, scope: &str, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.kept().notes.get(scope).and_then(|notes| notes.get(key)).cloned())
    }

    async fn notes(&self, scope: &str) -> Result<Vec<Note>, StoreError> {
        let kept = self.kept();
        let notes = kept.notes.get(scope).into_iter().flatten();
        Ok(notes.map(|(key, doc)| Note { key: key.clone(), doc: doc.clone() }).collect())
    }
}
