//! Records that could not be judged, byte for byte.

use engine::ports::StoreError;
use model::{Poison, Untrusted};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use crate::column::column;

/// `false`: it was there.
pub(super) fn put(connection: &Connection, poison: &Poison) -> Result<bool, StoreError> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO quarantine (sha256, received_at, lane, reason, bytes) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                poison.sha256,
                poison.received_at.to_string(),
                column(&poison.lane),
                poison.reason,
                poison.bytes
            ])
        })
        .map_err(failed)?;
    Ok(inserted == 1)
}

pub(super) fn get(connection: &Connection, sha256: &str) -> Result<Option<Poison>, StoreError> {
    let found = connection
        .prepare_cached("SELECT received_at, lane, reason, bytes FROM quarantine WHERE sha256 = ?")
        .and_then(|mut select| {
            select
                .query_row([sha256], |row| {
                    let received_at: String = row.get(0)?;
                    let lane: String = row.get(1)?;
                    Ok((received_at, lane, row.get(2)?, row.get(3)?))
                })
                .optional()
        })
        .map_err(failed)?;
    found
        .map(|(received_at, lane, reason, bytes)| {
            let received_at = received_at.parse().map_err(|_| StoreError::Corrupt {
                key: sha256.to_owned(),
                reason: format!("{received_at:?} is no time"),
            })?;
            Ok(Poison { sha256: sha256.to_owned(), bytes, reason, lane: Untrusted::new(lane), received_at })
        })
        .transpose()
}
