//! NOTIFY: notices from the findings table's stream, and a sweep for those that the stream did not tell of.

use engine::mute::{Keeper, Tended};
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
    keeper: Option<Keeper>,
}

impl Notify {
    /// Tells through `notifier`.
    pub fn new(notifier: Notifier) -> Self {
        Self { notifier, keeper: None }
    }

    /// Looks after mutes with each sweep.
    #[must_use]
    pub fn keeping(mut self, keeper: Keeper) -> Self {
        self.keeper = Some(keeper);
        self
    }

    /// Takes in a payload: a batch of the stream, or `{"sweep": true}`.
    ///
    /// # Errors
    /// When a sweep fails; the next one goes on.
    pub async fn handle(&self, payload: &Value) -> Result<BatchResponse, StoreError> {
        let Some(records) = payload.get("Records").and_then(Value::as_array) else {
            // What there is to say of mutes is due at once; that it cannot be said keeps no other notice from being told.
            let tended = self.tend().await;
            for notice in self.notifier.due(SWEEP).await? {
                self.tell(&notice).await?;
            }
            return tended.map(|()| BatchResponse::default());
        };
        let mut response = BatchResponse::default();
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

    async fn tend(&self) -> Result<(), StoreError> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        let Tended { expiring, ended, unreadable } = keeper.tend().await?;
        if !(expiring.is_empty() && ended.is_empty() && unreadable.is_empty()) {
            tracing::info!(?expiring, ?ended, ?unreadable, "mutes that people are told of");
        }
        Ok(())
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        match self.notifier.tell(notice).await? {
            Told::Delivered => tracing::info!(notice = %notice.id, channel = notice.channel, "delivered"),
            Told::Elsewhere => tracing::debug!(notice = %notice.id, "somebody else delivers it, or has"),
            Told::Muted(mute) => tracing::info!(notice = %notice.id, mute, "muted: the notice waits"),
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
