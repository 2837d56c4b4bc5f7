//! States, timelines and marks.
//!
//! Beside a state stand items that lead to it: one under its ARN, one under its id, one in the list of its type. They
//! are made with it and never change, so that a change of the resource is one write, and are read consistently, which
//! an index cannot be.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, PutRequest, TransactWriteItem, WriteRequest};
use engine::ports::{Inventory, Kind, Page, StateQuery, Step, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Moment, State, TimelineId, Timestamp};

use super::DynamoDb;
use super::backoff::Backoff;
use super::failure::{Cancelled, cancelled, failed, malformed};
use super::items::{days, expiry, item, number, read_text, text};
use super::keys::{HEAD, Item, KINDS, due_until, entry_sk, key, kind_pk, mark_pk, named_pk, timeline_pk};
use super::packed::{pack, unpack};
use super::read;
use super::schema::{PK, SK, TTL};
use crate::column::column;
use crate::listing::{self, Spot, stamp};

/// How long moments are kept.
const MOMENTS_STAY: Duration = days(400);

/// How long the state of what is gone is kept.
const GONE_STAYS: Duration = days(90);

/// How long a mark stands that nobody takes away.
const MARKS_STAY: Duration = days(1);

/// How many steps are written at the same time.
const AT_ONCE: usize = 16;

/// The most items that one request of a batch takes.
const BATCH: usize = 25;

#[async_trait]
impl Inventory for DynamoDb {
    async fn state(&self, key: &TimelineId) -> Result<Option<State>, StoreError> {
        let found = read::one(self, &self.states, state_key(key)).await?;
        found.map(|item| unpack(&item)).transpose()
    }

    async fn states_of(&self, kind: &Kind) -> Result<Vec<State>, StoreError> {
        let keys = self.sort_keys(&self.states, kind_pk(&kind.account, &kind.resource_type)).await?;
        let keys: Vec<Item> = keys.iter().map(|id| state_key(&TimelineId::from_text(id))).collect();
        let found = read::many(self, &self.states, &keys).await?;
        found.iter().map(unpack).collect()
    }

