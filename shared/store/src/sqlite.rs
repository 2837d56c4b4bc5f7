//! One SQLite file: the store of a laptop. `sqlite3 findings.db` shows it: plain columns, and a JSON `doc` beside them.
//!
//! Calls block for as long as SQLite does, which is microseconds, or until the busy timeout when another process
//! writes a large batch.

mod assess;
mod digests;
mod inventory;
mod mutes;
mod notes;
mod notices;
mod quarantine;
mod query;
mod record;
mod schema;
mod shards;
mod windows;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::ports::{Assessed, Entry, FindingQuery, Kind, Lease, Page, Recorded, Store, StoreError, Window};
use model::{
    Assessment, Closing, Finding, FindingId, Line, Notice, NoticeId, NoticePolicy, Occurrence, Poison,
    Sighting, Timestamp,
};
use rusqlite::{Connection, ErrorCode};

/// Findings in one SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Mutex<Connection>,
}

impl Sqlite {
    /// Opens the file at `path`; makes it, and its folder, where there is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: Mutex::new(schema::open(path)?) })
    }

    /// The connection. A panic elsewhere while it was locked rolled its transaction back, so it can be used on.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a failure of SQLite means for the caller.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which passes the error itself")]
fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Unavailable(error.to_string())
        }
        _ => StoreError::Unusable(error.to_string()),
    }
}

/// A limit as SQLite counts.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[async_trait]
impl Store for Sqlite {
    async fn record(
        &self,
        sightings: &[Sighting],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        record::record(&mut self.connection(), sightings, policy, now)
    }

    async fn assess(
        &self,
        assessments: &[Assessment],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Assessed>, StoreError> {
        assess::assess(&mut self.connection(), assessments, policy, now)
    }

    async fn close(&self, id: &FindingId, closing: &Closing) -> Result<Option<Finding>, StoreError> {
        assess::close(&mut self.connection(), id, closing)
    }

    async fn standing(&self, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
        assess::standing(&self.connection(), kind)
    }

    async fn finish_shard(&self, scan: &str, shard: &str, now: Timestamp) -> Result<(), StoreError> {
        shards::finish(&self.connection(), scan, shard, now)
    }

    async fn finished_shards(&self, scan: &str) -> Result<BTreeSet<String>, StoreError> {
        shards::finished(&self.connection(), scan)
    }

    async fn forget_shards(&self, scan: &str) -> Result<(), StoreError> {
        shards::forget(&self.connection(), scan)
    }

    async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        query::finding(&self.connection(), id)
    }

    async fn findings_among(&self, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError> {
        let connection = self.connection();
        ids.iter().filter_map(|id| query::finding(&connection, id).transpose()).collect()
    }

    async fn findings(&self, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
        query::findings(&self.connection(), query)
    }

    async fn occurrences(&self, id: &FindingId, limit: usize) -> Result<Vec<Occurrence>, StoreError> {
        query::occurrences(&self.connection(), id, limit)
    }

    async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
        notices::due(&self.connection(), now, limit)
    }

    async fn lease(
        &self,
        notice: &Notice,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        notices::lease(&self.connection(), notice, owner, now, until)
    }

    async fn settle(&self, lease: &Lease, refused: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        notices::settle(&self.connection(), lease, refused, now)
    }

    async fn release(&self, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
        notices::release(&self.connection(), lease, retry_at)
    }

    async fn admit(
        &self,
        span: &str,
        notice: &NoticeId,
        places: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        digests::admit(&mut self.connection(), span, notice, places, now)
    }

    async fn bundle(
        &self,
        digest: &Notice,
        at: Timestamp,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        digests::bundle(&mut self.connection(), digest, at, lines, now)
    }

    async fn bundled(&self, digest: &NoticeId, limit: usize) -> Result<Vec<Line>, StoreError> {
        digests::bundled(&self.connection(), digest, limit)
    }

    async fn quarantine(&self, poison: &Poison) -> Result<bool, StoreError> {
        quarantine::put(&self.connection(), poison)
    }

    async fn quarantined(&self, sha256: &str) -> Result<Option<Poison>, StoreError> {
        quarantine::get(&self.connection(), sha256)
    }

    async fn observe(&self, windows: &[Window], now: Timestamp) -> Result<Vec<Vec<Entry>>, StoreError> {
        windows::observe(&mut self.connection(), windows, now)
    }
}
