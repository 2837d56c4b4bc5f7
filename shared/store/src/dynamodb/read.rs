//! Reading items by key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use engine::ports::StoreError;

use super::DynamoDb;
use super::backoff::Backoff;
use super::failure::{failed, malformed};
use super::keys::Item;

/// The most keys that one request takes.
const KEYS_PER_REQUEST: usize = 100;

/// The item at `key`, with every write that was answered before.
pub(super) async fn one(store: &DynamoDb, table: &str, key: Item) -> Result<Option<Item>, StoreError> {
    let answer = store
        .client
        .get_item()
        .table_name(table)
        .set_key(Some(key))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| failed("GetItem", table, &error))?;
    Ok(answer.item)
}

/// The items at `keys` that exist, in any order.
pub(super) async fn many(store: &DynamoDb, table: &str, keys: &[Item]) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::with_capacity(keys.len());
    for keys in keys.chunks(KEYS_PER_REQUEST) {
        let mut backoff = Backoff::default();
        let mut left = Some(keys.to_vec());
        while let Some(keys) = left.take().filter(|keys| !keys.is_empty()) {
            let asked = keys.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .map_err(malformed)?;
            let answer = store
                .client
                .batch_get_item()
                .request_items(table, request)
                .send()
                .await
                .map_err(|error| failed("BatchGetItem", table, &error))?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            left = answer
                .unprocessed_keys
                .and_then(|mut tables: HashMap<_, _>| tables.remove(table))
                .map(|rest| rest.keys);
            // An answer is cut at 16 MB, which is no reason to wait; one that holds nothing was throttled.
            if left.as_ref().is_some_and(|keys| keys.len() >= asked) {
                backoff.pause(table).await?;
            }
        }
    }
    Ok(items)
}
