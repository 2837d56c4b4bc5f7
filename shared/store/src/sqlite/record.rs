//! Recording sightings: one transaction for all that come in one call.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use engine::ports::{Recorded, StoreError};
use model::{Finding, FindingId, Notice, NoticePolicy, Occurrence, Sighting, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{failed, query};
use crate::column::column;
use crate::document;
use crate::growth::grown;
use crate::listing::stamp;

/// A finding while a batch is recorded: read once, written once, however many of its occurrences come.
struct Head {
    finding: Option<Finding>,
    changed: bool,
}

pub(super) fn record(
    connection: &mut Connection,
    sightings: &[Sighting],
    policy: &NoticePolicy,
    now: Timestamp,
) -> Result<Vec<Recorded>, StoreError> {
    // Immediate: the lock is taken before anything is read, so that what was read stays true.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let mut heads: HashMap<&FindingId, Head> = HashMap::new();
    let mut recorded = Vec::with_capacity(sightings.len());
    let now = stamp(now);
    for sighting in sightings {
        let occurrence = &sighting.occurrence;
        let finding_id = occurrence.finding_id.clone();
        if !insert_occurrence(&transaction, occurrence)? {
            recorded.push(Recorded { finding_id, opened: false, new: false });
            continue;
        }
        let head = match heads.entry(&occurrence.finding_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Head { finding: query::finding(&transaction, &finding_id)?, changed: false })
            }
        };
        let opened = head.finding.is_none();
        let finding = grown(head.finding.take(), sighting);
        insert_notices(&transaction, policy.due(occurrence, finding.closed.as_ref()), &now)?;
        head.finding = Some(finding);
        head.changed = true;
        recorded.push(Recorded { finding_id, opened, new: true });
    }
    for finding in heads.values().filter(|head| head.changed).filter_map(|head| head.finding.as_ref()) {
        put_finding(&transaction, finding)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(recorded)
}

/// `false`: it was there.
pub(super) fn insert_occurrence(
    transaction: &Transaction<'_>,
    occurrence: &Occurrence,
) -> Result<bool, StoreError> {
    let mut insert = transaction
        .prepare_cached(
            "INSERT INTO occurrences (finding_id, event_time, id, event_source, event_name, outcome, severity,
                                      principal, source_ip, doc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .map_err(failed)?;
    let inserted = insert
        .execute(params![
            occurrence.finding_id.as_str(),
            stamp(occurrence.event_time),
            occurrence.id.as_str(),
            column(&occurrence.event_source),
            column(&occurrence.event_name),
            occurrence.outcome.as_str(),
            occurrence.severity.as_str(),
            column(&occurrence.actor.principal),
            column(&occurrence.actor.source_ip),
            document::write(occurrence)?,
        ])
        .map_err(failed)?;
    Ok(inserted == 1)
}

pub(super) fn insert_notices(
    transaction: &Transaction<'_>,
    notices: Vec<Notice>,
    now: &str,
) -> Result<(), StoreError> {
    for notice in notices {
        let mut insert = transaction
            .prepare_cached(
                "INSERT INTO notices (id, finding_id, channel, state, created_at, due_at)
                 VALUES (?1, ?2, ?3, 'due', ?4, ?4) ON CONFLICT DO NOTHING",
            )
            .map_err(failed)?;
        insert
            .execute(params![notice.id.as_str(), notice.finding_id.as_str(), notice.channel, now])
            .map_err(failed)?;
    }
    Ok(())
}

pub(super) fn put_finding(transaction: &Transaction<'_>, finding: &Finding) -> Result<(), StoreError> {
    let mut put = transaction
        .prepare_cached(
            "INSERT INTO findings (id, rule, severity, severity_rank, status, outcome, account, region, scope,
                                   first_seen, last_seen, count, resource_type, doc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET
                 severity = excluded.severity, severity_rank = excluded.severity_rank, status = excluded.status,
                 first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count,
                 doc = excluded.doc",
        )
        .map_err(failed)?;
    put.execute(params![
        finding.id.as_str(),
        finding.rule,
        finding.severity.as_str(),
        finding.severity.rank(),
        document::status(finding.status),
        finding.outcome.as_str(),
        column(&finding.account),
        column(&finding.region),
        column(&finding.scope),
        stamp(finding.first_seen),
        stamp(finding.last_seen),
        i64::try_from(finding.count).unwrap_or(i64::MAX),
        finding.posture.as_ref().map(|posture| &posture.resource_type),
        document::write(finding)?,
    ])
    .map_err(failed)?;
    Ok(())
}
