//! Telling people and programs: the outbox is drained, one notice at a time, each under a lease.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Notice, Timestamp};
use rules::Meta;

use crate::mute::{Book, Hold};
use crate::ports::{Clock, Delivery, Sink, SinkError, Store, StoreError};

/// How long a notice is held while it is delivered, and how long it waits after a channel was out of reach, in
/// seconds. A function that dies in between gives the notice free when its lease ends.
const LEASE_SECONDS: u64 = 120;
const RETRY_SECONDS: u64 = 60;

/// Delivers notices to the channels they are for.
pub struct Notifier {
    store: Arc<dyn Store>,
    sinks: Vec<Arc<dyn Sink>>,
    rules: HashMap<String, Meta>,
    clock: Arc<dyn Clock>,
    mutes: Option<Arc<Book>>,
    /// Who holds the leases: one name a process.
    owner: String,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Notifier").field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The channel has it.
    Delivered,
    /// The channel was out of reach; the notice is due again soon.
    Later(String),
    /// The channel will never take it, for this reason.
    Refused(String),
    /// The mute of this id covers the finding; the notice waits.
    Muted(String),
    /// Somebody else delivers it, or has.
    Elsewhere,
}

impl Notifier {
    /// Delivers through `sinks`; what findings' rules say comes from `rules`.
    pub fn new(
        store: Arc<dyn Store>,
        sinks: Vec<Arc<dyn Sink>>,
        rules: impl IntoIterator<Item = Meta>,
        clock: Arc<dyn Clock>,
        owner: impl Into<String>,
    ) -> Self {
        let rules = rules.into_iter().map(|meta| (meta.id.clone(), meta)).collect();
        Self { store, sinks, rules, clock, mutes: None, owner: owner.into() }
    }

    /// Holds notices back as the mutes of `book` say.
    #[must_use]
    pub fn muting(mut self, book: Arc<Book>) -> Self {
        self.mutes = Some(book);
        self
    }

    /// Delivers one notice, unless somebody else does.
    ///
    /// # Errors
    /// When the store fails. The notice stays due, or is due again when its lease ends.
    pub async fn tell(&self, notice: &Notice) -> Result<Told, StoreError> {
        let now = self.clock.now();
        let Some(lease) = self.store.lease(notice, &self.owner, now, later(now, LEASE_SECONDS)).await? else {
            return Ok(Told::Elsewhere);
        };
        let Some(finding) = self.store.finding(&notice.finding_id).await? else {
            let reason = "the finding is gone";
            self.store.settle(&lease, Some(reason), self.clock.now()).await?;
            return Ok(Told::Refused(reason.into()));
        };
        if let Some(mutes) = &self.mutes {
            match mutes.hold(self.store.as_ref(), notice, &finding, now).await? {
                Hold::No => {}
                Hold::Until(again, mute) => {
                    settled(self.store.release(&lease, again).await)?;
                    return Ok(Told::Muted(mute));
                }
                Hold::Never(reason) => {
                    settled(self.store.settle(&lease, Some(&reason), self.clock.now()).await)?;
                    return Ok(Told::Refused(reason));
                }
            }
        }
        let Some(sink) = self.sinks.iter().find(|sink| sink.channel() == notice.channel) else {
            let reason = "no such channel is configured";
            self.store.release(&lease, later(now, RETRY_SECONDS)).await?;
            return Ok(Told::Later(reason.into()));
        };
        let delivery =
            Delivery { notice: &notice.id, finding: &finding, rule: self.rules.get(&finding.rule) };
        let told = match sink.deliver(delivery).await {
            Ok(()) => {
                settled(self.store.settle(&lease, None, self.clock.now()).await)?;
                Told::Delivered
            }
            Err(SinkError::Unavailable { reason, .. }) => {
                settled(self.store.release(&lease, later(self.clock.now(), RETRY_SECONDS)).await)?;
                Told::Later(reason)
            }
            Err(SinkError::Refused { reason, .. }) => {
                settled(self.store.settle(&lease, Some(&reason), self.clock.now()).await)?;
                Told::Refused(reason)
            }
        };
        Ok(told)
    }

    /// Notices that are due: what a stream did not tell of, and what has to be tried again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.store.due_notices(self.clock.now(), limit).await
    }
}

fn later(now: Timestamp, seconds: u64) -> Timestamp {
    now.checked_add(Duration::from_secs(seconds)).unwrap_or(now)
}

/// A lease that was lost meanwhile is no failure: its new holder settles the notice.
fn settled(result: Result<(), StoreError>) -> Result<(), StoreError> {
    match result {
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}
