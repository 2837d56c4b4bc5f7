//! What use cases keep for themselves.

use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{Note, Notes, StoreError};
use model::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Sqlite, failed};
use crate::listing::stamp;

const WRITE: &str = "INSERT INTO notes (scope, key, expires_at, doc) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at, doc = excluded.doc";

#[async_trait]
impl Notes for Sqlite {
    async fn write_notes(
        &self,
        scope: &str,
        notes: &[Note],
        stay: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute("DELETE FROM notes WHERE expires_at < ?", [stamp(now)]).map_err(failed)?;
        for Note { key, doc } in notes {
            transaction
                .prepare_cached(WRITE)
                .and_then(|mut write| write.execute(params![scope, key, stamp(now + stay), doc]))
                .map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    async fn note(&self, scope: &str, key: &str) -> Result<Option<String>, StoreError> {
        self.connection()
            .prepare_cached("SELECT doc FROM notes WHERE scope = ? AND key = ?")
            .and_then(|mut select| select.query_row([scope, key], |row| row.get(0)).optional())
            .map_err(failed)
    }

    async fn notes(&self, scope: &str) -> Result<Vec<Note>, StoreError> {
        let connection = self.connection();
        let mut select = connection
            .prepare_cached("SELECT key, doc FROM notes WHERE scope = ? ORDER BY key")
            .map_err(failed)?;
        let notes = select
            .query_map([scope], |row| Ok(Note { key: row.get(0)?, doc: row.get(1)? }))
            .map_err(failed)?;
        notes.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}
