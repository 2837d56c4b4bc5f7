//! Which shards of a scan are done.

use std::collections::BTreeSet;

use engine::ports::StoreError;
use model::Timestamp;
use rusqlite::{Connection, params};

use super::failed;
use crate::listing::stamp;

pub(super) fn finish(
    connection: &Connection,
    scan: &str,
    shard: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO shards (scan, shard, done_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .and_then(|mut insert| insert.execute(params![scan, shard, stamp(now)]))
        .map(drop)
        .map_err(failed)
}

pub(super) fn finished(connection: &Connection, scan: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut select = connection.prepare_cached("SELECT shard FROM shards WHERE scan = ?").map_err(failed)?;
    let found = select.query_map([scan], |row| row.get(0)).map_err(failed)?;
    found.collect::<rusqlite::Result<_>>().map_err(failed)
}

pub(super) fn forget(connection: &Connection, scan: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM shards WHERE scan = ?", [scan]).map(drop).map_err(failed)
}
