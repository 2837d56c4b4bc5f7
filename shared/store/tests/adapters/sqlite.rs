//! The suite on SQLite files; and what a file has to do: be there tomorrow, be shared, be readable without us.

use std::path::Path;
use std::thread;

use engine::ports::{FindingQuery, Store};
use libtest_mimic::{Failed, Trial};
use model::Timestamp;
use rusqlite::Connection;
use trailpost_store::Sqlite;
use trailpost_store::conformance::CASES;
use trailpost_store::conformance::samples::{at, sighting, telling};

use crate::{orders, runtime};

/// A test of one file, which does not exist yet.
type Test = fn(&Path) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let cases = CASES.iter().map(|case| {
        Trial::test(format!("sqlite::{}", case.name), || {
            in_file(|path| Ok(runtime()?.block_on((case.run)(&Sqlite::open(path)?, Timestamp::now()))?))
        })
    });
    let own: [(&str, Test); 4] = [
        ("order::any", |path| orders::any(100, &runtime()?, &Sqlite::open(path)?)),
        ("what_was_recorded_is_there_when_the_file_is_opened_again", kept),
        ("two_handles_write_one_file", shared),
        ("columns_say_what_documents_say", readable),
    ];
    let own = own.map(|(name, test)| Trial::test(format!("sqlite::{name}"), move || in_file(test)));
    cases.chain(own).collect()
}

fn in_file(test: impl FnOnce(&Path) -> Result<(), Failed>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    test(&folder.path().join("findings.db"))
}

fn kept(path: &Path) -> Result<(), Failed> {
    let now = Timestamp::now();
    let one = sighting("rule", "bucket", "event", at(now, 60));
    runtime()?.block_on(async {
        let policy = telling(&["text"]);
        Sqlite::open(path)?.record(std::slice::from_ref(&one), &policy, now).await?;
        let again = Sqlite::open(path)?;
        assert_eq!(again.findings(&FindingQuery::default()).await?.items.len(), 1);
        assert!(!again.record(&[one], &policy, now).await?[0].new);
        assert_eq!(again.due_notices(now, 10).await?.len(), 1);
        Ok(())
    })
}

/// Two processes are two connections: here, two threads that record the same events in the opposite order.
fn shared(path: &Path) -> Result<(), Failed> {
    let now = Timestamp::now();
    let all: Vec<_> = (0..400_u64)
        .map(|number| {
            sighting("rule", &format!("{}", number % 7), &format!("event {number}"), at(now, number))
        })
        .collect();
    let write = |order: Vec<usize>| {
        let runtime = runtime().unwrap();
        let store = Sqlite::open(path).unwrap();
        let record =
            |place: usize| runtime.block_on(store.record(&all[place..=place], &telling(&["text"]), now));
        order.into_iter().filter(|&place| record(place).unwrap()[0].new).count()
    };
    let new = thread::scope(|scope| {
        let forwards = scope.spawn(|| write((0..all.len()).collect()));
        let backwards = scope.spawn(|| write((0..all.len()).rev().collect()));
        forwards.join().unwrap() + backwards.join().unwrap()
    });
    assert_eq!(new, all.len());
    let store = Sqlite::open(path)?;
    let findings = runtime()?.block_on(store.findings(&FindingQuery::default()))?.items;
    assert_eq!(findings.len(), 7);
    assert_eq!(findings.iter().map(|finding| finding.count).sum::<u64>(), 400);
    Ok(())
}

/// As somebody with the `sqlite3` tool sees it.
fn readable(path: &Path) -> Result<(), Failed> {
    let now = "2026-11-22T05:00:00Z".parse()?;
    let all =
        [60, 120].map(|seconds| sighting("rule", "bucket", &format!("event {seconds}"), at(now, seconds)));
    runtime()?.block_on(Sqlite::open(path)?.record(&all, &telling(&["text"]), now))?;
    let connection = Connection::open(path)?;
    let line = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    assert_eq!(
        line(
            "SELECT concat_ws(' ', rule, severity, status, account, count, last_seen, doc->>'title') FROM findings"
        )?,
        "rule medium open 111111111111 2 2026-11-22T00:02:00.000Z The title of rule"
    );
    assert_eq!(
        line("SELECT group_concat(event_name || ' ' || principal, ', ') FROM occurrences")?,
        "PutBucketPolicy arn:aws:iam::111111111111:user/ada, PutBucketPolicy arn:aws:iam::111111111111:user/ada"
    );
    assert_eq!(
        line("SELECT state || ' ' || channel || ' ' || due_at FROM notices")?,
        "due text 2026-11-22T05:00:00.000Z"
    );
    assert_eq!(line("PRAGMA journal_mode")?, "wal");
    Ok(())
}
