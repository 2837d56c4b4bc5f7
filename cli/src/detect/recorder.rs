//! Sightings on their way into the store, in batches.

use std::collections::BTreeSet;

use engine::correlate::Gathering;
use engine::detect::{Detector, Judgement};
use engine::intake::quarantine;
use engine::ports::{Clock as _, SystemClock};
use model::{Finding, FindingId, NoticePolicy, Sighting};
use rules::Scratch;

use super::Take;
use crate::exit::Failure;
use crate::stored::Stored;

/// So many sightings are recorded together.
const BATCH: usize = 1024;

pub(super) struct Recorder {
    store: Stored,
    waiting: Vec<Sighting>,
    touched: BTreeSet<FindingId>,
    gathering: Gathering,
}

impl Recorder {
    pub(super) fn new(store: Stored) -> Self {
        Self { store, waiting: Vec::new(), touched: BTreeSet::new(), gathering: Gathering::default() }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let now = SystemClock.now();
        let recorded = self.store.wait(|store| {
            let waiting = &self.waiting;
            Box::pin(async move { store.record(waiting, &NoticePolicy::default(), now).await })
        })?;
        self.touched.extend(recorded.into_iter().map(|recorded| recorded.finding_id));
        self.waiting.clear();
        Ok(())
    }

    /// Records what waits and returns every finding that was seen, worst first, then newest. Rules over several events
    /// are asked here, when everything is known, so that the order of files does not matter.
    pub(super) fn finish(mut self, detector: &Detector) -> Result<Vec<Finding>, Failure> {
        let now = SystemClock.now();
        let gathering = &mut self.gathering;
        let completed =
            self.store.wait(|store| Box::pin(async move { gathering.settle(detector, store, now).await }))?;
        for sighting in completed {
            self.waiting.push(sighting);
            if self.waiting.len() >= BATCH {
                self.flush()?;
            }
        }
        self.flush()?;
        let mut findings = Vec::with_capacity(self.touched.len());
        for id in &self.touched {
            findings.extend(self.store.wait(|store| Box::pin(store.finding(id)))?);
        }
        findings.sort_by(|a, b| (b.severity, b.last_seen, &a.id).cmp(&(a.severity, a.last_seen, &b.id)));
        Ok(findings)
    }
}

impl Take for Recorder {
    fn take(&mut self, detector: &Detector, judgement: &mut Judgement) -> Result<(), Failure> {
        for poison in std::mem::take(&mut judgement.poison) {
            let poison = self.store.wait(|store| Box::pin(quarantine(store, poison)))?;
            detector.judge_poison(&poison, &mut Scratch::default(), judgement);
        }
        self.gathering.add(detector, judgement.observations.drain(..));
        if self.gathering.waiting() >= BATCH {
            let now = SystemClock.now();
            let gathering = &mut self.gathering;
            self.store.wait(|store| Box::pin(async move { gathering.keep(detector, store, now).await }))?;
        }
        self.waiting.append(&mut judgement.sightings);
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }
}
