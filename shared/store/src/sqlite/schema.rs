//! The file: its tables, its version, and how it is opened.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;
use std::time::Duration;

use engine::ports::StoreError;
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior};

use super::failed;

/// What makes each version of the one before; which one a file is stands in `PRAGMA user_version`.
const STEPS: &[&str] = &[TABLES, WINDOWS, SCANS, INVENTORY, MUTES, DIGESTS, NOTES];

/// The version that [`STEPS`] lead to.
#[expect(clippy::cast_possible_wrap, reason = "there are few steps")]
const VERSION: i64 = STEPS.len() as i64;

/// Says in the file's header that it is ours: `TPST`.
const APPLICATION: i64 = 0x5450_5354;

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often to try again, and after which pause, when another process is making the file.
const OPENING_TRIES: u32 = 100;
const OPENING_PAUSE: Duration = Duration::from_millis(20);

/// How many statements are kept prepared: more than there are.
const STATEMENTS: usize = 48;

/// How the file is used:
/// - pages that several documents fit on (counts only for a new file);
/// - WAL: readers, such as the `sqlite3` tool, do not hold writers up;
/// - NORMAL: a commit is safe against a crash of the process; one that a power cut takes away is recorded again when
///   its input is read again;
/// - a cache (KiB, negative) and a WAL (pages) that take a large batch: ids are hashes, so that writes go everywhere.
const PRAGMAS: &[(&str, &dyn ToSql)] = &[
    ("page_size", &8192),
    ("journal_mode", &"WAL"),
    ("synchronous", &"NORMAL"),
    ("cache_size", &-64_000),
    ("wal_autocheckpoint", &8_000),
];

/// An occurrence's key is its finding, time and id, as in DynamoDB, so that the newest are one range of the index.
/// A notice has `due_at` only while it is due or held.
const TABLES: &str = "
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

/// Opens the file at `path`, ready for use.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let named = |error| match error {
        StoreError::Unusable(reason) => StoreError::Unusable(format!("{}: {reason}", path.display())),
        other => other,
    };
    make_private(path).map_err(|error| named(StoreError::Unusable(error.to_string())))?;
    // Not as a URI: a path is a path, whatever it begins with.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|error| named(failed(error)))?;
    // Two processes that make the same file: SQLite does not wait where both want to change its journal mode.
    for _ in 0..OPENING_TRIES {
        match prepare(&mut connection) {
            Err(StoreError::Unavailable(_)) => std::thread::sleep(OPENING_PAUSE),
            prepared => return prepared.map(|()| connection).map_err(named),
        }
    }
    prepare(&mut connection).map(|()| connection).map_err(named)
}

fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let before = header(connection).map_err(failed)?;
    refuse_foreign(&before).map_err(StoreError::Unusable)?;
    for (name, value) in PRAGMAS {
        connection.pragma_update(None, name, value).map_err(failed)?;
    }
    if before.version < VERSION { create(connection).map_err(failed) } else { Ok(()) }
}

/// Makes the file for its owner only: findings say where an account is weak. SQLite's own files beside it follow.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    let mut file = OpenOptions::new();
    file.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    file.open(path).map(drop)
}

/// What a file says of itself.
struct Header {
    application: i64,
    version: i64,
    tables: i64,
}

/// Reads it in one statement, so that it is not half of before and half of after another process made the tables.
fn header(connection: &Connection) -> rusqlite::Result<Header> {
    connection.query_row(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
        [],
        |row| Ok(Header { application: row.get(0)?, version: row.get(1)?, tables: row.get(2)? }),
    )
}

fn refuse_foreign(header: &Header) -> Result<(), String> {
    let empty = header.application == 0 && header.version == 0 && header.tables == 0;
    if header.application != APPLICATION && !empty {
        return Err("this is the database of another program".to_owned());
    }
    if header.version > VERSION {
        return Err(format!(
            "a newer Trailpost wrote this file (schema {}, this one knows {VERSION}): update Trailpost",
            header.version
        ));
    }
    Ok(())
}

/// Makes the tables that are missing, unless another process just did.
fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = header(&transaction)?.version;
    if version < VERSION {
        for step in STEPS.iter().skip(usize::try_from(version).unwrap_or_default()) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &Path) -> String {
        match open(path) {
            Err(StoreError::Unusable(reason)) => reason.replace(&*path.to_string_lossy(), "FILE"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.db");
        open(&path).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert_eq!(
            refusal(&path),
            format!(
                "FILE: a newer Trailpost wrote this file (schema {}, this one knows {VERSION}): update Trailpost",
                VERSION + 1
            )
        );
    }

    #[test]
    fn a_file_of_an_older_version_gets_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(TABLES).unwrap();
        old.pragma_update(None, "application_id", APPLICATION).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        old.execute("INSERT INTO quarantine VALUES ('a', 'b', 'c', 'd', x'00')", []).unwrap();
        drop(old);

        let opened = open(&path).unwrap();

        let count = |table| opened.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
        assert_eq!((count("quarantine"), count("windows")), (Ok(1), Ok(0)));
        assert_eq!(header(&opened).unwrap().version, VERSION);
    }

    #[test]
    fn another_programs_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert_eq!(refusal(&path), "FILE: this is the database of another program");
        assert_eq!(std::fs::read(&path).unwrap(), before);

        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "not a database at all, but longer than a header is ".repeat(9)).unwrap();
        assert_eq!(refusal(&text), "FILE: file is not a database");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(folder.path()).starts_with("FILE: "), "{}", refusal(folder.path()));
    }

    #[cfg(unix)]
    #[test]
    fn folder_and_file_are_their_owners() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/findings.db");
        let _connection = open(&path).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.path().join("new/findings.db-wal")), 0o600);
    }
}
