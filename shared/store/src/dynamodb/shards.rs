//! Which shards of a scan are done, in the table of operations.

use std::collections::BTreeSet;

use engine::ports::StoreError;
use model::Timestamp;

use super::DynamoDb;
use super::failure::failed;
use super::items::{days, expiry, item, read_text, text};
use super::keys::{key, scan_pk};
use super::schema::{PK, SK, TTL};

/// How long a scan is remembered: longer than its messages live.
const DAYS: u64 = 15;

pub(super) async fn finish(
    store: &DynamoDb,
    scan: &str,
    shard: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = item(key(scan_pk(scan), shard), [("kind", text("shard")), (TTL, expiry(now, days(DAYS)))]);
    let put = store.client.put_item().table_name(&store.ops).set_item(Some(done));
    put.send().await.map(drop).map_err(|error| failed("PutItem", &store.ops, &error))
}

pub(super) async fn finished(store: &DynamoDb, scan: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut done = store
        .client
        .query()
        .table_name(&store.ops)
        .consistent_read(true)
        .key_condition_expression("#pk = :pk")
        .projection_expression("#sk")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#sk", SK)
        .expression_attribute_values(":pk", text(scan_pk(scan)))
        .into_paginator()
        .items()
        .send();
    let mut found = BTreeSet::new();
    while let Some(item) = done.next().await {
        let item = item.map_err(|error| failed("Query", &store.ops, &error))?;
        found.insert(read_text(&item, SK)?.to_owned());
    }
    Ok(found)
}

pub(super) async fn forget(store: &DynamoDb, scan: &str) -> Result<(), StoreError> {
    for shard in finished(store, scan).await? {
        let delete =
            store.client.delete_item().table_name(&store.ops).set_key(Some(key(scan_pk(scan), shard)));
        delete.send().await.map_err(|error| failed("DeleteItem", &store.ops, &error))?;
    }
    Ok(())
}
