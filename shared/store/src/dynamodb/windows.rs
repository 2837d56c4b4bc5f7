//! What rules over several events keep: an item an entry, so that no item grows.
//!
//! Before an entry is written the window is read, so that noise is not paid for; afterwards it is read again, so that
//! of two writers at once the later one is told of both.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::ports::{Entry, StoreError, Window};
use futures_util::future::try_join_all;
use model::Timestamp;

use super::DynamoDb;
use super::failure::failed;
use super::items::{corrupt, expiry, item, number, read_text, text};
use super::keys::{Item, due_until, entry_sk, key, window_pk};
use super::schema::{PK, SK, TTL};
use crate::listing::stamp;

/// So many requests are under way at once.
const AT_ONCE: usize = 16;

pub(super) async fn observe(
    store: &DynamoDb,
    windows: &[Window],
    now: Timestamp,
) -> Result<Vec<Vec<Entry>>, StoreError> {
    let mut told = Vec::with_capacity(windows.len());
    for some in windows.chunks(AT_ONCE) {
        told.extend(try_join_all(some.iter().map(|window| one(store, window, now))).await?);
    }
    Ok(told)
}

async fn one(store: &DynamoDb, window: &Window, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let times = || window.entries.iter().map(|entry| entry.time);
    let range = window.asked.or_else(|| Some((times().min()?, times().max()?)));
    let Some((from, until)) = range else { return Ok(Vec::new()) };
    let kept = read(store, window, from, until).await?;
    let missing: Vec<&Entry> = window.entries.iter().filter(|entry| wanted(entry, &kept, window)).collect();
    for some in missing.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|entry| write(store, window, entry, now))).await?;
    }
    match window.asked {
        None => Ok(Vec::new()),
        Some(_) if missing.is_empty() => Ok(kept),
        Some(_) => read(store, window, from, until).await,
    }
}

/// Whether an entry is not there, and fewer than the limit of its class stand before it.
fn wanted(entry: &Entry, kept: &[Entry], window: &Window) -> bool {
    let position = |entry: &Entry| (stamp(entry.time), entry.id.clone());
    let here = position(entry);
    let before = kept.iter().filter(|other| other.class == entry.class && position(other) < here).count();
    let is_known = kept.iter().any(|other| position(other) == here);
    !is_known && before < window.limit && kept.len() < window.most
}

async fn write(store: &DynamoDb, window: &Window, entry: &Entry, now: Timestamp) -> Result<(), StoreError> {
    let item = item(
        key(window_pk(&window.id), entry_sk(entry.time, &entry.id)),
        [
            ("kind", text("entry")),
            ("class", text(&entry.class)),
            ("doc", text(&entry.doc)),
            (TTL, expiry(now, window.stay)),
        ],
    );
    let put = store.client.put_item().table_name(&store.ops).set_item(Some(item));
    put.send().await.map(drop).map_err(|error| failed("PutItem", &store.ops, &error))
}

async fn read(
    store: &DynamoDb,
    window: &Window,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    let mut kept = store
        .client
        .query()
        .table_name(&store.ops)
        .consistent_read(true)
        .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :until")
        .filter_expression("#ttl > :now")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#sk", SK)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_values(":pk", text(window_pk(&window.id)))
        .expression_attribute_values(":from", text(stamp(from)))
        .expression_attribute_values(":until", text(due_until(until)))
        .expression_attribute_values(":now", number(store.clock.now().as_second()))
        .into_paginator()
        .items()
        .send();
    let mut entries = Vec::new();
    while entries.len() < window.most {
        let Some(item) = kept.next().await else { break };
        let item = item.map_err(|error| failed("Query", &store.ops, &error))?;
        entries.push(entry(&item)?);
    }
    Ok(entries)
}

fn entry(item: &Item) -> Result<Entry, StoreError> {
    let sk = item.get(SK).and_then(|value: &AttributeValue| value.as_s().ok()).map_or("", String::as_str);
    let (time, id) = sk.split_once('#').ok_or_else(|| corrupt(item, "its key is none of an entry"))?;
    let time = time.parse().map_err(|_| corrupt(item, format!("{time:?} is no time")))?;
    Ok(Entry {
        id: id.to_owned(),
        time,
        class: read_text(item, "class")?.to_owned(),
        doc: read_text(item, "doc")?.to_owned(),
    })
}
