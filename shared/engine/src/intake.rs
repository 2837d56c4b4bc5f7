//! Taking in messages that carry records: judge, keep, and account for every single one.

use std::ops::AddAssign;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use model::{NoticePolicy, Poison, Untrusted};
use records::{Item, read_message};
use rules::Scratch;

use crate::correlate::Gathering;
use crate::detect::{Detector, Judgement, Memo};
use crate::ingest::losses::{Carried, Lane, Seen};
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

impl AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.problems += other.problems;
        self.sightings += other.sightings;
        self.new += other.new;
        self.unknown += other.unknown;
    }
}

/// What was judged and is not kept yet.
#[derive(Debug, Default)]
pub struct Batch {
    judgement: Judgement,
    tracks: Tracks,
    taken: Taken,
    seen: Seen,
    scratch: Scratch,
}

impl Batch {
    /// How many records and problems there are.
    pub fn len(&self) -> usize {
        self.taken.records + self.taken.problems
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An empty batch that knows what was told to correlations before.
    #[must_use]
    pub fn successor(&mut self) -> Self {
        let memo = std::mem::take(&mut self.judgement.memo);
        Self { judgement: Judgement { memo, ..Judgement::default() }, ..Self::default() }
    }
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
    /// Which events a bus should bring, if it is counted which ones it does.
    carried: Option<Carried>,
    /// What has come and was not left as a note yet.
    seen: Mutex<Seen>,
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
        Self {
            detector,
            store,
            policy,
            clock,
            tracker: None,
            memo: Mutex::default(),
            carried: None,
            seen: Mutex::default(),
        }
    }

    /// Follows what records change, too.
    #[must_use]
    pub fn tracking(mut self, tracker: Tracker) -> Self {
        self.tracker = Some(tracker);
        self
    }

    /// Takes down which events have come, of those that a bus should bring.
    #[must_use]
    pub fn counting(mut self, carried: Carried) -> Self {
        self.carried = Some(carried);
        self
    }

    /// Takes in one message. Everything that it leaves behind is kept before this returns, so that the message may
    /// be deleted; taking it in again changes nothing.
    ///
    /// # Errors
    /// When the store fails; then the message has to come again.
    pub async fn take(&self, message: Message<'_>) -> Result<Taken, StoreError> {
        let mut batch = self.batch();
        // A rule that panics must not take the batch with it, nor come back for ever: the record is put aside.
        let judged = catch_unwind(AssertUnwindSafe(|| self.judge_message(message, &mut batch)));
        if judged.is_err() {
            let taken = Taken { problems: batch.taken.problems + 1, ..batch.taken };
            batch = Batch { taken, ..Batch::default() };
            let lane = Untrusted::new(message.lane);
            batch.judgement.poison.push(Poison::new(message.body, PANICKED, lane, self.clock.now()));
        }
        let (taken, seen) = self.keep_batch(&mut batch).await?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).join(seen);
        // Only now: had something failed, the message would come again, and all of it would have to be kept.
        self.remember(batch);
        Ok(taken)
    }

    /// Leaves a note of the events that have come on the bus since the last one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn leave_seen(&self) -> Result<(), StoreError> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        seen.leave(Lane::Bus, self.store.as_ref(), self.clock.now()).await
    }

    /// A batch to judge into. What was told to correlations before goes with it; [`Intake::remember`] brings it back.
    pub fn batch(&self) -> Batch {
        let memo = std::mem::take(&mut *self.memo.lock().unwrap_or_else(PoisonError::into_inner));
        Batch { judgement: Judgement { memo, ..Judgement::default() }, ..Batch::default() }
    }

    /// Brings back what was told to correlations, once all of it is kept.
    pub fn remember(&self, mut batch: Batch) {
        let memo = std::mem::take(&mut batch.judgement.memo);
        *self.memo.lock().unwrap_or_else(PoisonError::into_inner) = memo;
    }

    /// Judges one thing of a file. A rule that panics costs the one record, which is put aside.
    pub fn judge(&self, item: Item<'_>, lane: &str, batch: &mut Batch) {
        let now = self.clock.now();
        match item {
            Item::Record(record) => {
                let judgement = &batch.judgement;
                let before =
                    (judgement.sightings.len(), judgement.observations.len(), judgement.poison.len());
                let judged = catch_unwind(AssertUnwindSafe(|| self.judge_record(&record, batch)));
                if judged.is_err() {
                    batch.taken.problems += 1;
                    batch.scratch = Scratch::default();
                    batch.judgement.sightings.truncate(before.0);
                    batch.judgement.observations.truncate(before.1);
                    batch.judgement.poison.truncate(before.2);
                    let lane = Untrusted::new(lane);
                    batch.judgement.poison.push(Poison::new(record.bytes, PANICKED, lane, now));
                }
            }
            Item::Problem(problem) => {
                batch.taken.problems += 1;
                Detector::put_aside(&problem, now, &mut batch.judgement);
            }
        }
    }

    /// Keeps what was judged; what was seen of what a bus should bring is in the answer.
    ///
    /// # Errors
    /// When the store fails; then all of it has to be judged again.
    pub async fn keep(&self, mut batch: Batch) -> Result<(Taken, Seen), StoreError> {
        self.keep_batch(&mut batch).await
    }

    /// Judges and keeps events that the engine itself has to tell of; `lane` says what made it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tell(&self, events: &[String], lane: &str) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for event in events {
            let mut scratch = Scratch::default();
            let judgement = &mut batch.judgement;
            self.detector.judge_synthetic(event, lane, event.as_bytes(), &mut scratch, judgement);
        }
        self.keep_batch(&mut batch).await.map(drop)
    }

    async fn keep_batch(&self, batch: &mut Batch) -> Result<(Taken, Seen), StoreError> {
        let now = self.clock.now();
        let Batch { judgement, tracks, taken, seen, .. } = batch;
        for poison in std::mem::take(&mut judgement.poison) {
            let poison = quarantine(self.store.as_ref(), poison).await?;
            self.detector.judge_poison(&poison, &mut Scratch::default(), judgement);
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
            tracker.keep(tracks, self.store.as_ref(), now).await?;
        }
        Ok((*taken, std::mem::take(seen)))
    }

    fn judge_record(&self, record: &records::Record<'_>, batch: &mut Batch) {
        batch.taken.records += 1;
        if let Some(tracker) = &self.tracker {
            tracker.follow(record, &mut batch.tracks);
        }
        if let Some(carried) = &self.carried {
            batch.seen.see(record.event, carried);
        }
        self.detector.judge(record, self.clock.now(), &mut batch.scratch, &mut batch.judgement);
    }

    fn judge_message(&self, message: Message<'_>, batch: &mut Batch) {
        let now = self.clock.now();
        let lane = || Untrusted::new(message.lane);
        let _ = read_message(message.body, message.lane, &mut |item| {
            match item {
                Item::Record(record) => self.judge_record(&record, batch),
                Item::Problem(problem) => {
                    batch.taken.problems += 1;
                    // The message is at hand, so that all of it is kept, once: a problem may show a part only.
                    let poison = &mut batch.judgement.poison;
                    if poison.is_empty() {
                        poison.push(Poison::new(message.body, problem.reason.to_string(), lane(), now));
                    }
                }
            }
            ControlFlow::Continue(())
        });
        if batch.is_empty() {
            let reason = "the message holds no record";
            batch.judgement.poison.push(Poison::new(message.body, reason, lane(), now));
        }
    }
}
