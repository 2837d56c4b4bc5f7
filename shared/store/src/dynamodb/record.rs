//! Recording sightings: what belongs together in one transaction.
//!
//! A transaction writes the occurrences of one finding that came together, the finding, and the notices that are due.
//! The conditions carry the protocol: an occurrence or a notice must not be there yet, and the finding must have the
//! version that was read. When DynamoDB cancels the transaction, its reasons say what to leave out, or that the
//! finding has to be read again.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use engine::ports::{Recorded, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Closing, FindingId, Notice, NoticeId, NoticePolicy, OccurrenceId, Sighting, Timestamp};

use super::DynamoDb;
use super::backoff::Backoff;
use super::failure::{Cancelled, cancelled, failed, malformed};
use super::items::{Head, head_item, notice_item, number, occurrence_item, read_head, read_text, size};
use super::keys::{HEAD, Item, finding_pk, key, notice_sk};
use super::read;
use super::schema::{PK, SK};
use crate::growth::grown;

/// How many findings are written at the same time.
const FINDINGS_AT_ONCE: usize = 16;

/// The most writes of a transaction; DynamoDB takes 100.
const WRITES_LIMIT: usize = 90;

/// The most bytes of occurrences in a transaction: DynamoDB takes 4 MB, of which the finding may need 0.4.
const BYTES_LIMIT: usize = 3_000_000;

pub(super) async fn record(
    store: &DynamoDb,
    sightings: &[Sighting],
    policy: &NoticePolicy,
    now: Timestamp,
) -> Result<Vec<Recorded>, StoreError> {
    let mut findings: BTreeMap<&FindingId, Vec<&Sighting>> = BTreeMap::new();
    let mut known = HashSet::new();
    for sighting in sightings.iter().filter(|sighting| known.insert(&sighting.occurrence.id)) {
        findings.entry(&sighting.occurrence.finding_id).or_default().push(sighting);
    }
    let work: Vec<_> = findings
        .into_iter()
        .map(|(id, sightings)| async move { Recorder { store, id, policy, now }.record(sightings).await })
        .collect();
    let outcomes: Vec<BTreeMap<OccurrenceId, Recorded>> =
        stream::iter(work).buffer_unordered(FINDINGS_AT_ONCE).try_collect().await?;

    // A sighting that came twice in this call is new once: the outcome is taken out by the first.
    let mut outcomes: BTreeMap<_, _> = outcomes.into_iter().flatten().collect();
    let known = |id: &FindingId| Recorded { finding_id: id.clone(), opened: false, new: false };
    Ok(sightings
        .iter()
        .map(|Sighting { occurrence, .. }| {
            outcomes.remove(&occurrence.id).unwrap_or_else(|| known(&occurrence.finding_id))
        })
        .collect())
}

/// Records the sightings of one finding.
struct Recorder<'a> {
    store: &'a DynamoDb,
    id: &'a FindingId,
    policy: &'a NoticePolicy,
    now: Timestamp,
}

/// What a write is about, in the order of the transaction.
enum Subject {
    Finding,
    Occurrence(OccurrenceId),
    Notice(NoticeId),
}

/// How a transaction ended.
enum Outcome {
    Done,
    Cancelled(Vec<CancellationReason>),
}

