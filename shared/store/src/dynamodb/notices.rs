//! Notices: due, held, done or refused. Each step is one conditional update, so that two processes cannot both take
//! it, and a step that is repeated because its answer was lost does no harm.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use engine::ports::{Lease, StoreError};
use futures_util::future::try_join_all;
use model::{Finding, Notice, NoticeId, Timestamp};

use super::DynamoDb;
use super::failure::failed;
use super::items::{days, expiry, number, read_notice, read_number, read_text, text};
use super::keys::{Item, due_at, due_until, finding_pk, key, notice_sk, partition};
use super::schema::{DUE_NOTICES, PK, SHARDS, SK, TTL};
use crate::listing::stamp;

/// How long a notice is kept after it was settled, so that a late occurrence of its day makes no second one.
const SETTLED_STAY: Duration = days(30);

pub(super) async fn due(store: &DynamoDb, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
    let shards = (0..SHARDS).map(|shard| due_in(store, partition(&DUE_NOTICES, None, shard), now, limit));
    let mut due: Vec<_> = try_join_all(shards).await?.into_iter().flatten().collect();
    due.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    due.truncate(limit);
    Ok(due.into_iter().map(|(_, notice)| notice).collect())
}

/// The notices of the newest day of a finding about events.
pub(super) async fn newest(store: &DynamoDb, finding: &Finding) -> Result<Vec<Notice>, StoreError> {
    let day = NoticeId::from_text(NoticeId::day(&finding.id, finding.latest.event_time));
    // A handful: one for each channel, and for each time that it was closed on that day.
    let answer = store
        .client
        .query()
        .table_name(&store.findings)
        .consistent_read(true)
        .key_condition_expression("#pk = :pk AND begins_with(#sk, :day)")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#sk", SK)
        .expression_attribute_values(":pk", text(finding_pk(&finding.id)))
        .expression_attribute_values(":day", text(notice_sk(&day)))
        .send()
        .await
        .map_err(|error| failed("Query", &store.findings, &error))?;
    answer.items().iter().map(read_notice).collect()
}

/// What is due in one partition of the index, oldest first, and where each stands.
async fn due_in(
    store: &DynamoDb,
    pk: String,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(String, Notice)>, StoreError> {
    let mut found = Vec::new();
    let mut start: Option<Item> = None;
    while found.len() < limit {
        let left = limit.saturating_sub(found.len());
        let answer = store
            .client
            .query()
            .table_name(&store.findings)
            .index_name(DUE_NOTICES.name)
            .limit(i32::try_from(left).unwrap_or(i32::MAX))
            .key_condition_expression("#pk = :pk AND #due < :now")
            .expression_attribute_names("#pk", DUE_NOTICES.pk)
            .expression_attribute_names("#due", DUE_NOTICES.sk)
            .expression_attribute_values(":pk", text(&pk))
            .expression_attribute_values(":now", text(due_until(now)))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| {
                failed("Query", &format!("{}/index/{}", store.findings, DUE_NOTICES.name), &error)
            })?;
        for item in answer.items() {
            found.push((read_text(item, DUE_NOTICES.sk)?.to_owned(), read_notice(item)?));
        }
        start = answer.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    Ok(found)
}

pub(super) async fn lease(
    store: &DynamoDb,
    notice: &Notice,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>, StoreError> {
    // `until` and not `due_at`: a notice that nobody held yet may be taken at once, even by a clock that is behind
    // the one that made it.
    let update = update(store, notice)
        .update_expression(
            "SET #state = :held, #owner = :owner, #until = :until, #due = :due, #epoch = #epoch + :one",
        )
        .condition_expression(
            "#state IN (:due_state, :held) AND (attribute_not_exists(#until) OR #until <= :now)",
        )
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_names("#until", "until")
        .expression_attribute_names("#due", DUE_NOTICES.sk)
        .expression_attribute_values(":held", text("held"))
        .expression_attribute_values(":due_state", text("due"))
        .expression_attribute_values(":owner", text(owner))
        .expression_attribute_values(":until", text(stamp(until)))
        .expression_attribute_values(":due", text(due_at(until, &notice.id)))
        .expression_attribute_values(":now", text(stamp(now)))
        .expression_attribute_values(":one", number(1))
        .return_values(ReturnValue::AllNew);
    let Some(item) = conditional(store, update).await? else { return Ok(None) };
    Ok(Some(Lease { notice: read_notice(&item)?, epoch: read_number(&item, "epoch")? }))
}

pub(super) async fn settle(
    store: &DynamoDb,
    lease: &Lease,
    refused: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let end = if refused.is_some() { "refused" } else { "done" };
    let update = update(store, &lease.notice)
        .update_expression(
            "SET #state = :end, #settled = :now, #reason = :reason, #ttl = :ttl REMOVE #until, #due_pk, #due",
        )
        .condition_expression("#epoch = :epoch AND #state IN (:held, :end)")
        .expression_attribute_names("#settled", "settled_at")
        .expression_attribute_names("#reason", "reason")
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_names("#until", "until")
        .expression_attribute_names("#due_pk", DUE_NOTICES.pk)
        .expression_attribute_names("#due", DUE_NOTICES.sk)
        .expression_attribute_values(":held", text("held"))
        .expression_attribute_values(":end", text(end))
        .expression_attribute_values(":now", text(stamp(now)))
        .expression_attribute_values(":reason", text(refused.unwrap_or_default()))
        .expression_attribute_values(":ttl", expiry(now, SETTLED_STAY))
        .expression_attribute_values(":epoch", number(lease.epoch));
    fenced(store, lease, update).await
}

pub(super) async fn release(store: &DynamoDb, lease: &Lease, retry_at: Timestamp) -> Result<(), StoreError> {
    let update = update(store, &lease.notice)
        .update_expression("SET #state = :due_state, #until = :retry, #due = :due")
        .condition_expression("#epoch = :epoch AND #state IN (:held, :due_state)")
        .expression_attribute_names("#until", "until")
        .expression_attribute_names("#due", DUE_NOTICES.sk)
        .expression_attribute_values(":held", text("held"))
        .expression_attribute_values(":due_state", text("due"))
        .expression_attribute_values(":retry", text(stamp(retry_at)))
        .expression_attribute_values(":due", text(due_at(retry_at, &lease.notice.id)))
        .expression_attribute_values(":epoch", number(lease.epoch));
    fenced(store, lease, update).await
}

/// An update of the notice; all of them look at its state and its epoch.
fn update(store: &DynamoDb, notice: &Notice) -> UpdateItemFluentBuilder {
    store
        .client
        .update_item()
        .table_name(&store.findings)
        .set_key(Some(key(finding_pk(&notice.finding_id), notice_sk(&notice.id))))
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#epoch", "epoch")
}

/// Runs `update`, which changes the notice only while nobody else took it after `lease`.
async fn fenced(store: &DynamoDb, lease: &Lease, update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    match conditional(store, update).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::Conflict(lease.notice.id.to_string())),
    }
}

/// Runs `update` and gives what it was asked to return; `None`: its condition does not hold.
async fn conditional(store: &DynamoDb, update: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
    match update.send().await {
        Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed("UpdateItem", &store.findings, &error)),
    }
}
