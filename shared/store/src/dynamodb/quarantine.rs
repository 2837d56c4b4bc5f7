//! Records that could not be judged, byte for byte: in pieces, since an item takes 400 KB and a record may have more.
//!
//! The head is written last, so that a record with a head is whole. Pieces are the same whoever writes them.

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::ports::StoreError;
use model::{Poison, Untrusted};

use super::DynamoDb;
use super::failure::failed;
use super::items::{corrupt, days, expiry, item, number, read_number, read_text, text};
use super::keys::{HEAD, Item, key, quarantine_pk};
use super::read;
use super::schema::{PK, SK, TTL};
use crate::column::column;

/// How long records stay in quarantine.
const STAY: Duration = days(90);

/// The most bytes of a piece.
const PIECE: usize = 350_000;

/// The most bytes of the texts beside them.
const NOTE: usize = 10_000;

/// `false`: it was there.
pub(super) async fn put(store: &DynamoDb, poison: &Poison) -> Result<bool, StoreError> {
    if head(store, &poison.sha256).await?.is_some() {
        return Ok(false);
    }
    let ttl = || expiry(poison.received_at, STAY);
    let mut pieces = 0_usize;
    for piece in poison.bytes.chunks(PIECE) {
        let key = key(quarantine_pk(&poison.sha256), format!("{pieces:04}"));
        let bytes = AttributeValue::B(Blob::new(piece));
        write(store, item(key, [("kind", text("piece")), ("bytes", bytes), (TTL, ttl())])).await?;
        pieces = pieces.saturating_add(1);
    }
    let head = item(
        key(quarantine_pk(&poison.sha256), HEAD),
        [
            ("kind", text("quarantine")),
            ("reason", text(note(&poison.reason))),
            ("lane", text(note(&column(&poison.lane)))),
            ("received_at", text(poison.received_at.to_string())),
            ("pieces", number(pieces)),
            (TTL, ttl()),
        ],
    );
    write_head(store, head).await
}

/// The first part of a text that may be long.
fn note(text: &str) -> &str {
    let mut end = text.len().min(NOTE);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// The head, unless it has expired: DynamoDB deletes that late.
async fn head(store: &DynamoDb, sha256: &str) -> Result<Option<Item>, StoreError> {
    let Some(head) = read::one(store, &store.ops, key(quarantine_pk(sha256), HEAD)).await? else {
        return Ok(None);
    };
    let ttl: i64 = read_number(&head, TTL)?;
    Ok((ttl > store.clock.now().as_second()).then_some(head))
}

async fn write(store: &DynamoDb, piece: Item) -> Result<(), StoreError> {
    let put = store.client.put_item().table_name(&store.ops).set_item(Some(piece));
    put.send().await.map(drop).map_err(|error| failed("PutItem", &store.ops, &error))
}

/// `false`: somebody else wrote it meanwhile.
async fn write_head(store: &DynamoDb, head: Item) -> Result<bool, StoreError> {
    let put = store
        .client
        .put_item()
        .table_name(&store.ops)
        .set_item(Some(head))
        .condition_expression("attribute_not_exists(#pk) OR #ttl <= :now")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_values(":now", number(store.clock.now().as_second()));
    match put.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(failed("PutItem", &store.ops, &error)),
    }
}

pub(super) async fn get(store: &DynamoDb, sha256: &str) -> Result<Option<Poison>, StoreError> {
    let Some(head) = head(store, sha256).await? else { return Ok(None) };
    let received_at = read_text(&head, "received_at")?;
    let received_at =
        received_at.parse().map_err(|_| corrupt(&head, format!("{received_at:?} is no time")))?;
    let bytes = bytes(store, sha256).await?;
    let poison = Poison::new(
        &bytes,
        read_text(&head, "reason")?,
        Untrusted::new(read_text(&head, "lane")?),
        received_at,
    );
    if poison.sha256 != sha256 {
        return Err(corrupt(&head, format!("its {} bytes have another SHA-256", bytes.len())));
    }
    Ok(Some(poison))
}

/// All pieces, put together.
async fn bytes(store: &DynamoDb, sha256: &str) -> Result<Vec<u8>, StoreError> {
    let mut pieces = store
        .client
        .query()
        .table_name(&store.ops)
        .consistent_read(true)
        // Digits come behind `#`, so that the pieces are what follows the head.
        .key_condition_expression("#pk = :pk AND #sk > :head")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#sk", SK)
        .expression_attribute_values(":pk", text(quarantine_pk(sha256)))
        .expression_attribute_values(":head", text(HEAD))
        .into_paginator()
        .items()
        .send();
    let mut bytes = Vec::new();
    while let Some(item) = pieces.next().await {
        let item = item.map_err(|error| failed("Query", &store.ops, &error))?;
        let piece = item.get("bytes").and_then(|value| value.as_b().ok());
        bytes.extend_from_slice(piece.ok_or_else(|| corrupt(&item, "`bytes` are no bytes"))?.as_ref());
    }
    Ok(bytes)
}
