//! Assessing resources: one transaction for all that come in one call.

use std::collections::BTreeSet;

use engine::ports::{Assessed, Kind, StoreError};
use model::{Assessment, Change, Finding, NoticeId, NoticePolicy, Timestamp};
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
                insert_notices(&transaction, policy.due(&finding.latest), &now)?;
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

/// The notices of the newest episode that there are.
fn told(
    transaction: &Transaction<'_>,
    finding: &Finding,
    policy: &NoticePolicy,
) -> Result<BTreeSet<NoticeId>, StoreError> {
    let mut told = BTreeSet::new();
    for notice in policy.due(&finding.latest) {
        let mut select = transaction.prepare_cached("SELECT 1 FROM notices WHERE id = ?").map_err(failed)?;
        if select.exists([notice.id.as_str()]).map_err(failed)? {
            told.insert(notice.id);
        }
    }
    Ok(told)
}

pub(super) fn standing(connection: &Connection, kind: &Kind) -> Result<Vec<Finding>, StoreError> {
    let sql = "SELECT id, doc FROM findings
               WHERE account = ? AND resource_type = ? AND status = 'open'";
    query::documents(connection, sql, params![kind.account, kind.resource_type])?
        .into_iter()
        .map(|(id, doc)| crate::document::read(&id, &doc))
        .collect()
}