    async fn states(&self, query: &StateQuery) -> Result<Page<State>, StoreError> {
        let limit = listing::state_limit(query);
        let mut found: Vec<State> = Vec::new();
        // A kind after the other, in the order of the list, until the page is full.
        for entry in self.sort_keys(&self.states, KINDS.to_owned()).await? {
            let Some((account, resource_type)) = entry.split_once(' ') else { continue };
            let is_past = query.after.as_ref().is_some_and(|after| {
                after.split(' ').take(2).cmp([account, resource_type]) == std::cmp::Ordering::Greater
            });
            let is = |asked: &Option<String>, own: &str| asked.as_ref().is_none_or(|asked| asked == own);
            if is_past || !is(&query.account, account) || !is(&query.resource_type, resource_type) {
                continue;
            }
            let kind = Kind { account: account.to_owned(), resource_type: resource_type.to_owned() };
            let mut states = self.states_of(&kind).await?;
            states.retain(|state| listing::is_asked(query, state));
            states.retain(|state| {
                query.after.as_ref().is_none_or(|after| Spot::of(state).to_string() > *after)
            });
            states.sort_by_cached_key(Spot::of);
            found.extend(states);
            if found.len() > limit {
                break;
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|state| Spot::of(state).to_string());
        Ok(Page { items: found, next })
    }

    async fn named(&self, name: &str) -> Result<Vec<State>, StoreError> {
        let ids = self.sort_keys(&self.states, named_pk(name)).await?;
        let keys: Vec<Item> = ids.iter().map(|id| state_key(&TimelineId::from_text(id))).collect();
        let found = read::many(self, &self.states, &keys).await?;
        found.iter().map(unpack).collect()
    }

    async fn advance(&self, steps: &[Step]) -> Result<Vec<bool>, StoreError> {
        let kinds = steps.iter().filter(|step| step.before.is_none());
        let kinds: BTreeSet<String> =
            kinds.map(|step| format!("{} {}", step.state.account, step.state.resource_type)).collect();
        for kind in kinds {
            // Before the first of its kind, so that no list leaves it out.
            let entry = item(key(KINDS.to_owned(), kind), [("kind", text("kind"))]);
            let put = self.client.put_item().table_name(&self.states).set_item(Some(entry));
            put.send().await.map_err(|error| failed("PutItem", &self.states, &error))?;
        }
        let work: Vec<_> = steps.iter().map(|step| self.step(step)).collect();
        stream::iter(work).buffered(AT_ONCE).try_collect().await
    }

    async fn tell(&self, moments: &[Moment]) -> Result<(), StoreError> {
        // A batch must not name an item twice.
        let mut seen = BTreeSet::new();
        let mut puts = Vec::with_capacity(moments.len());
        for moment in moments.iter().rev() {
            if seen.insert((&moment.timeline, stamp(moment.time), &moment.id)) {
                let put = PutRequest::builder().set_item(Some(moment_item(moment)?));
                puts.push(WriteRequest::builder().put_request(put.build().map_err(malformed)?).build());
            }
        }
        for batch in puts.chunks(BATCH) {
            self.put_all(batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn timeline(
        &self,
        timelines: &[TimelineId],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        let work: Vec<_> = timelines.iter().map(|timeline| self.moments(timeline, from, until)).collect();
        let found: Vec<Vec<Moment>> = stream::iter(work).buffered(AT_ONCE).try_collect().await?;
        Ok(listing::in_order(found.into_iter().flatten().collect()))
    }

    async fn mark(&self, target: &str, now: Timestamp, window: Duration) -> Result<bool, StoreError> {
        let until = stamp(now + window);
        let mark = item(
            key(mark_pk(target), HEAD),
            [("kind", text("mark")), ("until", text(until)), (TTL, expiry(now, MARKS_STAY))],
        );
        let put = self
            .client
            .put_item()
            .table_name(&self.ops)
            .set_item(Some(mark))
            .condition_expression("attribute_not_exists(#pk) OR #until <= :now")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", text(stamp(now)));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(failed("PutItem", &self.ops, &error)),
            },
        }
    }

    async fn unmark(&self, target: &str) -> Result<(), StoreError> {
        let delete =
            self.client.delete_item().table_name(&self.ops).set_key(Some(key(mark_pk(target), HEAD)));
        delete.send().await.map(drop).map_err(|error| failed("DeleteItem", &self.ops, &error))
    }
}

impl DynamoDb {
    /// `false`: another writer was faster, or knew more.
    async fn step(&self, step: &Step) -> Result<bool, StoreError> {
        let state = &step.state;
        let put = |item: Item| Put::builder().table_name(&self.states).set_item(Some(item));
        let write = put(state_item(state)?);
        let mut writes = Vec::new();
        let mut add = |put: Put| writes.push(TransactWriteItem::builder().put(put).build());
        match step.before {
            None => {
                let new = write
                    .condition_expression("attribute_not_exists(#pk)")
                    .expression_attribute_names("#pk", PK);
                add(new.build().map_err(malformed)?);
                for lead in leads(state) {
                    add(put(lead).build().map_err(malformed)?);
                }
            }
            Some(before) => {
                let next = write
                    .condition_expression("#read_at = :before AND #read_at < :now")
                    .expression_attribute_names("#read_at", "read_at")
                    .expression_attribute_values(":before", text(stamp(before)))
                    .expression_attribute_values(":now", text(stamp(state.read_at)));
                add(next.build().map_err(malformed)?);
            }
        }
        for moment in &step.moments {
            let put = Put::builder().table_name(&self.timeline).set_item(Some(moment_item(moment)?));
            add(put.build().map_err(malformed)?);
        }
        if let [only] = writes.as_slice()
            && let Some(put) = only.put()
        {
            return self.put_state(put).await;
        }
        let mut backoff = Backoff::default();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let Err(error) = request.send().await else { return Ok(true) };
            let Some(TransactWriteItemsError::TransactionCanceledException(why)) = error.as_service_error()
            else {
                return Err(failed("PutItem", &self.states, &error));
            };
            for reason in why.cancellation_reasons() {
                match cancelled(&self.states, reason) {
                    Cancelled::Condition => return Ok(false),
                    Cancelled::Failed(error) => return Err(error),
                    Cancelled::Innocent | Cancelled::Contended => {}
                }
            }
            backoff.pause("the state of a resource").await?;
        }
    }

    /// Writes one state, for half of what a transaction costs. `false`: another writer was faster, or knew more.
    async fn put_state(&self, put: &Put) -> Result<bool, StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let put = put.clone();
            let request = self
                .client
                .put_item()
                .table_name(put.table_name)
                .set_item(Some(put.item))
                .set_condition_expression(put.condition_expression)
                .set_expression_attribute_names(put.expression_attribute_names)
                .set_expression_attribute_values(put.expression_attribute_values);
            let Err(error) = request.send().await else { return Ok(true) };
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => return Ok(false),
                Some(PutItemError::TransactionConflictException(_)) => {}
                _ => return Err(failed("PutItem", &self.states, &error)),
            }
            backoff.pause("the state of a resource").await?;
        }
    }

    async fn put_all(&self, mut left: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let asked = left.len();
            let request = self.client.batch_write_item().request_items(&self.timeline, left);
            let answer =
                request.send().await.map_err(|error| failed("BatchWriteItem", &self.timeline, &error))?;
            left =
                answer.unprocessed_items.and_then(|mut rest| rest.remove(&self.timeline)).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            if left.len() >= asked {
                backoff.pause(&self.timeline).await?;
            }
        }
    }

    async fn moments(
        &self,
        timeline: &TimelineId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Moment>, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.timeline)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :until")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", text(timeline_pk(timeline)))
            .expression_attribute_values(":from", text(stamp(from)))
            .expression_attribute_values(":until", text(due_until(until)))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(unpack(&item.map_err(|error| failed("Query", &self.timeline, &error))?)?);
        }
        Ok(found)
    }

    /// The sort keys of a partition, in order.
    async fn sort_keys(&self, table: &str, pk: String) -> Result<Vec<String>, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk")
            .projection_expression("#sk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", text(pk))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed("Query", table, &error))?;
            found.push(read_text(&item, SK)?.to_owned());
        }
        Ok(found)
    }
}

