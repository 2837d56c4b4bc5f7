//! Digests: who goes out one by one, and what is told together.
//!
//! The lines of a digest stand in the table of operations, over several partitions, since a storm writes many at once.
//! The digest itself is a notice in the table of findings that nobody may take before it is due.

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use engine::ports::StoreError;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Line, Notice, NoticeId, Timestamp};

use super::DynamoDb;
use super::backoff::Backoff;
use super::failure::{failed, malformed};
use super::items::{days, expiry, item, notice_item, number, read_text, text};
use super::keys::{HEAD, due_at, finding_pk, key, line_pk, notice_sk, span_pk};
use super::read;
use super::schema::{DUE_NOTICES, PK, SHARDS, TTL};
use crate::document;
use crate::listing::stamp;

/// How long it is remembered who was among the first: longer than any span.
const ADMITTED_STAY: Duration = days(2);

/// How long the lines of a digest can be looked up; as long as a notice is.
const LINES_STAY: Duration = days(30);

/// The most writes of a `BatchWriteItem`.
const WRITES: usize = 25;

/// So many requests are under way at once.
const AT_ONCE: usize = 8;

pub(super) async fn admit(
    store: &DynamoDb,
    span: &str,
    notice: &NoticeId,
    places: usize,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if places == 0 {
        return Ok(false);
    }
    let update = store
        .client
        .update_item()
        .table_name(&store.ops)
        .set_key(Some(key(span_pk(span), HEAD)))
        .update_expression("ADD #admitted :one SET #ttl = :ttl")
        .condition_expression(
            "attribute_not_exists(#admitted) OR size(#admitted) < :places OR contains(#admitted, :id)",
        )
        .expression_attribute_names("#admitted", "admitted")
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_values(":one", AttributeValue::Ss(vec![notice.to_string()]))
        .expression_attribute_values(":id", text(notice.as_str()))
        .expression_attribute_values(":places", number(places))
        .expression_attribute_values(":ttl", expiry(now, ADMITTED_STAY));
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(failed("UpdateItem", &store.ops, &error)),
    }
}

pub(super) async fn bundle(
    store: &DynamoDb,
    digest: &Notice,
    at: Timestamp,
    lines: &[Line],
    now: Timestamp,
) -> Result<bool, StoreError> {
    // First the lines, then the look at the digest: whoever takes it afterwards reads them.
    let batches: Vec<_> = lines.chunks(WRITES).map(|some| write(store, &digest.id, some, now)).collect();
    stream::iter(batches).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let at_rest = |item: &super::keys::Item| Ok(read_text(item, "state")? == "due");
    let place = || key(finding_pk(&digest.finding_id), notice_sk(&digest.id));
    if let Some(item) = read::one(store, &store.findings, place()).await? {
        return at_rest(&item);
    }
    let mut made = notice_item(digest, now);
    made.insert("until".to_owned(), text(stamp(at)));
    made.insert(DUE_NOTICES.sk.to_owned(), text(due_at(at, &digest.id)));
    let put = store
        .client
        .put_item()
        .table_name(&store.findings)
        .set_item(Some(made))
        .condition_expression("attribute_not_exists(#pk)")
        .expression_attribute_names("#pk", PK);
    match put.send().await {
        Ok(_) => Ok(true),
        // Somebody else made it just now.
        Err(error)
            if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            match read::one(store, &store.findings, place()).await? {
                Some(item) => at_rest(&item),
                None => Ok(false),
            }
        }
        Err(error) => Err(failed("PutItem", &store.findings, &error)),
    }
}

/// Writes lines; one that is there is written over by itself.
async fn write(
    store: &DynamoDb,
    digest: &NoticeId,
    lines: &[Line],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut waiting = Vec::with_capacity(lines.len());
    let mut known = std::collections::BTreeSet::new();
    for line in lines.iter().filter(|line| known.insert(&line.notice)) {
        let item = item(
            key(line_pk(digest, shard(&line.notice)), line.notice.as_str()),
            [
                ("kind", text("line")),
                ("finding_id", text(line.finding.as_str())),
                ("doc", text(document::write(line)?)),
                (TTL, expiry(now, LINES_STAY)),
            ],
        );
        let put = PutRequest::builder().set_item(Some(item)).build().map_err(malformed)?;
        waiting.push(WriteRequest::builder().put_request(put).build());
    }
    let mut backoff = Backoff::default();
    while !waiting.is_empty() {
        let request = store.client.batch_write_item().request_items(&store.ops, waiting);
        let answer = request.send().await.map_err(|error| failed("BatchWriteItem", &store.ops, &error))?;
        waiting = answer.unprocessed_items.and_then(|mut left| left.remove(&store.ops)).unwrap_or_default();
        if !waiting.is_empty() {
            backoff.pause("the lines of a digest").await?;
        }
    }
    Ok(())
}

fn shard(notice: &NoticeId) -> u8 {
    notice.as_str().bytes().fold(0, u8::wrapping_add) % SHARDS
}

pub(super) async fn bundled(
    store: &DynamoDb,
    digest: &NoticeId,
    limit: usize,
) -> Result<Vec<Line>, StoreError> {
    let shards = (0..SHARDS).map(|shard| bundled_in(store, line_pk(digest, shard), limit));
    let mut lines: Vec<Line> = try_join_all(shards).await?.into_iter().flatten().collect();
    lines.sort_unstable_by(|left, right| left.notice.cmp(&right.notice));
    lines.truncate(limit);
    Ok(lines)
}

async fn bundled_in(store: &DynamoDb, pk: String, limit: usize) -> Result<Vec<Line>, StoreError> {
    let mut items = store
        .client
        .query()
        .table_name(&store.ops)
        .consistent_read(true)
        .key_condition_expression("#pk = :pk")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_values(":pk", text(pk))
        .into_paginator()
        .items()
        .send();
    let mut lines = Vec::new();
    while lines.len() < limit {
        let Some(item) = items.next().await else { break };
        let item = item.map_err(|error| failed("Query", &store.ops, &error))?;
        lines.push(document::read("a line of a digest", read_text(&item, "doc")?)?);
    }
    Ok(lines)
}
