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
            let due = self.notifier.due(SWEEP).await?;
            for (notice, told) in due.iter().zip(self.notifier.tell(&due).await) {
                log(notice, &told?);
            }
            return tended.map(|()| BatchResponse::default());
        };
        let mut response = BatchResponse::default();
        let (sequences, notices): (Vec<_>, Vec<_>) = records
            .iter()
            .filter_map(|record| {
                // Without a sequence number the whole batch comes again, which is what an empty identifier says.
                let sequence = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
                Some((sequence.unwrap_or_default(), store::dynamodb::due_notice(record)?))
            })
            .unzip();
        for ((notice, sequence), told) in
            notices.iter().zip(sequences).zip(self.notifier.tell(&notices).await)
        {
            match told {
                Ok(told) => log(notice, &told),
                Err(error) => {
                    tracing::warn!(notice = %notice.id, %error, "a notice could not be handled and comes again");
                    // A stream goes on from the first failure: what follows comes again, and is known to be told.
                    response.fail(sequence);
                    break;
                }
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
}

/// Says what became of a notice. The template makes metrics of the two that somebody has to look at.
fn log(notice: &Notice, told: &Told) {
    let (id, channel) = (&notice.id, &notice.channel);
    match told {
        Told::Delivered => tracing::info!(notice = %id, channel, "delivered"),
        Told::Bundled(digest) => tracing::info!(notice = %id, channel, %digest, "put into a digest"),
        Told::Muted(mute) => tracing::info!(notice = %id, mute, "muted: the notice waits"),
        Told::Unrouted => tracing::debug!(notice = %id, channel, "routed elsewhere"),
        Told::Elsewhere => tracing::debug!(notice = %id, "somebody else delivers it, or has"),
        Told::Later(reason) => tracing::warn!(notice = %id, channel, reason, "not delivered yet"),
        Told::Refused(reason) => {
            tracing::error!(notice = %id, channel, reason, "the channel refuses the notice");
        }
    }
}