fn state_key(id: &TimelineId) -> Item {
    key(timeline_pk(id), HEAD)
}

fn state_item(state: &State) -> Result<Item, StoreError> {
    let mut whole = item(
        state_key(&state.key),
        [
            ("kind", text("state")),
            ("resource_type", text(&state.resource_type)),
            ("read_at", text(stamp(state.read_at))),
        ],
    );
    if let Some(gone_at) = state.gone_at {
        whole.insert(TTL.to_owned(), expiry(gone_at, GONE_STAYS));
    }
    pack(&mut whole, state)?;
    Ok(whole)
}

/// The items that lead to a state.
fn leads(state: &State) -> Vec<Item> {
    let id = state.key.as_str();
    let names: BTreeSet<String> = [&state.arn, &state.id].map(column).into_iter().collect();
    let names = names.iter().filter(|name| !name.is_empty());
    let named = names.map(|name| item(key(named_pk(name), id), [("kind", text("name"))]));
    let of_kind = item(key(kind_pk(&state.account, &state.resource_type), id), [("kind", text("of_kind"))]);
    named.chain([of_kind]).collect()
}

fn moment_item(moment: &Moment) -> Result<Item, StoreError> {
    let mut whole = item(
        key(timeline_pk(&moment.timeline), entry_sk(moment.time, &moment.id)),
        [
            ("kind", text("moment")),
            (TTL, number(moment.time.as_second().saturating_add_unsigned(MOMENTS_STAY.as_secs()))),
        ],
    );
    pack(&mut whole, moment)?;
    Ok(whole)
}
