//! Mutes, in the table of operations. They have no time to live: who muted what, and until when, stays on record.

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use engine::ports::{KeptMutes, MuteStore, StoreError};
use model::MuteRecord;

use super::DynamoDb;
use super::failure::failed;
use super::items::{item, number, read_text, text};
use super::keys::{MUTES, key};
use super::schema::{PK, SK};
use crate::document;

#[async_trait]
impl MuteStore for DynamoDb {
    async fn mutes(&self) -> Result<KeptMutes, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.ops)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(MUTES))
            .into_paginator()
            .items()
            .send();
        let mut kept = KeptMutes::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed("Query", &self.ops, &error))?;
            let id = read_text(&item, SK)?.to_owned();
            match read_text(&item, "doc") {
                Ok(doc) => document::sort_mute(&mut kept, id, doc),
                Err(error) => kept.unreadable.push((id, error.to_string())),
            }
        }
        Ok(kept)
    }

    async fn put_mute(&self, record: &MuteRecord) -> Result<bool, StoreError> {
        let item = item(
            key(MUTES.to_owned(), &record.mute.id),
            [
                ("kind", text("mute")),
                ("revision", number(record.revision)),
                ("doc", text(document::write(record)?)),
            ],
        );
        let put = self.client.put_item().table_name(&self.ops).set_item(Some(item));
        let put = if record.revision == 1 {
            put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", PK)
        } else {
            put.condition_expression("#revision = :before")
                .expression_attribute_names("#revision", "revision")
                .expression_attribute_values(":before", number(record.revision.saturating_sub(1)))
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(failed("PutItem", &self.ops, &error)),
        }
    }
}
