//! What one thread does with the records of a file.

use std::mem::take;

use engine::detect::{Detector, Judgement};
use engine::ports::{Clock as _, SystemClock};
use engine::track::{Tracker, Tracks};
use records::Item;
use rules::Scratch;

/// What some records told, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What was judged of them. What could not be read is the last of it.
    pub(crate) judgement: Judgement,
    /// What they changed.
    pub(crate) tracks: Tracks,
    /// What could not be read, for a person.
    pub(crate) problems: Vec<String>,
}

impl Found {
    /// How much that is.
    fn len(&self) -> usize {
        self.judgement.sightings.len() + self.judgement.observations.len() + self.tracks.waiting()
    }
}

/// Judges records one by one.
pub(crate) struct Judging<'d> {
    detector: &'d Detector,
    /// Follows what records change, where that is kept.
    tracker: Option<&'d Tracker>,
    scratch: Scratch,
    found: Found,
}

impl<'d> Judging<'d> {
    /// `brief`: observations leave out what only people read.
    pub(crate) fn new(detector: &'d Detector, tracker: Option<&'d Tracker>, brief: bool) -> Self {
        let judgement = Judgement { brief, ..Judgement::default() };
        let found = Found { judgement, ..Found::default() };
        Self { detector, tracker, scratch: Scratch::default(), found }
    }

    /// Judges a record, or puts aside what could not be read.
    pub(crate) fn look(&mut self, item: Item<'_>) {
        let now = SystemClock.now();
        match item {
            Item::Record(record) => {
                if let Some(tracker) = self.tracker {
                    tracker.follow(&record, &mut self.found.tracks);
                }
                self.detector.judge(&record, now, &mut self.scratch, &mut self.found.judgement);
            }
            Item::Problem(problem) => {
                self.found.problems.push(problem.to_string());
                Detector::put_aside(&problem, now, &mut self.found.judgement);
            }
        }
    }

    /// Whether `enough` was found, or something that could not be read, behind which nothing may come.
    pub(crate) fn is_due(&self, enough: usize) -> bool {
        self.found.len() >= enough || !self.found.judgement.poison.is_empty()
    }

    /// What was found since this was asked last. What observations need not be told again stays here.
    pub(crate) fn found(&mut self) -> Found {
        let mut found = take(&mut self.found);
        self.found.judgement.brief = found.judgement.brief;
        self.found.judgement.memo = take(&mut found.judgement.memo);
        found
    }
}
