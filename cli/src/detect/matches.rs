//! `--matches`: every (rule, event) pair as a JSON line.

use std::io::{BufWriter, Stdout, Write as _};
use std::sync::Arc;

use engine::correlate::Gathering;
use engine::detect::Detector;
use engine::track::Tracker;
use model::{Outcome, Severity, Sighting, Timestamp, Untrusted};
use rules::Scratch;
use serde::Serialize;

use super::{Found, Take};
use crate::exit::Failure;

/// Prints sightings and keeps none.
pub(super) struct Matches {
    out: BufWriter<Stdout>,
    worst: Option<Severity>,
    gathering: Gathering,
}

#[derive(Serialize)]
struct Pair<'a> {
    rule: &'a str,
    title: &'a str,
    event_id: &'a Untrusted,
    event_time: Timestamp,
    severity: Severity,
    outcome: Outcome,
}

impl Matches {
    pub(super) fn new() -> Self {
        Self { out: BufWriter::new(std::io::stdout()), worst: None, gathering: Gathering::default() }
    }

    pub(super) const fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// Prints what rules over several events find. They are asked once, when everything is known, so that the order of
    /// files does not matter.
    pub(super) fn finish(&mut self, detector: &Detector) -> Result<(), Failure> {
        let mut sightings = self.gathering.join(detector);
        sightings.sort_by(|a, b| {
            (&a.rule, a.occurrence.event_time, &a.occurrence.id).cmp(&(
                &b.rule,
                b.occurrence.event_time,
                &b.occurrence.id,
            ))
        });
        sightings.iter().try_for_each(|sighting| self.print(sighting))?;
        Ok(self.out.flush()?)
    }

    fn print(&mut self, sighting: &Sighting) -> Result<(), Failure> {
        let occurrence = &sighting.occurrence;
        let pair = Pair {
            rule: &sighting.rule,
            title: &sighting.title,
            event_id: &occurrence.event_id,
            event_time: occurrence.event_time,
            severity: occurrence.severity,
            outcome: occurrence.outcome,
        };
        serde_json::to_writer(&mut self.out, &pair).map_err(std::io::Error::from)?;
        self.out.write_all(b"\n")?;
        self.worst = self.worst.max(Some(occurrence.severity));
        Ok(())
    }
}

impl Take for Matches {
    fn tracker(&self) -> Option<Arc<Tracker>> {
        None
    }

    fn take(&mut self, detector: &Detector, found: Found) -> Result<(), Failure> {
        let mut judgement = found.judgement;
        for poison in std::mem::take(&mut judgement.poison) {
            detector.judge_poison(&poison, &mut Scratch::default(), &mut judgement);
        }
        self.gathering.add(detector, judgement.observations.drain(..));
        judgement.sightings.iter().try_for_each(|sighting| self.print(sighting))
    }
}
