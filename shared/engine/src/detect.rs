//! Judging CloudTrail records by signatures.

mod memo;
mod observation;
mod sighting;
mod synthetic;

use model::{Poison, Sighting, Timestamp, Untrusted};
use records::{Problem, Record};
use rules::{Judged, Rule, RuleError, RuleSet, Scratch, Settings, Truth, View};

use crate::event_facts::{EventFacts, event_fact_names};
use sighting::Witness;

pub use memo::Memo;
pub use observation::Observation;
pub(crate) use observation::Told;
pub use sighting::graded;
pub(crate) use sighting::{account, actor, event_id};

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
    /// What was told to rules over several events.
    pub observations: Vec<Observation>,
    /// What was told to them before.
    pub memo: Memo,
    /// Whether observations may leave out what only people read.
    pub brief: bool,
}

impl Judgement {
    /// Forgets everything but the memo, to be used for the next record.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.sightings.clear();
        self.unknown.clear();
        self.poison.clear();
    }
}

impl Detector {
    /// Compiles signatures. Rules over resources, and rules over what is not read here, are left out, and so are
    /// correlations of such rules.
    pub fn new(rules: impl IntoIterator<Item = Rule>, settings: &Settings) -> (Self, Vec<RuleError>) {
        let (mut signatures, others): (Vec<_>, Vec<_>) =
            rules.into_iter().partition(|rule| rule.target == rules::Target::Event);
        if !others.is_empty() {
            signatures.retain(|rule| !rule.names_any(&others));
        }
        let (rules, errors) = RuleSet::new(signatures, settings, &event_fact_names());
        (Self { rules }, errors)
    }

    /// The compiled signatures.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Judges one record at the time `now`. What is found is added to `judgement`.
    pub fn judge(
        &self,
        record: &Record<'_>,
        now: Timestamp,
        scratch: &mut Scratch,
        judgement: &mut Judgement,
    ) {
        let view = View { facts: &EventFacts, now, ambiguous: record.ambiguous.is_some() };
        let witness = Witness::new(record);
        self.rules.judge(record.event.root(), view, scratch, |judged| match judged.truth {
            Truth::True => found(&judged, &witness, judgement),
            Truth::Unknown => judgement.unknown.push(judged.meta().id.clone()),
            Truth::False => {}
        });
        if let Some(key) = &record.ambiguous {
            let event = synthetic::ambiguous(record, key);
            self.judge_synthetic(&event, &record.origin.to_string(), record.bytes, scratch, judgement);
        }
        if let Some(event) = synthetic::misattributed(record) {
            self.judge_synthetic(&event, &record.origin.to_string(), record.bytes, scratch, judgement);
        }
    }

    /// Puts what could not be read aside. It becomes a finding by [`Detector::judge_poison`].
    pub fn put_aside(problem: &Problem<'_>, now: Timestamp, judgement: &mut Judgement) {
        let lane = Untrusted::new(problem.origin.to_string());
        judgement.poison.push(Poison::new(problem.bytes, problem.reason.to_string(), lane, now));
    }

    /// Turns a record in quarantine into findings. It happened when it was received first, so that the same record
    /// has one effect however often it comes.
    pub fn judge_poison(&self, poison: &Poison, scratch: &mut Scratch, judgement: &mut Judgement) {
        let event = synthetic::unparseable(poison);
        self.judge_synthetic(&event, "quarantine", &poison.bytes, scratch, judgement);
    }

    /// Judges what the engine tells of itself: the JSON of a record whose `eventSource` is `trailpost.engine`.
    pub fn judge_own(&self, event: &str, scratch: &mut Scratch, judgement: &mut Judgement) {
        self.judge_synthetic(event, "trailpost", event.as_bytes(), scratch, judgement);
    }

    /// Judges what the engine itself has to tell, which is about `bytes`.
    pub(crate) fn judge_synthetic(
        &self,
        event: &str,
        lane: &str,
        bytes: &[u8],
        scratch: &mut Scratch,
        judgement: &mut Judgement,
    ) {
        let _ = records::read_message(event.as_bytes(), lane, &mut |item| {
            if let records::Item::Record(record) = item {
                let record = Record { bytes, ..record };
                let view = View { facts: &EventFacts, now: record.event.happened(), ambiguous: false };
                let witness = Witness::new(&record);
                self.rules.judge(record.event.root(), view, scratch, |judged| {
                    if judged.truth == Truth::True {
                        found(&judged, &witness, judgement);
                    }
                });
            }
            std::ops::ControlFlow::Continue(())
        });
    }
}

/// Takes down a rule that matched: as a sighting, and for the correlations that look at it.
fn found(judged: &Judged<'_>, witness: &Witness<'_, '_>, judgement: &mut Judgement) {
    if judged.is_reported() {
        judgement.sightings.push(sighting::of(judged, witness));
    }
    if judged.is_observed() {
        observation::of(judged, witness, judgement);
    }
}
