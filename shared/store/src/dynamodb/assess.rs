//! Assessing resources: a transaction for each finding that an assessment changes.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use engine::ports::{Assessed, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Assessment, Change, Finding, NoticePolicy, Timestamp};

use super::DynamoDb;
use super::backoff::Backoff;
use super::failure::{Cancelled, cancelled, failed, malformed};
use super::items::{Head, head_item, notice_item, number, occurrence_item, read_head, read_text};
use super::keys::{HEAD, Item, finding_pk, key, notice_sk};
use super::read;
use super::schema::PK;
use super::standing::{self, Known};

/// How many findings are written at the same time.
const AT_ONCE: usize = 16;

pub(super) async fn assess(
    store: &DynamoDb,
    assessments: &[Assessment],
    policy: &NoticePolicy,
    now: Timestamp,
) -> Result<Vec<Assessed>, StoreError> {
    let known = &Known::about(store, assessments).await?;
    let work: Vec<_> =
        assessments.iter().map(|assessment| one(store, assessment, known, policy, now)).collect();
    stream::iter(work).buffered(AT_ONCE).try_collect().await
}

async fn one(
    store: &DynamoDb,
    assessment: &Assessment,
    known: &Known,
    policy: &NoticePolicy,
    now: Timestamp,
) -> Result<Assessed, StoreError> {
    let finding_id = assessment.finding_id();
    if let Some(change) = known.settles(assessment) {
        return Ok(Assessed { finding_id, change });
    }
    let mut backoff = Backoff::default();
    loop {
        let head = read::one(store, &store.findings, key(finding_pk(&finding_id), HEAD)).await?;
        let head = head.map(|item| read_head(&item)).transpose()?;
        let before = head.as_ref().map(|head| &head.finding);
        let (after, change) = assessment.apply(before.cloned());
        let Some(finding) = after.filter(|after| before != Some(after)) else {
            return Ok(Assessed { finding_id, change });
        };
        let notices = notices(store, &finding, change, policy).await?;
        let writes = writes(store, head.as_ref(), &finding, change, &notices, now)?;
        if write(store, writes).await? {
            return Ok(Assessed { finding_id, change });
        }
        // Another writer was faster: what it wrote decides anew.
        backoff.pause(&format!("finding {finding_id}")).await?;
    }
}

/// The notices that a change makes due: of a new episode those that do not exist yet, of its end those to whom its
/// beginning was told.
async fn notices(
    store: &DynamoDb,
    finding: &Finding,
    change: Change,
    policy: &NoticePolicy,
) -> Result<Vec<model::Notice>, StoreError> {
    if !change.is_new() && change != Change::Resolved {
        return Ok(Vec::new());
    }
    let due = policy.due(&finding.latest, finding.closed.as_ref());
    let keys: Vec<_> = due.iter().map(|notice| key(finding_pk(&finding.id), notice_sk(&notice.id))).collect();
    let known = read::many(store, &store.findings, &keys).await?;
    let known: Vec<&str> = known.iter().map(|item| read_text(item, "notice_id")).collect::<Result<_, _>>()?;
    if change == Change::Resolved {
        return Ok(policy.end(finding, |told| known.contains(&told.as_str())));
    }
    Ok(due.into_iter().filter(|notice| !known.contains(&notice.id.as_str())).collect())
}

pub(super) fn writes(
    store: &DynamoDb,
    head: Option<&Head>,
    finding: &Finding,
    change: Change,
    notices: &[model::Notice],
    now: Timestamp,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let put = |item: Item| Put::builder().table_name(&store.findings).set_item(Some(item));
    let mut writes = Vec::new();
    let mut add = |put: Put| writes.push(TransactWriteItem::builder().put(put).build());
    let version = head.map_or(0, |head| head.version);
    let write = put(head_item(finding, version.saturating_add(1))?);
    let write = match head {
        None => write.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK),
        Some(_) => write
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", number(version)),
    };
    add(write.build().map_err(malformed)?);
    if change.is_new() {
        add(put(occurrence_item(&finding.latest, now)?).build().map_err(malformed)?);
    }
    for notice in notices {
        add(put(notice_item(notice, now)).build().map_err(malformed)?);
    }
    writes.extend(standing::write(store, finding)?);
    Ok(writes)
}

/// `false`: another writer was faster.
pub(super) async fn write(store: &DynamoDb, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
    let Err(error) = store.client.transact_write_items().set_transact_items(Some(writes)).send().await else {
        return Ok(true);
    };
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(why)) => {
            for reason in why.cancellation_reasons() {
                if let Cancelled::Failed(error) = cancelled(&store.findings, reason) {
                    return Err(error);
                }
            }
            Ok(false)
        }
        _ => Err(failed("PutItem", &store.findings, &error)),
    }
}
