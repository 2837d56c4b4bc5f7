//! The tables: what makes each version of a file of the one before.

/// The steps; how many of them a file has seen stands in its `PRAGMA user_version`.
pub(super) const STEPS: &[&str] = &[TABLES, WINDOWS, SCANS, INVENTORY, MUTES, DIGESTS, NOTES, TIMELINE];

/// An occurrence's key is its finding, time and id, as in DynamoDB, so that the newest are one range of the index.
/// A notice has `due_at` only while it is due or held.
pub(super) const TABLES: &str = "
CREATE TABLE findings (
    id TEXT PRIMARY KEY NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    severity_rank INTEGER NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    scope TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    count INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX findings_recent ON findings (last_seen, id);
CREATE INDEX findings_by_rule ON findings (rule, last_seen, id);
CREATE INDEX findings_by_account ON findings (account, last_seen, id);

CREATE TABLE occurrences (
    finding_id TEXT NOT NULL,
    event_time TEXT NOT NULL,
    id TEXT NOT NULL,
    event_source TEXT NOT NULL,
    event_name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    severity TEXT NOT NULL,
    principal TEXT NOT NULL,
    source_ip TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (finding_id, event_time, id)
) STRICT;

CREATE TABLE notices (
    id TEXT PRIMARY KEY NOT NULL,
    finding_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'held', 'done', 'refused')),
    epoch INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    created_at TEXT NOT NULL,
    until TEXT,
    due_at TEXT,
    settled_at TEXT,
    reason TEXT
) STRICT;
CREATE INDEX notices_due ON notices (due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE quarantine (
    sha256 TEXT PRIMARY KEY NOT NULL,
    received_at TEXT NOT NULL,
    lane TEXT NOT NULL,
    reason TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
";

/// What rules over several events keep. The key is that of DynamoDB: entries of a window in the order of time.
const WINDOWS: &str = "
CREATE TABLE windows (
    window TEXT NOT NULL,
    time TEXT NOT NULL,
    id TEXT NOT NULL,
    class TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (window, time, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX windows_by_class ON windows (window, class, time, id);
CREATE INDEX windows_expired ON windows (expires_at);
";

/// What scans add: findings about resources, and how far a scan is.
const SCANS: &str = "
ALTER TABLE findings ADD COLUMN resource_type TEXT;
CREATE TABLE shards (
    scan TEXT NOT NULL,
    shard TEXT NOT NULL,
    done_at TEXT NOT NULL,
    PRIMARY KEY (scan, shard)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_standing ON findings (account, resource_type) WHERE status = 'open' AND resource_type IS NOT NULL;
";

/// What the inventory adds: resources as they were read last, their timelines, and which of them are going to be read.
const INVENTORY: &str = "
CREATE TABLE resources (
    key TEXT PRIMARY KEY NOT NULL,
    account TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    arn TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    read_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    gone_at TEXT,
    spot TEXT NOT NULL,
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX resources_by_type ON resources (account, resource_type);
CREATE INDEX resources_by_arn ON resources (arn);
CREATE INDEX resources_by_id ON resources (id);
CREATE INDEX resources_by_spot ON resources (spot);

CREATE TABLE timeline (
    timeline TEXT NOT NULL,
    time TEXT NOT NULL,
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    principal TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (timeline, time, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
    target TEXT PRIMARY KEY NOT NULL,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What mutes add. None is ever deleted.
const MUTES: &str = "
CREATE TABLE mutes (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What digests add: which notices go out one by one, and what is told together.
const DIGESTS: &str = "
CREATE TABLE admitted (
    span TEXT NOT NULL,
    notice TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (span, notice)
) STRICT, WITHOUT ROWID;
CREATE TABLE digests (
    digest TEXT NOT NULL,
    notice TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (digest, notice)
) STRICT, WITHOUT ROWID;
";

/// What use cases keep for themselves.
const NOTES: &str = "
CREATE TABLE notes (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX notes_expired ON notes (expires_at);
";

/// The timeline, with its documents in the order in which they come: where they stood by their keys, which are hashes,
/// each batch wrote nearly every page of the table anew.
pub(super) const TIMELINE: &str = "
ALTER TABLE timeline RENAME TO timeline_by_key;
CREATE TABLE timeline (
    timeline TEXT NOT NULL,
    time TEXT NOT NULL,
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    principal TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (timeline, time, id)
) STRICT;
INSERT INTO timeline SELECT timeline, time, id, event_id, event_name, principal, doc FROM timeline_by_key;
DROP TABLE timeline_by_key;
";
