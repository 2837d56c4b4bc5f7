//! What rules over several events keep.

use engine::ports::{Entry, StoreError, Window};
use model::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{failed, rows};
use crate::listing::stamp;

pub(super) fn observe(
    connection: &mut Connection,
    windows: &[Window],
    now: Timestamp,
) -> Result<Vec<Vec<Entry>>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    transaction
        .prepare_cached("DELETE FROM windows WHERE expires_at < ?")
        .and_then(|mut delete| delete.execute([stamp(now)]))
        .map_err(failed)?;
    let mut told = Vec::with_capacity(windows.len());
    for window in windows {
        let expires_at = now.saturating_add(window.stay).unwrap_or(Timestamp::MAX);
        keep(&transaction, window, &stamp(expires_at)).map_err(failed)?;
        told.push(answer(&transaction, window)?);
    }
    transaction.commit().map_err(failed)?;
    Ok(told)
}

fn keep(transaction: &Transaction<'_>, window: &Window, expires_at: &str) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO windows (window, time, id, class, expires_at, doc) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )?;
    let mut surplus = transaction.prepare_cached(
        "DELETE FROM windows WHERE (window, time, id) IN
             (SELECT window, time, id FROM windows WHERE window = ? AND class = ?
              ORDER BY time, id LIMIT -1 OFFSET ?)",
    )?;
    let mut classes: Vec<&str> = Vec::new();
    for entry in &window.entries {
        let key =
            params![window.id.as_str(), stamp(entry.time), entry.id, entry.class, expires_at, entry.doc];
        if insert.execute(key)? > 0 {
            classes.push(&entry.class);
        }
    }
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        surplus.execute(params![window.id.as_str(), class, rows(window.limit)])?;
    }
    Ok(())
}

fn answer(transaction: &Transaction<'_>, window: &Window) -> Result<Vec<Entry>, StoreError> {
    let Some((from, until)) = window.asked else { return Ok(Vec::new()) };
    let mut select = transaction
        .prepare_cached(
            "SELECT time, id, class, doc FROM windows WHERE window = ? AND time BETWEEN ? AND ?
             ORDER BY time, id LIMIT ?",
        )
        .map_err(failed)?;
    let found = select
        .query_map(params![window.id.as_str(), stamp(from), stamp(until), rows(window.most)], |row| {
            let time: String = row.get(0)?;
            Ok((time, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .map_err(failed)?;
    found
        .map(|row| {
            let (time, id, class, doc) = row.map_err(failed)?;
            let time = time.parse().map_err(|_| StoreError::Corrupt {
                key: window.id.to_string(),
                reason: format!("{time:?} is no time"),
            })?;
            Ok(Entry { id, time, class, doc })
        })
        .collect()
}