impl Recorder<'_> {
    /// Tells of each occurrence that was not known what became of it.
    async fn record(
        &self,
        sightings: Vec<&Sighting>,
    ) -> Result<BTreeMap<OccurrenceId, Recorded>, StoreError> {
        let mut recorded = BTreeMap::new();
        let mut waiting = sightings
            .into_iter()
            .map(|sighting| Ok((sighting, occurrence_item(&sighting.occurrence, self.now)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        while !waiting.is_empty() {
            let rest = waiting.split_off(self.together(&waiting));
            self.record_together(std::mem::replace(&mut waiting, rest), &mut recorded).await?;
        }
        Ok(recorded)
    }

    /// How many of the first sightings go into one transaction: at least one.
    fn together(&self, waiting: &[(&Sighting, Item)]) -> usize {
        let (mut writes, mut bytes) = (1, 0);
        let fit = waiting.iter().take_while(|(_, occurrence)| {
            writes += 1 + self.policy.channels.len();
            bytes += size(occurrence);
            writes <= WRITES_LIMIT && bytes <= BYTES_LIMIT
        });
        fit.count().max(1)
    }

    async fn record_together(
        &self,
        mut fresh: Vec<(&Sighting, Item)>,
        recorded: &mut BTreeMap<OccurrenceId, Recorded>,
    ) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        let (mut head, mut told) = self.read(&fresh).await?;
        while !fresh.is_empty() {
            let closed = head.as_ref().and_then(|head| head.finding.closed.as_ref());
            let notices: Vec<_> = self
                .notices(&fresh, closed)
                .into_iter()
                .filter(|notice| !told.contains(&notice.id))
                .collect();
            let (subjects, writes) = self.writes(head.as_ref(), &fresh, &notices)?;
            let reasons = match self.write(writes).await? {
                Outcome::Done => {
                    let mut opened = head.is_none();
                    for (sighting, _) in fresh {
                        let outcome = Recorded { finding_id: self.id.clone(), opened, new: true };
                        recorded.insert(sighting.occurrence.id.clone(), outcome);
                        opened = false;
                    }
                    return Ok(());
                }
                Outcome::Cancelled(reasons) => reasons,
            };
            let known = (fresh.len(), told.len());
            let mut overtaken = false;
            for (subject, reason) in subjects.into_iter().zip(&reasons) {
                match (subject, cancelled(&self.store.findings, reason)) {
                    (_, Cancelled::Innocent) => {}
                    (_, Cancelled::Contended) | (Subject::Finding, Cancelled::Condition) => overtaken = true,
                    (Subject::Occurrence(id), Cancelled::Condition) => {
                        fresh.retain(|(sighting, _)| sighting.occurrence.id != id);
                    }
                    (Subject::Notice(id), Cancelled::Condition) => {
                        told.insert(id);
                    }
                    (_, Cancelled::Failed(error)) => return Err(error),
                }
            }
            // The same transaction is not sent again at once, whatever the reasons said.
            overtaken |= known == (fresh.len(), told.len());
            if overtaken && !fresh.is_empty() {
                backoff.pause(&format!("finding {}", self.id)).await?;
                (head, told) = self.read(&fresh).await?;
            }
        }
        Ok(())
    }

    /// The notices that are due for these sightings, each once.
    fn notices(&self, fresh: &[(&Sighting, Item)], closed: Option<&Closing>) -> Vec<Notice> {
        let mut known = BTreeSet::new();
        let due = fresh.iter().flat_map(|(sighting, _)| self.policy.due(&sighting.occurrence, closed));
        due.filter(|notice| known.insert(notice.id.clone())).collect()
    }

    /// The finding, and which of the due notices exist: with occurrences of one day that is the usual case.
    async fn read(
        &self,
        fresh: &[(&Sighting, Item)],
    ) -> Result<(Option<Head>, BTreeSet<NoticeId>), StoreError> {
        let (head, told) = self.read_with(&self.notices(fresh, None)).await?;
        match head.as_ref().and_then(|head| head.finding.closed.as_ref()) {
            None => Ok((head, told)),
            // What happens again after a closing has notices of its own.
            Some(closing) => self.read_with(&self.notices(fresh, Some(closing))).await,
        }
    }

    async fn read_with(&self, notices: &[Notice]) -> Result<(Option<Head>, BTreeSet<NoticeId>), StoreError> {
        let mut keys = vec![key(finding_pk(self.id), HEAD)];
        keys.extend(notices.iter().map(|notice| key(finding_pk(self.id), notice_sk(&notice.id))));
        let (mut head, mut told) = (None, BTreeSet::new());
        for item in read::many(self.store, &self.store.findings, &keys).await? {
            if read_text(&item, SK)? == HEAD {
                head = Some(read_head(&item)?);
            } else {
                told.insert(NoticeId::from_text(read_text(&item, "notice_id")?));
            }
        }
        Ok((head, told))
    }

    /// The writes of one transaction, and what each of them is about.
    fn writes(
        &self,
        head: Option<&Head>,
        fresh: &[(&Sighting, Item)],
        notices: &[Notice],
    ) -> Result<(Vec<Subject>, Vec<TransactWriteItem>), StoreError> {
        let before = head.map(|head| head.finding.clone());
        let after = fresh.iter().fold(before, |finding, (sighting, _)| Some(grown(finding, sighting)));
        let version = head.map(|head| head.version);
        let mut all = Vec::new();
        if let Some(finding) = after {
            let put = self.put(head_item(&finding, version.unwrap_or(0).saturating_add(1))?);
            let put = match version {
                None => absent(put),
                Some(version) => put
                    .condition_expression("#version = :version")
                    .expression_attribute_names("#version", "version")
                    .expression_attribute_values(":version", number(version)),
            };
            all.push((Subject::Finding, put));
        }
        for (sighting, occurrence) in fresh {
            let subject = Subject::Occurrence(sighting.occurrence.id.clone());
            all.push((subject, absent(self.put(occurrence.clone()))));
        }
        for notice in notices {
            all.push((Subject::Notice(notice.id.clone()), absent(self.put(notice_item(notice, self.now)))));
        }
        all.into_iter()
            .map(|(subject, put)| {
                let put = put.build().map_err(malformed)?;
                Ok((subject, TransactWriteItem::builder().put(put).build()))
            })
            .collect()
    }

    fn put(&self, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.store.findings).set_item(Some(item))
    }

    async fn write(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, StoreError> {
        let answer = self.store.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = answer else { return Ok(Outcome::Done) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                Ok(Outcome::Cancelled(cancelled.cancellation_reasons().to_vec()))
            }
            _ => Err(failed("PutItem", &self.store.findings, &error)),
        }
    }
}

/// On condition that there is no such item.
fn absent(
    put: aws_sdk_dynamodb::types::builders::PutBuilder,
) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK)
}
