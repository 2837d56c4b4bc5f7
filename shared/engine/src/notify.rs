//! Telling people and programs: the outbox is drained, each notice under a lease.
//!
//! A channel for people gets the first few messages of a span one by one. What comes beyond that, in quiet hours, or of
//! a severity that has a digest goes into a digest: first its line is in the store, then its notice is done, so that no
//! finding is lost on the way. A digest is a notice like any other.

pub mod alerts;
mod digest;
mod hours;
mod plan;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use model::{Finding, Line, Notice, NoticeId, Timestamp};
use rules::Meta;

use crate::mute::{Book, Hold};
use crate::ports::{Clock, Delivery, Lease, Sink, SinkError, Store, StoreError};
use plan::Spans;

pub use alerts::Alerts;
pub use digest::{Digest, Group};

/// How long a notice is held while it is delivered, and how long it waits after a channel was out of reach, in
/// seconds. A function that dies in between gives the notice free when its lease ends.
const LEASE_SECONDS: u64 = 120;
const RETRY_SECONDS: u64 = 60;

/// How many notices are handled at the same time.
const AT_ONCE: usize = 16;

/// How many lines of a digest are read; far more than any ten minutes had.
const LINES: usize = 200_000;

/// Delivers notices to the channels they are for.
pub struct Notifier {
    store: Arc<dyn Store>,
    sinks: Vec<Arc<dyn Sink>>,
    rules: HashMap<String, Meta>,
    clock: Arc<dyn Clock>,
    mutes: Option<Arc<Book>>,
    /// Who holds the leases: one name a process.
    owner: String,
    alerts: Alerts,
    spans: Spans,
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
    /// It stands in this digest.
    Bundled(NoticeId),
    /// The channel is not to hear of it: it is routed elsewhere.
    Unrouted,
    /// The channel was out of reach; the notice is due again soon.
    Later(String),
    /// The channel will never take it, for this reason.
    Refused(String),
    /// The mute of this id covers the finding; the notice waits.
    Muted(String),
    /// Somebody else delivers it, or has.
    Elsewhere,
}

/// A notice on its way.
enum Step {
    Done(Told),
    /// To be sent by itself, by the sink of this number.
    Send(Held, usize),
    /// To go into the digest of then.
    Bundle(Held, Timestamp),
}

/// A notice under a lease.
struct Held {
    lease: Lease,
    finding: Finding,
}

