//! Sightings on their way into the store, in batches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::resource::Row;
use engine::check::Checker;
use engine::correlate::Gathering;
use engine::detect::Detector;
use engine::intake::quarantine;
use engine::ports::{Clock as _, StateQuery, Store, SystemClock};
use engine::scan::Scanner;
use engine::track::{self, Tracker, Tracks};
use model::{Finding, FindingId, NoticePolicy, Sighting};
use rules::{Rule, Scratch, Settings, Target};

use super::{Found, Take};
use crate::exit::Failure;
use crate::stored::Stored;

/// So much is recorded together. Its keys are hashes, so that every batch writes all over a database: few large ones
/// write less than many small ones.
const BATCH: usize = 2048;

/// The checks, which are compiled only if records explain anything.
pub(crate) struct Checks {
    pub(crate) rows: Arc<Vec<Row>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) settings: Settings,
}

impl Checks {
    /// A scanner that judges resources of these types.
    fn scanner(self, types: &BTreeSet<&str>, store: Arc<dyn Store>) -> Scanner {
        let is_about =
            |rule: &Rule| matches!(&rule.target, Target::Resource(kind) if types.contains(kind.as_str()));
        let (checker, _) = Checker::new(self.rules.into_iter().filter(is_about), &self.settings);
        Scanner::new(self.rows, checker, store, NoticePolicy::default(), Arc::new(SystemClock))
    }
}

pub(crate) struct Recorder<'s> {
    store: &'s Stored,
    waiting: Vec<Sighting>,
    touched: BTreeSet<FindingId>,
    gathering: Gathering,
    tracker: Arc<Tracker>,
    tracks: Tracks,
    /// What the records changed, each with the earliest call.
    told: BTreeMap<String, track::Target>,
}

impl<'s> Recorder<'s> {
    pub(crate) fn new(store: &'s Stored, tracker: Arc<Tracker>) -> Self {
        Self {
            store,
            waiting: Vec::new(),
            touched: BTreeSet::new(),
            gathering: Gathering::default(),
            tracker,
            tracks: Tracks::default(),
            told: BTreeMap::new(),
        }
    }

    /// Keeps what was told of resources.
    fn keep_tracks(&mut self) -> Result<(), Failure> {
        let (tracker, tracks) = (&self.tracker, &mut self.tracks);
        let now = SystemClock.now();
        let told =
            self.store.wait(|store| Box::pin(async move { tracker.keep(tracks, store, now).await }))?;
        for target in told {
            let known = self.told.entry(target.key()).or_insert_with(|| target.clone());
            known.since = known.since.min(target.since);
        }
        Ok(())
    }

    /// Has what scans saw before these records were read be explained by them.
    fn explain(&self, checks: Checks) -> Result<(), Failure> {
        let any = StateQuery { gone: true, limit: 1, ..StateQuery::default() };
        if self.told.is_empty()
            || self.store.wait(|store| Box::pin(async move { store.states(&any).await }))?.items.is_empty()
        {
            return Ok(());
        }
        let types = self.told.values().map(|target| target.resource_type.as_str()).collect();
        let scanner = checks.scanner(&types, self.store.shared());
        for target in self.told.values() {
            self.store.wait(|_| Box::pin(scanner.explain_late(target)))?;
        }
        Ok(())
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
    pub(crate) fn finish(mut self, detector: &Detector, checks: Checks) -> Result<Vec<Finding>, Failure> {
        self.keep_tracks()?;
        self.explain(checks)?;
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

impl Take for Recorder<'_> {
    fn tracker(&self) -> Option<Arc<Tracker>> {
        Some(Arc::clone(&self.tracker))
    }

    fn take(&mut self, detector: &Detector, found: Found) -> Result<(), Failure> {
        let Found { mut judgement, tracks, .. } = found;
        for poison in std::mem::take(&mut judgement.poison) {
            let poison = self.store.wait(|store| Box::pin(quarantine(store, poison)))?;
            detector.judge_poison(&poison, &mut Scratch::default(), &mut judgement);
        }
        self.gathering.add(detector, judgement.observations.drain(..));
        if self.gathering.waiting() >= BATCH {
            let now = SystemClock.now();
            let gathering = &mut self.gathering;
            self.store.wait(|store| Box::pin(async move { gathering.keep(detector, store, now).await }))?;
        }
        self.tracks.append(tracks);
        if self.tracks.waiting() >= BATCH {
            self.keep_tracks()?;
        }
        self.waiting.append(&mut judgement.sightings);
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }
}
