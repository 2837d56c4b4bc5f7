//! NOTIFY: notices from the findings table's stream, and a sweep for those that the stream did not tell of.

use engine::notify::{Notifier, Told};
use engine::ports::StoreError;
use model::Notice;
use serde_json::Value;

use crate::batch::BatchResponse;

/// How many notices one sweep looks at.
const SWEEP: usize = 200;

/// The function, once it has booted.
#[derive(Debug)]
pub struct Notify {
    notifier: Notifier,
}

impl Notify {
    /// Tells through `notifier`.
    pub fn new(notifier: Notifier) -> Self {
        Self { notifier }
    }

    /// Takes in a payload: a batch of the stream, or `{"sweep": true}`.
    ///
    /// # Errors
    /// When a sweep fails; the next one goes on.
    pub async fn handle(&self, payload: &Value) -> Result<BatchResponse, StoreError> {
        let mut response = BatchResponse::default();
        let Some(records) = payload.get("Records").and_then(Value::as_array) else {
            for notice in self.notifier.due(SWEEP).await? {
                self.tell(&notice).await?;
            }
            return Ok(response);
        };
        for record in records {
            let Some(notice) = store::dynamodb::due_notice(record) else { continue };
            if let Err(error) = self.tell(&notice).await {
                tracing::warn!(notice = %notice.id, %error, "a notice could not be handled and comes again");
                let sequence = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
                // Without a sequence number the whole batch comes again, which is what an empty identifier says. A
                // stream goes on from the first failure: what follows comes again anyway.
                response.fail(sequence.unwrap_or_default());
                break;
            }
        }
        Ok(response)
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        match self.notifier.tell(notice).await? {
            Told::Delivered => tracing::info!(notice = %notice.id, channel = notice.channel, "delivered"),
            Told::Elsewhere => tracing::debug!(notice = %notice.id, "somebody else delivers it, or has"),
            Told::Later(reason) => {
                tracing::warn!(notice = %notice.id, channel = notice.channel, reason, "not delivered yet");
            }
            Told::Refused(reason) => {
                tracing::error!(notice = %notice.id, channel = notice.channel, reason, "the channel refuses the notice");
            }
        }
        Ok(())
    }
}
