//! Running a test of a rule over several events.

use std::ops::ControlFlow;

use model::json::Document;
use model::{Sighting, Timestamp};
use rules::{Case, Explanation, Rule, Scratch, Truth, View};

use super::{Failure, word};
use crate::correlate::Gathering;
use crate::detect::{Detector, Judgement};
use crate::event_facts::EventFacts;

pub(super) fn run(rule: &Rule, all: &[Rule], case: &Case, now: Timestamp) -> Result<(), Failure> {
    let rules = rule.with_bases(all).into_iter().cloned();
    let (detector, errors) = Detector::new(rules, &case.settings);
    if let Some(error) = errors.first() {
        return Err(Failure::new(error.to_string()));
    }
    if let Some(resting) = detector.rules().resting().iter().find(|resting| resting.meta.id == rule.meta.id) {
        return if case.verdict == Truth::False {
            Ok(())
        } else {
            Err(Failure::new(format!("the rule rests until {}", rules::until(&resting.needs))))
        };
    }
    let (last, is_unknown) = play(&detector, rule, case, now)?;
    let found = match &last {
        Some(_) => Truth::True,
        None if is_unknown => Truth::Unknown,
        None => Truth::False,
    };
    if found != case.verdict {
        let problem = format!("wanted {}, got {}", word(case.verdict), word(found));
        return Err(Failure { problem, explanation: explanation(&detector, rule, case, now) });
    }
    let Some(last) = last else { return Ok(()) };
    let occurrence = &last.occurrence;
    if case.outcome.as_ref().is_some_and(|wanted| wanted != occurrence.outcome.as_str()) {
        return Err(Failure::new(format!("the outcome is {}", occurrence.outcome.as_str())));
    }
    match case.severity {
        Some(wanted) if wanted != occurrence.severity => {
            Err(Failure::new(format!("the severity is {}, not {wanted}", occurrence.severity)))
        }
        _ => Ok(()),
    }
}

/// Judges the events; the last sighting of the rule, and whether something was left open.
fn play(
    detector: &Detector,
    rule: &Rule,
    case: &Case,
    now: Timestamp,
) -> Result<(Option<Sighting>, bool), Failure> {
    let mut judgement = Judgement::default();
    let mut scratch = Scratch::default();
    let mut problem = None;
    for document in &case.documents {
        let _ = records::read_message(document.as_bytes(), "a test", &mut |item| {
            match item {
                records::Item::Record(record) => detector.judge(&record, now, &mut scratch, &mut judgement),
                records::Item::Problem(other) => problem = Some(other.to_string()),
            }
            ControlFlow::Continue(())
        });
    }
    if let Some(problem) = problem {
        return Err(Failure::new(problem));
    }
    let mut gathering = Gathering::default();
    gathering.add(detector, judgement.observations);
    let mut sightings = gathering.join(detector);
    sightings.retain(|sighting| sighting.rule == rule.meta.id);
    let last = sightings.into_iter().max_by_key(|sighting| sighting.occurrence.event_time);
    Ok((last, judgement.unknown.contains(&rule.meta.id)))
}

/// How the last event counted.
fn explanation(detector: &Detector, rule: &Rule, case: &Case, now: Timestamp) -> Option<Explanation> {
    let document = Document::parse(case.documents.last()?.as_str()).ok()?;
    let view = View { facts: &EventFacts, now, ambiguous: false };
    detector.rules().explain(&rule.meta.id, document.root(), view, &mut Scratch::default())
}
