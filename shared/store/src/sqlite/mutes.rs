//! Mutes, those that have ended too.

use async_trait::async_trait;
use engine::ports::{KeptMutes, MuteStore, StoreError};
use model::MuteRecord;
use rusqlite::params;

use super::{Sqlite, failed};
use crate::document;

#[async_trait]
impl MuteStore for Sqlite {
    async fn mutes(&self) -> Result<KeptMutes, StoreError> {
        let connection = self.connection();
        let mut select =
            connection.prepare_cached("SELECT id, doc FROM mutes ORDER BY id").map_err(failed)?;
        let rows = select
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .map_err(failed)?;
        let mut kept = KeptMutes::default();
        for row in rows {
            let (id, doc) = row.map_err(failed)?;
            document::sort_mute(&mut kept, id, &doc);
        }
        Ok(kept)
    }

    async fn put_mute(&self, record: &MuteRecord) -> Result<bool, StoreError> {
        let doc = document::write(record)?;
        let revision = i64::try_from(record.revision).unwrap_or(i64::MAX);
        let connection = self.connection();
        let written = if revision == 1 {
            connection
                .prepare_cached(
                    "INSERT INTO mutes (id, revision, doc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                )
                .and_then(|mut insert| insert.execute(params![record.mute.id, revision, doc]))
        } else {
            connection
                .prepare_cached(
                    "UPDATE mutes SET revision = ?2, doc = ?3 WHERE id = ?1 AND revision = ?2 - 1",
                )
                .and_then(|mut update| update.execute(params![record.mute.id, revision, doc]))
        };
        Ok(written.map_err(failed)? == 1)
    }
}
