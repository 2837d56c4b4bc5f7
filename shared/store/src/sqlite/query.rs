//! Reading findings and occurrences.

use engine::ports::{FindingQuery, Page, StoreError};
use model::{Finding, FindingId, Occurrence};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::{failed, rows};
use crate::document;
use crate::listing::{self, Position};

pub(super) fn finding(connection: &Connection, id: &FindingId) -> Result<Option<Finding>, StoreError> {
    let doc: Option<String> = connection
        .prepare_cached("SELECT doc FROM findings WHERE id = ?")
        .and_then(|mut select| select.query_row([id.as_str()], |row| row.get(0)).optional())
        .map_err(failed)?;
    doc.map(|doc| document::read(id.as_str(), &doc)).transpose()
}

pub(super) fn findings(connection: &Connection, query: &FindingQuery) -> Result<Page<Finding>, StoreError> {
    let limit = listing::limit(query);
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    if let Some(minimum) = query.minimum {
        conditions.push("severity_rank >= ?");
        values.push(i64::from(minimum.rank()).into());
    }
    if let Some(rule) = &query.rule {
        conditions.push("rule = ?");
        values.push(rule.clone().into());
    }
    if let Some(account) = &query.account {
        conditions.push("account = ?");
        values.push(account.clone().into());
    }
    if let Some(before) = Position::before(query)? {
        conditions.push("(last_seen, id) < (?, ?)");
        values.extend([before.last_seen.into(), before.id.into()]);
    }
    // One more than asked tells whether there is more.
    values.push(rows(limit.saturating_add(1)).into());
    let conditions = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    let sql =
        format!("SELECT id, doc FROM findings WHERE {conditions} ORDER BY last_seen DESC, id DESC LIMIT ?");
    let found = documents(connection, &sql, params_from_iter(values))?
        .into_iter()
        .map(|(id, doc)| {
            document::read::<Finding>(&id, &doc).map(|finding| (Position::of(&finding), finding))
        })
        .collect::<Result<_, _>>()?;
    Ok(listing::page(found, limit))
}

pub(super) fn occurrences(
    connection: &Connection,
    id: &FindingId,
    limit: usize,
) -> Result<Vec<Occurrence>, StoreError> {
    let sql =
        "SELECT id, doc FROM occurrences WHERE finding_id = ? ORDER BY event_time DESC, id DESC LIMIT ?";
    documents(connection, sql, params![id.as_str(), rows(limit)])?
        .into_iter()
        .map(|(id, doc)| document::read(&id, &doc))
        .collect()
}

/// Ids and documents, as `sql` selects them.
pub(super) fn documents(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut select = connection.prepare_cached(sql).map_err(failed)?;
    let found = select.query_map(values, |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    found.collect::<rusqlite::Result<_>>().map_err(failed)
}
