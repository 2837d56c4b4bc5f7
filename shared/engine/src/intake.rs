//! Taking in messages that carry records: judge, keep, and account for every single one.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use model::{NoticePolicy, Poison, Untrusted};
use records::{Item, read_message};
use rules::Scratch;

use crate::correlate::Gathering;
use crate::detect::{Detector, Judgement, Memo};
use crate::ports::{Clock, Store, StoreError};
use crate::track::{Tracker, Tracks};

const PANICKED: &str = "judging it went wrong inside of trailpost; report it with the record from quarantine";

/// Keeps a record in quarantine and returns it as it was received first.
///
/// # Errors
/// When the store fails.
pub async fn quarantine(store: &dyn Store, poison: Poison) -> Result<Poison, StoreError> {
    if store.quarantine(&poison).await? {
        return Ok(poison);
    }
    let earlier = store.quarantined(&poison.sha256).await?;
    Ok(Poison { received_at: earlier.map_or(poison.received_at, |earlier| earlier.received_at), ..poison })
}

/// A message as it came: an event, or the body of a queue's message with one or more events in it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The bytes.
    pub body: &'a [u8],
    /// Where it came from, for people.
    pub lane: &'a str,
}

/// What became of one message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records that were judged.
    pub records: usize,
    /// Things that could not be read; each is a finding and stands in quarantine.
    pub problems: usize,
    /// Sightings that were kept.
    pub sightings: usize,
    /// Of these, the ones that were not known yet.
    pub new: usize,
    /// Judgements that a record left open.
    pub unknown: usize,
}

/// Judges messages and keeps what was found.
pub struct Intake {
    detector: Detector,
    store: Arc<dyn Store>,
    policy: NoticePolicy,
    clock: Arc<dyn Clock>,
    /// Follows what records change, if anybody wants to know.
    tracker: Option<Tracker>,
    /// What was told to correlations and is kept.
    memo: Mutex<Memo>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Intake").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Intake {
    /// Judges by `detector`, keeps in `store`, and has `policy` say who is told.
    pub fn new(
        detector: Detector,
        store: Arc<dyn Store>,
        policy: NoticePolicy,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { detector, store, policy, clock, tracker: None, memo: Mutex::default() }
    }

    /// Follows what records change, too.
    #[must_use]
    pub fn tracking(mut self, tracker: Tracker) -> Self {
        self.tracker = Some(tracker);
        self
    }

    /// Takes in one message. Everything that it leaves behind is kept before this returns, so that the message may
    /// be deleted; taking it in again changes nothing.
    ///
    /// # Errors
    /// When the store fails; then the message has to come again.
    pub async fn take(&self, message: Message<'_>) -> Result<Taken, StoreError> {
        let now = self.clock.now();
        let memo = std::mem::take(&mut *self.memo.lock().unwrap_or_else(PoisonError::into_inner));
        let mut judgement = Judgement { memo, ..Judgement::default() };
        let mut taken = Taken::default();
        // A rule that panics must not take the batch with it, nor come back for ever: the record is put aside.
        let mut tracks = Tracks::default();
        let judged = catch_unwind(AssertUnwindSafe(|| {
            self.judge(message, &mut judgement, &mut tracks, &mut taken);
        }));
        if judged.is_err() {
            taken.problems += 1;
            judgement = Judgement::default();
            tracks = Tracks::default();
            judgement.poison.push(Poison::new(message.body, PANICKED, Untrusted::new(message.lane), now));
        }
        for poison in std::mem::take(&mut judgement.poison) {
            let poison = quarantine(self.store.as_ref(), poison).await?;
            self.detector.judge_poison(&poison, &mut Scratch::default(), &mut judgement);
        }
        if !judgement.observations.is_empty() {
            let mut gathering = Gathering::default();
            gathering.add(&self.detector, judgement.observations.drain(..));
            let more = gathering.settle(&self.detector, self.store.as_ref(), now).await?;
            judgement.sightings.extend(more);
        }
        taken.sightings = judgement.sightings.len();
        taken.unknown = judgement.unknown.len();
        if !judgement.sightings.is_empty() {
            let recorded = self.store.record(&judgement.sightings, &self.policy, now).await?;
            taken.new = recorded.iter().filter(|recorded| recorded.new).count();
        }
        if let Some(tracker) = &self.tracker {
            tracker.keep(&mut tracks, self.store.as_ref(), now).await?;
        }
        // Only now: had something failed, the message would come again, and all of it would have to be kept.
        *self.memo.lock().unwrap_or_else(PoisonError::into_inner) = judgement.memo;
        Ok(taken)
    }

    fn judge(&self, message: Message<'_>, judgement: &mut Judgement, tracks: &mut Tracks, taken: &mut Taken) {
        let now = self.clock.now();
        let mut scratch = Scratch::default();
        let _ = read_message(message.body, message.lane, &mut |item| {
            match item {
                Item::Record(record) => {
                    taken.records += 1;
                    if let Some(tracker) = &self.tracker {
                        tracker.follow(&record, tracks);
                    }
                    self.detector.judge(&record, now, &mut scratch, judgement);
                }
                Item::Problem(problem) => {
                    taken.problems += 1;
                    // The message is at hand, so that all of it is kept, once: a problem may show a part only.
                    if judgement.poison.is_empty() {
                        let lane = Untrusted::new(message.lane);
                        judgement.poison.push(Poison::new(
                            message.body,
                            problem.reason.to_string(),
                            lane,
                            now,
                        ));
                    }
                }
            }
            ControlFlow::Continue(())
        });
        if taken.records + taken.problems == 0 {
            let reason = "the message holds no record";
            judgement.poison.push(Poison::new(message.body, reason, Untrusted::new(message.lane), now));
        }
    }
}
