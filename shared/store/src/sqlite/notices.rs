//! Notices: due, held, done or refused. Each step is one conditional statement, so that two processes cannot both
//! take it.

use engine::ports::{Lease, StoreError};
use model::{FindingId, Notice, NoticeId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, params};

use super::{failed, rows};
use crate::listing::stamp;

pub(super) fn due(connection: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
    let mut select = connection
        .prepare_cached(
            "SELECT id, finding_id, channel FROM notices WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
        )
        .map_err(failed)?;
    let found = select
        .query_map(params![stamp(now), rows(limit)], |row| {
            Ok(Notice {
                id: NoticeId::from_text(row.get::<_, String>(0)?),
                finding_id: FindingId::from_text(row.get::<_, String>(1)?),
                channel: row.get(2)?,
            })
        })
        .map_err(failed)?;
    found.collect::<rusqlite::Result<_>>().map_err(failed)
}

pub(super) fn lease(
    connection: &Connection,
    notice: &Notice,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>, StoreError> {
    // `until` and not `due_at`: a notice that nobody held yet may be taken at once, even by a clock that is behind
    // the one that made it.
    let epoch = connection
        .prepare_cached(
            "UPDATE notices SET state = 'held', owner = ?1, epoch = epoch + 1, until = ?2, due_at = ?2
             WHERE id = ?3 AND state IN ('due', 'held') AND (until IS NULL OR until <= ?4) RETURNING epoch",
        )
        .and_then(|mut update| {
            update
                .query_row(params![owner, stamp(until), notice.id.as_str(), stamp(now)], |row| row.get(0))
                .optional()
        })
        .map_err(failed)?;
    Ok(epoch.map(|epoch: i64| Lease { notice: notice.clone(), epoch: epoch.unsigned_abs() }))
}

pub(super) fn settle(
    connection: &Connection,
    lease: &Lease,
    refused: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let end = if refused.is_some() { "refused" } else { "done" };
    fenced(
        connection,
        lease,
        "UPDATE notices SET state = ?3, settled_at = ?4, reason = ?5, until = NULL, due_at = NULL
         WHERE id = ?1 AND epoch = ?2 AND state IN ('held', ?3)",
        params![lease.notice.id.as_str(), epoch(lease), end, stamp(now), refused],
    )
}

pub(super) fn release(connection: &Connection, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
    fenced(
        connection,
        lease,
        "UPDATE notices SET state = 'due', until = ?3, due_at = ?3
         WHERE id = ?1 AND epoch = ?2 AND state IN ('held', 'due')",
        params![lease.notice.id.as_str(), epoch(lease), stamp(retry_at)],
    )
}

/// Runs `sql`, which changes the notice only while nobody else took it after `lease`.
fn fenced(connection: &Connection, lease: &Lease, sql: &str, values: impl Params) -> Result<(), StoreError> {
    let changed =
        connection.prepare_cached(sql).and_then(|mut update| update.execute(values)).map_err(failed)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict(lease.notice.id.to_string())) }
}

/// The epoch as SQLite counts.
fn epoch(lease: &Lease) -> i64 {
    i64::try_from(lease.epoch).unwrap_or(i64::MAX)
}
