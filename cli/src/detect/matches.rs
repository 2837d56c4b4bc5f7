//! `--matches`: every (rule, event) pair as a JSON line.

use std::io::{BufWriter, Stdout, Write as _};

use engine::detect::{Detector, Judgement};
use model::{Outcome, Severity, Timestamp, Untrusted};
use rules::Scratch;
use serde::Serialize;

use super::Take;
use crate::exit::Failure;

/// Prints sightings and keeps none.
pub(super) struct Matches {
    out: BufWriter<Stdout>,
    worst: Option<Severity>,
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
        Self { out: BufWriter::new(std::io::stdout()), worst: None }
    }

    pub(super) const fn worst(&self) -> Option<Severity> {
        self.worst
    }

    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

impl Take for Matches {
    fn take(&mut self, detector: &Detector, judgement: &mut Judgement) -> Result<(), Failure> {
        for poison in std::mem::take(&mut judgement.poison) {
            detector.judge_poison(&poison, &mut Scratch::default(), judgement);
        }
        for sighting in &judgement.sightings {
            let occurrence = &sighting.occurrence;
            let pair = Pair {
                rule: &sighting.rule,
                title: &sighting.title,
                event_id: &occurrence.event_id,
                event_time: occurrence.event_time,
                severity: occurrence.severity,
                outcome: occurrence.outcome,
            };
            serde_json::to_writer(&mut self.out, &pair)
                .map_err(|error| Failure::internal(error.to_string()))?;
            self.out.write_all(b"\n")?;
            self.worst = self.worst.max(Some(occurrence.severity));
        }
        Ok(())
    }
}
