//! Where findings are kept.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Inventory, MuteStore, Notes};
use async_trait::async_trait;
use model::{
    Assessment, Change, Closing, Finding, FindingId, Line, Notice, NoticeId, NoticePolicy, Occurrence,
    Poison, Severity, Sighting, Timestamp, WindowId,
};

/// Why the store did not do as asked, by what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again: throttled, locked, out of reach.
    #[error("the store is busy or out of reach: {0}")]
    Unavailable(String),
    /// Somebody else was faster: read again and decide anew.
    #[error("another writer changed {0} first")]
    Conflict(String),
    /// Trying again cannot help: wrong table, no permission, a schema of another version.
    #[error("the store cannot be used: {0}")]
    Unusable(String),
    /// What is stored cannot be read back.
    #[error("{key} cannot be read back: {reason}")]
    Corrupt {
        /// Where it stands.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What recording one sighting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The finding.
    pub finding_id: FindingId,
    /// The finding did not exist before.
    pub opened: bool,
    /// The occurrence was not known before. `false`: the event came a second time, and nothing changed.
    pub new: bool,
}

/// What one assessment did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The finding that it is about, whether there is one or not.
    pub finding_id: FindingId,
    /// What became of it.
    pub change: Change,
}

/// Resources of one type in one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The account's id.
    pub account: String,
    /// The type, such as `aws.s3.bucket`.
    pub resource_type: String,
}

/// Which findings to list. Newest `last_seen` first, to the millisecond; of equals the greater id first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingQuery {
    /// At least this bad.
    pub minimum: Option<Severity>,
    /// Of this rule.
    pub rule: Option<String>,
    /// In this account.
    pub account: Option<String>,
    /// Not more than this many; 0 means 100.
    pub limit: usize,
    /// Continue behind this page.
    pub after: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to pass as `after` for more; `None`: that was all.
    pub next: Option<String>,
}

/// The right to deliver one notice until a time. A later holder has a higher epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The notice.
    pub notice: Notice,
    /// Counts the leases of this notice.
    pub epoch: u64,
}

/// What one event told one rule over several events. What it says is the rule's affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Tells it from every other entry of its window: letters and digits.
    pub id: String,
    /// When the event happened.
    pub time: Timestamp,
    /// What it has in common with others, of which not all have to be kept.
    pub class: String,
    /// What it says.
    pub doc: String,
}

/// Entries for a window, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The window.
    pub id: WindowId,
    /// What is new, if anything.
    pub entries: Vec<Entry>,
    /// How many entries of one class have to be kept: the first ones, by time. A store may keep more.
    pub limit: usize,
    /// Which entries are asked for: from one time to another, both included. `None`: none.
    pub asked: Option<(Timestamp, Timestamp)>,
    /// How many of them at most, the first ones. A store need not keep more than this between the two times.
    pub most: usize,
    /// How long entries are needed from now on. A store may keep them longer.
    pub stay: Duration,
}

/// Keeps findings, their occurrences, the notices that are due, and records in quarantine.
///
/// Every adapter passes the same conformance suite (`store::conformance`).
#[async_trait]
pub trait Store: Inventory + MuteStore + Notes {
    /// Records sightings: for each, the occurrence, the finding (opened, or added to) and the due notices change
    /// together or not at all. A sighting whose occurrence is known changes nothing. Several sightings may be of one
    /// finding. The answer is in the order of `sightings`.
    async fn record(
        &self,
        sightings: &[Sighting],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Takes down what checks said of resources: for each, the finding, a new episode and the notices that are due for
    /// it change together or not at all ([`Assessment::apply`]). The same assessment again changes nothing. The answer
    /// is in the order of `assessments`.
    async fn assess(
        &self,
        assessments: &[Assessment],
        policy: &NoticePolicy,
        now: Timestamp,
    ) -> Result<Vec<Assessed>, StoreError>;

    /// Closes a finding about events, on the word of a person: the finding, and the notices to the channels that were told
    /// of it, change together or not at all. `None`: there is nothing to close ([`Finding::close`]).
    async fn close(&self, id: &FindingId, closing: &Closing) -> Result<Option<Finding>, StoreError>;

    /// The findings about resources of a type that are open, in any order: what a scan has to keep or resolve.
    async fn standing(&self, kind: &Kind) -> Result<Vec<Finding>, StoreError>;

    /// Notes that a shard of a scan is done, so that a scan that is begun again can leave it out. Twice is the same as
    /// once.
    async fn finish_shard(&self, scan: &str, shard: &str, now: Timestamp) -> Result<(), StoreError>;

    /// The shards of a scan that are done.
    async fn finished_shards(&self, scan: &str) -> Result<BTreeSet<String>, StoreError>;

    /// Forgets which shards of a scan are done.
    async fn forget_shards(&self, scan: &str) -> Result<(), StoreError>;

    /// One finding.
    async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError>;

    /// Those of these findings that there are, in any order.
    async fn findings_among(&self, ids: &[FindingId]) -> Result<Vec<Finding>, StoreError>;

    /// Findings, newest first.
    async fn findings(&self, query: &FindingQuery) -> Result<Page<Finding>, StoreError>;

    /// The newest occurrences of a finding, at most `limit`.
    async fn occurrences(&self, id: &FindingId, limit: usize) -> Result<Vec<Occurrence>, StoreError>;

    /// Notices that nobody has delivered and nobody holds at `now`, oldest first, at most `limit`.
    async fn due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError>;

    /// Takes the notice until `until`. `None`: it is delivered, refused, unknown, held by somebody else, or was given
    /// back and is not due again yet. One that nobody held yet may be taken even if `now` is behind its recorder's.
    async fn lease(
        &self,
        notice: &Notice,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Marks the notice as done, delivered or refused for good. Twice is the same as once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a later holder took it meanwhile.
    async fn settle(&self, lease: &Lease, refused: Option<&str>, now: Timestamp) -> Result<(), StoreError>;

    /// Gives the notice back, to be due again at `retry_at`. Twice is the same as once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a later holder took it meanwhile.
    async fn release(&self, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError>;

    /// Gives the notice one of the `places` of `span`, a stretch of time of a channel. A notice that has one keeps it,
    /// however often it asks, and no more than `places` notices ever have one. `false`: all are taken.
    async fn admit(
        &self,
        span: &str,
        notice: &NoticeId,
        places: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Adds lines to a digest, which is made, to be due at `at`, when it is new. A line that is there changes nothing.
    ///
    /// `true`: nobody holds the digest and nobody has delivered it, so whoever takes it will find these lines. `false`:
    /// it is too late for this digest, and the lines have to go to another.
    async fn bundle(
        &self,
        digest: &Notice,
        at: Timestamp,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The lines of a digest, in the order of their notices, at most `limit`.
    async fn bundled(&self, digest: &NoticeId, limit: usize) -> Result<Vec<Line>, StoreError>;

    /// Keeps a record that could not be judged. `false`: it was kept already.
    async fn quarantine(&self, poison: &Poison) -> Result<bool, StoreError>;

    /// A record in quarantine, whole, by its SHA-256.
    async fn quarantined(&self, sha256: &str) -> Result<Option<Poison>, StoreError>;

    /// Keeps entries of windows and answers with what was asked, window by window, by time and id. An entry that is
    /// known changes nothing. Of two callers who each add an entry at once, at least one is told of both.
    async fn observe(&self, windows: &[Window], now: Timestamp) -> Result<Vec<Vec<Entry>>, StoreError>;
}
