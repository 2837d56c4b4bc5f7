//! The file: its tables, its version, and how it is opened.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;
use std::time::Duration;

use engine::ports::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior};

use super::failed;
use super::steps::STEPS;

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
    // Else a statement with a range or a limit is prepared anew for every value that it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
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
    use super::super::steps::{TABLES, TIMELINE};
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
    fn a_timeline_of_an_older_version_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.db");
        let old = Connection::open(&path).unwrap();
        let before = STEPS.iter().take_while(|step| **step != TIMELINE).count();
        STEPS[..before].iter().for_each(|step| old.execute_batch(step).unwrap());
        old.pragma_update(None, "application_id", APPLICATION).unwrap();
        old.pragma_update(None, "user_version", i64::try_from(before).unwrap()).unwrap();
        let row = ["t", "2026-01-15T10:00:00Z", "i", "event", "PutKeyPolicy", "alice", "{}"];
        old.execute("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?)", row).unwrap();
        drop(old);

        let opened = open(&path).unwrap();

        let columns =
            |row: &rusqlite::Row<'_>| (0..7).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<String>>>();
        assert_eq!(opened.query_row("SELECT * FROM timeline", [], columns).unwrap(), row);
        assert!(
            opened.execute("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?)", row).is_err(),
            "its key is unique"
        );
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
