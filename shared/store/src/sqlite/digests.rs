//! Digests: who goes out one by one, and what is told together.

use std::time::Duration;

use engine::ports::StoreError;
use model::{Line, Notice, NoticeId, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use super::{failed, query, rows};
use crate::document;
use crate::listing::stamp;

/// How long it is remembered who was among the first: longer than any span.
const STAY: Duration = Duration::from_hours(48);

pub(super) fn admit(
    connection: &mut Connection,
    span: &str,
    notice: &NoticeId,
    places: usize,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map_err(failed)
    };
    run("DELETE FROM admitted WHERE expires_at < ?", &[&stamp(now)])?;
    let expires_at = stamp(now.saturating_add(STAY).unwrap_or(Timestamp::MAX));
    run(
        "INSERT INTO admitted (span, notice, expires_at)
         SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM admitted WHERE span = ?1) < ?4 ON CONFLICT DO NOTHING",
        &[&span, &notice.as_str(), &expires_at, &rows(places)],
    )?;
    let admitted = transaction
        .prepare_cached("SELECT 1 FROM admitted WHERE span = ? AND notice = ?")
        .and_then(|mut select| select.exists([span, notice.as_str()]))
        .map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(admitted)
}

pub(super) fn bundle(
    connection: &mut Connection,
    digest: &Notice,
    at: Timestamp,
    lines: &[Line],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    for line in lines {
        let doc = document::write(line)?;
        transaction
            .prepare_cached(
                "INSERT INTO digests (digest, notice, finding_id, doc) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .and_then(|mut insert| {
                insert.execute(params![digest.id.as_str(), line.notice.as_str(), line.finding.as_str(), doc])
            })
            .map_err(failed)?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO notices (id, finding_id, channel, state, created_at, until, due_at)
             VALUES (?1, ?2, ?3, 'due', ?4, ?5, ?5) ON CONFLICT DO NOTHING",
        )
        .and_then(|mut insert| {
            let Notice { id, finding_id, channel } = digest;
            insert.execute(params![id.as_str(), finding_id.as_str(), channel, stamp(now), stamp(at)])
        })
        .map_err(failed)?;
    let state: String = transaction
        .prepare_cached("SELECT state FROM notices WHERE id = ?")
        .and_then(|mut select| select.query_row([digest.id.as_str()], |row| row.get(0)))
        .map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(state == "due")
}

pub(super) fn bundled(
    connection: &Connection,
    digest: &NoticeId,
    limit: usize,
) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT notice, doc FROM digests WHERE digest = ? ORDER BY notice LIMIT ?";
    query::documents(connection, sql, params![digest.as_str(), rows(limit)])?
        .into_iter()
        .map(|(notice, doc)| document::read(&notice, &doc))
        .collect()
}
