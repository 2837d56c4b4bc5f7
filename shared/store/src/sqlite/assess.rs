//! What begins and ends findings: checks that judge resources, in one transaction for all that come in one call, and
//! people who close what events told.

use std::collections::BTreeSet;

use engine::ports::{Assessed, Kind, StoreError};
use model::{Assessment, Change, Closing, Finding, FindingId, Notice, NoticeId, NoticePolicy, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::record::{insert_notices, insert_occurrence, put_finding};
use super::{failed, query};
use crate::listing::stamp;

pub(super) fn assess(
    connection: &mut Connection,
    assessments: &[Assessment],
    policy: &NoticePolicy,
    now: Timestamp,
) -> Result<Vec<Assessed>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let now = stamp(now);
    let mut assessed = Vec::with_capacity(assessments.len());
    for assessment in assessments {
        let finding_id = assessment.finding_id();
        let before = query::finding(&transaction, &finding_id)?;
        let (after, change) = assessment.apply(before.clone());
        if let Some(finding) = after.filter(|after| before.as_ref() != Some(after)) {
            if change.is_new() && insert_occurrence(&transaction, &finding.latest)? {
                insert_notices(&transaction, policy.due(&finding.latest, None), &now)?;
            }
            if change == Change::Resolved {
                let told = told(&transaction, &finding, policy)?;
                insert_notices(&transaction, policy.end(&finding, |id| told.contains(id)), &now)?;
            }
            put_finding(&transaction, &finding)?;
        }
        assessed.push(Assessed { finding_id, change });
    }
    transaction.commit().map_err(failed)?;
    Ok(assessed)
}

/// The notices of what happened last that there are.
fn told(
    transaction: &Transaction<'_>,
    finding: &Finding,
    policy: &NoticePolicy,
) -> Result<BTreeSet<NoticeId>, StoreError> {
    let mut told = BTreeSet::new();
    for notice in policy.due(&finding.latest, finding.closed.as_ref()) {
        let mut select = transaction.prepare_cached("SELECT 1 FROM notices WHERE id = ?").map_err(failed)?;
        if select.exists([notice.id.as_str()]).map_err(failed)? {
            told.insert(notice.id);
        }
    }
    Ok(told)
}

pub(super) fn close(
    connection: &mut Connection,
    id: &FindingId,
    closing: &Closing,
) -> Result<Option<Finding>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let Some(before) = query::finding(&transaction, id)? else { return Ok(None) };
    let Some(after) = before.close(closing) else { return Ok(None) };
    insert_notices(&transaction, before.ended(&newest(&transaction, &before)?), &stamp(closing.at))?;
    put_finding(&transaction, &after)?;
    transaction.commit().map_err(failed)?;
    Ok(Some(after))
}

/// The notices of the newest day of a finding about events.
fn newest(transaction: &Transaction<'_>, finding: &Finding) -> Result<Vec<Notice>, StoreError> {
    let mut select = transaction
        .prepare_cached("SELECT id, channel FROM notices WHERE id > ?1 AND id < ?1 || '~'")
        .map_err(failed)?;
    let notices = select.query_map([NoticeId::day(&finding.id, finding.latest.event_time)], |row| {
        let id = NoticeId::from_text(row.get::<_, String>(0)?);
        Ok(Notice { id, finding_id: finding.id.clone(), channel: row.get(1)? })
    });
    notices.and_then(Iterator::collect).map_err(failed)
}

pub(super) fn standing(connection: &Connection, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
    let sql = "SELECT id, doc FROM findings
               WHERE account = ? AND resource_type = ? AND status = 'open'";
    query::documents(connection, sql, params![kind.account, kind.resource_type])?
        .into_iter()
        .map(|(id, doc)| crate::document::read(&id, &doc))
        .collect()
}
