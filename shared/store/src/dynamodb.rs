//! Four DynamoDB tables: the store of a deployment.
//!
//! - [`schema`]: the tables, their keys and indexes, as `template.yaml` makes them
//! - `keys`, `items`: what stands in them
//! - `record`: one transaction for what belongs together
//! - `assess`, `standing`: findings about resources, and which are open
//! - `close`: findings that a person closes
//! - `inventory`: states, timelines, and the reads that are due
//! - `query`, `notices`, `quarantine`, `windows`, `mutes`: the other calls
//! - `stream`: what the stream of the findings table tells `notify`
//! - `notes`: what use cases keep for themselves
//! - `failure`: what DynamoDB's answers mean for the caller

mod assess;
mod backoff;
mod close;
mod digests;
mod failure;
mod inventory;
mod items;
mod keys;
mod mutes;
mod notes;
mod notices;
mod packed;
mod quarantine;
mod query;
mod read;
mod record;
pub mod schema;
mod shards;
mod standing;
mod stream;
mod windows;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use engine::ports::{
    Assessed, Clock, Entry, FindingQuery, Kind, Lease, Page, Recorded, Store, StoreError, SystemClock, Window,
};
use model::{
    Assessment, Closing, Finding, FindingId, Line, Notice, NoticeId, NoticePolicy, Occurrence, Poison,
    Sighting, Timestamp,
};

pub use stream::due_notice;

/// Findings and the inventory in DynamoDB tables.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    findings: String,
    states: String,
    timeline: String,
    ops: String,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DynamoDb")
            .field("findings", &self.findings)
            .field("ops", &self.ops)
            .finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// The store in the tables whose names begin with `prefix`. Nothing is asked of DynamoDB yet.
    pub fn new(client: Client, prefix: &str) -> Self {
        Self {
            client,
            findings: schema::FINDINGS.name(prefix),
            states: schema::STATES.name(prefix),
            timeline: schema::TIMELINE.name(prefix),
            ops: schema::OPS.name(prefix),
            clock: Arc::new(SystemClock),
        }
    }

    /// With another clock than the machine's. Only reads ask it, to leave out what has expired: DynamoDB deletes
    /// that late.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl Store for DynamoDb {
    async fn record(
        &self,
        sightings: &[Sighting],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        record::record(self, sightings, policy, now).await
    }

    async fn assess(
        &self,
        assessments: &[Assessment],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Assessed>, StoreError> {
        assess::assess(self, assessments, policy, now).await
    }

    async fn close(&self, id: &FindingId, closing: &Closing) -> Result<Option<Finding>, StoreError> {
        close::close(self, id, closing).await
    }

    async fn standing(&self, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
        standing::standing(self, kind).await
    }

    async fn finish_shard(&self, scan: &str, shard: &str, now: Timestamp) -> Result<(), StoreError> {
        shards::finish(self, scan, shard, now).await
    }

    async fn finished_shards(&self, scan: &str) -> Result<BTreeSet<String>, StoreError> {
        shards::finished(self, scan).await
    }

    async fn forget_shards(&self, scan: &str) -> Result<(), StoreError> {
        shards::forget(self, scan).await
    }

    async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        query::finding(self, id).await
    }

    async fn findings_among(&self, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError> {
        query::among(self, ids).await
    }

    async fn findings(&self, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
        query::findings(self, query).await
    }

    async fn occurrences(&self, id: &FindingId, limit: usize) -> Result<Vec<Occurrence>, StoreError> {
        query::occurrences(self, id, limit).await
    }

    async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
        notices::due(self, now, limit).await
    }

    async fn lease(
        &self,
        notice: &Notice,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        notices::lease(self, notice, owner, now, until).await
    }

    async fn settle(&self, lease: &Lease, refused: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        notices::settle(self, lease, refused, now).await
    }

    async fn release(&self, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
        notices::release(self, lease, retry_at).await
    }

    async fn admit(
        &self,
        span: &str,
        notice: &NoticeId,
        places: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        digests::admit(self, span, notice, places, now).await
    }

    async fn bundle(
        &self,
        digest: &Notice,
        at: Timestamp,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        digests::bundle(self, digest, at, lines, now).await
    }

    async fn bundled(&self, digest: &NoticeId, limit: usize) -> Result<Vec<Line>, StoreError> {
        digests::bundled(self, digest, limit).await
    }

    async fn quarantine(&self, poison: &Poison) -> Result<bool, StoreError> {
        quarantine::put(self, poison).await
    }

    async fn quarantined(&self, sha256: &str) -> Result<Option<Poison>, StoreError> {
        quarantine::get(self, sha256).await
    }

    async fn observe(&self, windows: &[Window], now: Timestamp) -> Result<Vec<Vec<Entry>>, StoreError> {
        windows::observe(self, windows, now).await
    }
}
