//! What use cases keep for themselves, in the table of operations.

use std::time::Duration;

use async_trait::async_trait;
use engine::ports::{Note, Notes, StoreError};
use futures_util::future::try_join_all;
use model::Timestamp;

use super::DynamoDb;
use super::failure::failed;
use super::items::{expiry, item, read_text, text};
use super::keys::{key as key_of, notes_pk};
use super::packed::{pack, unpack};
use super::schema::{PK, SK, TTL};

/// So many notes are written at the same time.
const AT_ONCE: usize = 16;

#[async_trait]
impl Notes for DynamoDb {
    async fn write_notes(
        &self,
        scope: &str,
        notes: &[Note],
        stay: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in notes.chunks(AT_ONCE) {
            try_join_all(some.iter().map(|note| write(self, scope, note, stay, now))).await?;
        }
        Ok(())
    }

    async fn note(&self, scope: &str, key: &str) -> Result<Option<String>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.ops)
            .set_key(Some(key_of(notes_pk(scope), key)))
            .consistent_read(true);
        let found = get.send().await.map_err(|error| failed("GetItem", &self.ops, &error))?;
        found.item().map(unpack).transpose()
    }

    async fn notes(&self, scope: &str) -> Result<Vec<Note>, StoreError> {
        let mut found = self
            .client
            .query()
            .table_name(&self.ops)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(notes_pk(scope)))
            .into_paginator()
            .items()
            .send();
        let mut notes = Vec::new();
        while let Some(item) = found.next().await {
            let item = item.map_err(|error| failed("Query", &self.ops, &error))?;
            notes.push(Note { key: read_text(&item, SK)?.to_owned(), doc: unpack(&item)? });
        }
        Ok(notes)
    }
}

async fn write(
    store: &DynamoDb,
    scope: &str,
    note: &Note,
    stay: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut item =
        item(key_of(notes_pk(scope), &note.key), [("kind", text("note")), (TTL, expiry(now, stay))]);
    pack(&mut item, &note.doc)?;
    let put = store.client.put_item().table_name(&store.ops).set_item(Some(item));
    put.send().await.map(drop).map_err(|error| failed("PutItem", &store.ops, &error))
}