type Result<T> = std::result::Result<T, StoreError>;

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
        let (alerts, spans) = (Alerts::default(), Spans::default());
        Self { store, sinks, rules, clock, mutes: None, owner: owner.into(), alerts, spans }
    }

    /// Has `alerts` say who hears of what, and when.
    #[must_use]
    pub fn with_alerts(mut self, alerts: Alerts) -> Self {
        self.alerts = alerts;
        self
    }

    /// Holds notices back as the mutes of `book` say.
    #[must_use]
    pub fn muting(mut self, book: Arc<Book>) -> Self {
        self.mutes = Some(book);
        self
    }

    /// Delivers notices, each unless somebody else does. The answers are in their order.
    ///
    /// # Errors
    /// Of each notice for which the store fails. It stays due, or is due again when its lease ends.
    pub async fn tell(&self, notices: &[Notice]) -> Vec<Result<Told>> {
        let now = self.clock.now();
        let steps = notices.iter().map(|notice| self.step(notice, now)).collect::<Vec<_>>();
        let steps: Vec<Result<Step>> = stream::iter(steps).buffered(AT_ONCE).collect().await;
        let mut told: BTreeMap<usize, Result<Told>> = BTreeMap::new();
        let mut sending: BTreeMap<usize, Vec<(usize, Held)>> = BTreeMap::new();
        let mut bundling: BTreeMap<(String, Timestamp), Vec<(usize, Held)>> = BTreeMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Ok(Step::Done(done)) => drop(told.insert(number, Ok(done))),
                Ok(Step::Send(held, sink)) => sending.entry(sink).or_default().push((number, held)),
                Ok(Step::Bundle(held, at)) => {
                    let channel = held.lease.notice.channel.clone();
                    bundling.entry((channel, at)).or_default().push((number, held));
                }
                Err(error) => drop(told.insert(number, Err(error))),
            }
        }
        for ((channel, at), some) in bundling {
            told.extend(self.bundle(&channel, at, some).await);
        }
        for (sink, some) in sending {
            if let Some(sink) = self.sinks.get(sink) {
                told.extend(self.send(sink.as_ref(), some).await);
            }
        }
        told.into_values().collect()
    }

    /// Notices that are due: what a stream did not tell of, and what has to be tried again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(&self, limit: usize) -> Result<Vec<Notice>> {
        self.store.due_notices(self.clock.now(), limit).await
    }

    /// Takes a notice, and finds out what has to happen with it.
    async fn step(&self, notice: &Notice, now: Timestamp) -> Result<Step> {
        let until = later(now, LEASE_SECONDS);
        let Some(lease) = self.store.lease(notice, &self.owner, now, until).await? else {
            return Ok(Step::Done(Told::Elsewhere));
        };
        let sink = self.sinks.iter().enumerate().find(|(_, sink)| sink.channel() == notice.channel);
        let Some((number, sink)) = sink else {
            self.store.release(&lease, later(now, RETRY_SECONDS)).await?;
            return Ok(Step::Done(Told::Later("no such channel is configured".into())));
        };
        if notice.is_digest() {
            return self.send_digest(sink.as_ref(), lease).await.map(Step::Done);
        }
        let Some(finding) = self.store.finding(&notice.finding_id).await? else {
            let reason = "the finding is gone";
            self.store.settle(&lease, Some(reason), self.clock.now()).await?;
            return Ok(Step::Done(Told::Refused(reason.into())));
        };
        if let Some(mutes) = &self.mutes {
            match mutes.hold(self.store.as_ref(), notice, &finding, now).await? {
                Hold::No => {}
                Hold::Until(again, mute) => {
                    settled(self.store.release(&lease, again).await)?;
                    return Ok(Step::Done(Told::Muted(mute)));
                }
                Hold::Never(reason) => {
                    settled(self.store.settle(&lease, Some(&reason), self.clock.now()).await)?;
                    return Ok(Step::Done(Told::Refused(reason)));
                }
            }
        }
        self.plan(number, sink.as_ref(), Held { lease, finding }, now).await
    }

    /// Delivers what goes out by itself, as many in one call as the sink takes.
    async fn send(&self, sink: &dyn Sink, some: Vec<(usize, Held)>) -> Vec<(usize, Result<Told>)> {
        let calls: Vec<_> = some.chunks(sink.most().max(1)).map(|chunk| self.call(sink, chunk)).collect();
        let told: Vec<_> = stream::iter(calls).buffered(AT_ONCE).collect().await;
        told.into_iter().flatten().collect()
    }

    async fn call(&self, sink: &dyn Sink, chunk: &[(usize, Held)]) -> Vec<(usize, Result<Told>)> {
        let deliveries: Vec<Delivery<'_>> = chunk
            .iter()
            .map(|(_, held)| Delivery {
                notice: &held.lease.notice.id,
                finding: &held.finding,
                rule: self.rules.get(&held.finding.rule),
            })
            .collect();
        let mut answers = sink.deliver(&deliveries).await.into_iter();
        let mut told = Vec::with_capacity(chunk.len());
        for (number, held) in chunk {
            // A sink that does not answer for a message has not delivered it.
            let answer = answers.next().unwrap_or_else(|| Err(SinkError::unanswered(sink.channel())));
            told.push((*number, self.settle(&held.lease, answer).await));
        }
        told
    }

    async fn send_digest(&self, sink: &dyn Sink, lease: Lease) -> Result<Told> {
        let mut lines = self.store.bundled(&lease.notice.id, LINES.saturating_add(1)).await?;
        let more = lines.len() > LINES;
        lines.truncate(LINES);
        let answer = match Digest::of(lease.notice.id.clone(), lines, more) {
            Some(digest) => sink.digest(&digest).await,
            None => Ok(()),
        };
        self.settle(&lease, answer).await
    }

    /// Notes what became of a message.
    async fn settle(&self, lease: &Lease, answer: std::result::Result<(), SinkError>) -> Result<Told> {
        let now = self.clock.now();
        match answer {
            Ok(()) => settled(self.store.settle(lease, None, now).await).map(|()| Told::Delivered),
            Err(SinkError::Unavailable { reason, .. }) => {
                let retry = later(now, RETRY_SECONDS);
                settled(self.store.release(lease, retry).await).map(|()| Told::Later(reason))
            }
            Err(SinkError::Refused { reason, .. }) => {
                settled(self.store.settle(lease, Some(&reason), now).await).map(|()| Told::Refused(reason))
            }
        }
    }

    /// Puts notices into the digest of `at`, or into the next one when that is under way already.
    async fn bundle(
        &self,
        channel: &str,
        at: Timestamp,
        some: Vec<(usize, Held)>,
    ) -> Vec<(usize, Result<Told>)> {
        let lines: Vec<Line> =
            some.iter().map(|(_, held)| Line::of(&held.lease.notice, &held.finding)).collect();
        let digest = match self.open_digest(channel, at, &lines).await {
            Ok(digest) => digest,
            Err(error) => {
                // One failure of many notices: each says so.
                let said = error.to_string();
                let failed = |number| (number, Err(StoreError::Unavailable(said.clone())));
                return some.into_iter().map(|(number, _)| failed(number)).collect();
            }
        };
        let settles: Vec<_> = some
            .iter()
            .map(|(number, held)| {
                let digest = digest.clone();
                async move {
                    let done = settled(self.store.settle(&held.lease, None, self.clock.now()).await);
                    (*number, done.map(|()| Told::Bundled(digest)))
                }
            })
            .collect();
        stream::iter(settles).buffered(AT_ONCE).collect().await
    }

    async fn open_digest(&self, channel: &str, mut at: Timestamp, lines: &[Line]) -> Result<NoticeId> {
        // The one that was meant, those of this span and the next: whoever finds all of them closed is far behind.
        for _ in 0..3 {
            let digest = Notice::of_digest(channel, at);
            let now = self.clock.now();
            if self.store.bundle(&digest, at, lines, now).await? {
                return Ok(digest.id);
            }
            at = self.alerts.span(now.max(at)).1;
        }
        Err(StoreError::Conflict(format!("the digests of {channel}")))
    }
}

fn later(now: Timestamp, seconds: u64) -> Timestamp {
    now.checked_add(Duration::from_secs(seconds)).unwrap_or(now)
}

/// A lease that was lost meanwhile is no failure: its new holder settles the notice.
fn settled(result: Result<()>) -> Result<()> {
    match result {
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}
