//! Where the demo plays: a store in memory, and the engine.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use aws::Replay;
use catalog::resource::Row;
use engine::check::Checker;
use engine::collect::Collector;
use engine::detect::Detector;
use engine::ports::{Aws, Clock};
use engine::scan::{Judged, Scanner, Selection, plan};
use engine::track::Tracker;
use model::{Finding, FindingId, NoticePolicy, Timestamp};
use records::Item;
use rules::Target;

use super::tell::CallTold;
use crate::args::Shared;
use crate::config::Config;
use crate::detect::{Checks, Judging, Recorder, Take as _};
use crate::exit::Failure;
use crate::page::Known;
use crate::stored::{self, Stored};

pub(super) struct Stage {
    store: Stored,
    known: Known,
}

/// What a scan saw, and when.
pub(super) struct Scanned {
    pub(super) at: Timestamp,
    pub(super) resources: usize,
    pub(super) resolved: usize,
    pub(super) judged: Vec<Judged>,
}

/// What records tell.
pub(super) struct Told {
    pub(super) calls: Vec<CallTold>,
    pub(super) findings: Vec<Finding>,
}

/// The time at which a recording was made.
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Stage {
    pub(super) fn new(config: &Config) -> Result<Self, Failure> {
        let shared = Shared { store: Some("memory:".to_owned()), config: None, mutes: Vec::new() };
        let store = stored::open(&shared, config)?;
        Ok(Self { store, known: Known::new(catalog::untested(), &config.settings) })
    }

    pub(super) fn store(&self) -> &Stored {
        &self.store
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Scans a recording, as `trailpost scan --replay` does, for the types of resources that it holds.
    pub(super) fn scan(&self, recording: &str) -> Result<Scanned, Failure> {
        let replay =
            Replay::read(recording.as_bytes()).map_err(|error| Failure::internal(error.to_string()))?;
        let at = replay.recorded_at().unwrap_or_default();
        let scenes: Vec<_> = replay.scenes().cloned().collect();
        let recorded: BTreeSet<_> = replay.calls().map(|(_, operation, _)| operation.to_string()).collect();
        let is_recorded = |row: &&Row| {
            let mut calls = row.reads().map(|read| read.operation.to_string()).peekable();
            calls.peek().is_some() && calls.all(|call| recorded.contains(&call))
        };
        let loaded = catalog::untested();
        let kinds: BTreeSet<String> =
            loaded.rows.iter().filter(is_recorded).map(|row| row.name.clone()).collect();
        let rules = loaded.rules.into_iter().filter(|rule| match &rule.target {
            Target::Resource(kind) => kinds.contains(kind),
            _ => false,
        });
        let (checker, _) = Checker::new(rules, &rules::Settings::default());
        let rows = Arc::new(loaded.rows);
        let aws: Arc<dyn Aws> = Arc::new(replay);
        let clock = Arc::new(Then(at));
        let scanner =
            Scanner::new(Arc::clone(&rows), checker, self.store.shared(), NoticePolicy::default(), clock);
        let mut all = Scanned { at, resources: 0, resolved: 0, judged: Vec::new() };
        for scene in scenes {
            let collector = Collector::new(Arc::clone(&aws), Arc::clone(&rows), scene.clone());
            let shards = plan(&rows, scanner.checker(), &collector, &scene, &Selection::default());
            for shard in &shards {
                let scanned = self.store.wait(|_| Box::pin(scanner.shard(&collector, shard)))?;
                all.resources += scanned.resources;
                all.resolved += scanned.resolved;
                all.judged.extend(scanned.judged);
            }
        }
        Ok(all)
    }

    /// Judges records, as `trailpost detect` does.
    pub(super) fn detect(&self, file: &str) -> Result<Told, Failure> {
        let loaded = catalog::untested();
        let is_check = |rule: &&rules::Rule| matches!(rule.target, Target::Resource(_));
        let checks = loaded.rules.iter().filter(is_check).cloned().collect();
        let settings = rules::Settings::default();
        let (detector, _) = Detector::new(loaded.rules, &settings);
        let rows = Arc::new(loaded.rows);
        let tracker = Arc::new(Tracker::new(Arc::clone(&rows)));
        let mut recorder = Recorder::new(&self.store, Arc::clone(&tracker));
        let mut calls = Vec::new();
        let mut judging = Judging::new(&detector, Some(&tracker), false);
        let mut result = Ok(());
        records::read_message(file.as_bytes(), "the demo", &mut |item| {
            match &item {
                Item::Record(record) => calls.push(CallTold::of(record.event)),
                Item::Problem(problem) => drop(writeln!(anstream::stderr(), "{problem}")),
            }
            judging.look(item);
            result = recorder.take(&detector, judging.found());
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        result?;
        let findings = recorder.finish(&detector, Checks { rows, rules: checks, settings })?;
        Ok(Told { calls, findings })
    }

    /// Findings as they are now, the worst first.
    pub(super) fn findings(&self, ids: impl IntoIterator<Item = FindingId>) -> Result<Vec<Finding>, Failure> {
        let mut findings = Vec::new();
        for id in ids {
            findings.extend(self.store.wait(|store| Box::pin(async move { store.finding(&id).await }))?);
        }
        findings.sort_by(|a, b| (b.severity, &a.rule, &a.id).cmp(&(a.severity, &b.rule, &b.id)));
        Ok(findings)
    }
}
