//! The tables, their keys and their indexes: the one description that code, tests and `template.yaml` are held to.
//!
//! All key attributes are strings. All tables have the same key.

/// The partition key of every table.
pub const PK: &str = "pk";
/// The sort key of every table.
pub const SK: &str = "sk";
/// The TTL attribute of every table: seconds since 1970.
pub const TTL: &str = "ttl";

/// Over how many partitions an index spreads what it lists.
pub const SHARDS: u8 = 4;

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// What stands behind the prefix in its name.
    pub suffix: &'static str,
    /// Its global secondary indexes.
    pub indexes: &'static [Index],
    /// Whether it has a stream of new images, which `notify` reads.
    pub stream: bool,
}

/// A global secondary index. Sparse: an item without its keys is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// What the values of its partition key begin with.
    pub tag: &'static str,
    /// Its partition key.
    pub pk: &'static str,
    /// Its sort key.
    pub sk: &'static str,
    /// The attributes it holds besides keys (projection `INCLUDE`). Documents are not among them: they are read from
    /// the table, so that a change of a finding is not paid for four times.
    pub included: &'static [&'static str],
}

impl Table {
    /// The table's name in a deployment with this prefix.
    pub fn name(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.suffix)
    }
}

/// Findings, occurrences, notices.
pub const FINDINGS: Table =
    Table { suffix: "-findings", indexes: &[BY_RULE, RECENT, DUE_NOTICES], stream: true };

/// Resources as they were read last, and what leads to them.
pub const STATES: Table = Table { suffix: "-states", indexes: &[], stream: false };

/// The timelines of resources.
pub const TIMELINE: Table = Table { suffix: "-timeline", indexes: &[], stream: false };

/// All tables.
pub const TABLES: &[Table] = &[FINDINGS, STATES, TIMELINE, OPS];

/// Records in quarantine, and what rules over several events keep.
pub const OPS: Table = Table { suffix: "-ops", indexes: &[], stream: false };

/// What lists of findings are filtered by.
const FILTERED: &[&str] = &["account", "severity_rank"];

/// The findings of a rule: `S#<rule>#<shard>`, by their ids. When one was seen last does not stand here, so that one that is
/// seen again is not written twice more; items of earlier versions stand under `<last seen>#<finding id>`.
pub const BY_RULE: Index =
    Index { name: "by_rule", tag: "S", pk: "rule_pk", sk: "rule_sk", included: FILTERED };

/// All findings: `L#<shard>`, by `<last seen>#<finding id>`.
pub const RECENT: Index =
    Index { name: "recent", tag: "L", pk: "recent_pk", sk: "recent_sk", included: FILTERED };

/// The notices that are due or held: `D#<shard>`, by `<when they are due>#<notice id>`.
pub const DUE_NOTICES: Index = Index {
    name: "due_notices",
    tag: "D",
    pk: "due_pk",
    sk: "due_at",
    included: &["notice_id", "finding_id", "channel"],
};
