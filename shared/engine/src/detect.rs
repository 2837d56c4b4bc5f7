//! Judging CloudTrail records by signatures.

mod sighting;
mod synthetic;

use model::{Poison, Sighting, Timestamp, Untrusted};
use records::{Problem, Record};
use rules::{Rule, RuleError, RuleSet, Scratch, Settings, Truth, View};

use crate::event_facts::{EventFacts, event_fact_names};

pub use sighting::graded;
pub(crate) use sighting::is_automated;

/// Judges records by a set of signatures.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
}

/// What came of one record.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What was found.
    pub sightings: Vec<Sighting>,
    /// Rules that could not tell, because the record leaves out what they look at.
    pub unknown: Vec<String>,
    /// What could not be read, to be kept in quarantine.
    pub poison: Vec<Poison>,
}

impl Judgement {
    /// Forgets everything, to be used for the next record.
    pub fn clear(&mut self) {
        self.sightings.clear();
        self.unknown.clear();
        self.poison.clear();
    }
}

impl Detector {
    /// Compiles signatures. Rules over resources, and rules over what is not read here, are left out.
    pub fn new(rules: impl IntoIterator<Item = Rule>, settings: &Settings) -> (Self, Vec<RuleError>) {
        let signatures = rules.into_iter().filter(|rule| rule.target == rules::Target::Event);
        let (rules, errors) = RuleSet::new(signatures, settings, &event_fact_names());
        (Self { rules }, errors)
    }

    /// The compiled signatures.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Judges one record. What is found is added to `judgement`. `now` stands in for a record without a time.
    pub fn judge(
        &self,
        record: &Record<'_>,
        now: Timestamp,
        scratch: &mut Scratch,
        judgement: &mut Judgement,
    ) {
        let view = View { facts: &EventFacts, now, ambiguous: record.ambiguous.is_some() };
        self.rules.judge(record.event.root(), view, scratch, |judged| match judged.truth {
            Truth::True => judgement.sightings.push(sighting::of(&judged, record, now)),
            Truth::Unknown => judgement.unknown.push(judged.meta().id.clone()),
            Truth::False => {}
        });
        if let Some(key) = &record.ambiguous {
            let event = synthetic::ambiguous(record, key, now);
            self.judge_synthetic(&event, &record.origin.to_string(), record.bytes, now, scratch, judgement);
        }
        if let Some(event) = synthetic::misattributed(record, now) {
            self.judge_synthetic(&event, &record.origin.to_string(), record.bytes, now, scratch, judgement);
        }
    }

    /// Turns what could not be read into findings of its own.
    pub fn judge_problem(
        &self,
        problem: &Problem<'_>,
        now: Timestamp,
        scratch: &mut Scratch,
        judgement: &mut Judgement,
    ) {
        let lane = problem.origin.to_string();
        let poison =
            Poison::new(problem.bytes, problem.reason.to_string(), Untrusted::new(lane.as_str()), now);
        let event = synthetic::unparseable(problem, &poison);
        judgement.poison.push(poison);
        self.judge_synthetic(&event, &lane, problem.bytes, now, scratch, judgement);
    }

    fn judge_synthetic(
        &self,
        event: &str,
        lane: &str,
        bytes: &[u8],
        now: Timestamp,
        scratch: &mut Scratch,
        judgement: &mut Judgement,
    ) {
        let _ = records::read_message(event.as_bytes(), lane, &mut |item| {
            if let records::Item::Record(record) = item {
                let record = Record { bytes, ..record };
                let view = View { facts: &EventFacts, now, ambiguous: false };
                self.rules.judge(record.event.root(), view, scratch, |judged| {
                    if judged.truth == Truth::True {
                        judgement.sightings.push(sighting::of(&judged, &record, now));
                    }
                });
            }
            std::ops::ControlFlow::Continue(())
        });
    }
}
