//! Running the tests that rules carry.

mod several;

use model::json::Document;
use model::{Event, Outcome, Timestamp};
use rules::{Case, Explanation, Rule, RuleSet, Scratch, Target, Truth, View};

use crate::detect::graded;
use crate::event_facts::{EventFacts, event_fact_names};

/// A test that did not come out as it should.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What came out instead.
    pub problem: String,
    /// Why.
    pub explanation: Option<Explanation>,
}

impl Failure {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), explanation: None }
    }
}

/// Runs one test of a rule at the time `now`. Rules over several events find the rules that they name among `all`.
///
/// # Errors
/// What came out instead.
pub fn run(rule: &Rule, all: &[Rule], case: &Case, now: Timestamp) -> Result<(), Failure> {
    if let Target::Resource(_) = rule.target {
        return Err(Failure::new("a check over resources cannot be judged here"));
    }
    if rule.is_correlation() {
        return several::run(rule, all, case, now);
    }
    let (rules, errors) = RuleSet::new([rule.clone()], &case.settings, &event_fact_names());
    if let Some(error) = errors.first() {
        return Err(Failure::new(error.to_string()));
    }
    if let Some(resting) = rules.resting().first() {
        // A rule at rest finds nothing, which is what a clean case may be about.
        return if case.verdict == Truth::False {
            Ok(())
        } else {
            Err(Failure::new(format!("the rule rests until `{}` is set", resting.needs)))
        };
    }
    let [document] = case.documents.as_slice() else {
        return Err(Failure::new("a rule over one event is tested with one; write `given:`"));
    };
    let document = Document::parse(document.as_str()).map_err(|error| Failure::new(error.to_string()))?;
    let view = View { facts: &EventFacts, now, ambiguous: false };
    let mut scratch = Scratch::default();
    let Some(judged) = rules.judge_by(&rule.meta.id, document.root(), view, &mut scratch) else {
        return Err(Failure::new("the rule was not compiled"));
    };
    let (truth, explanation) = (judged.truth, judged.explain());
    if truth != case.verdict {
        let problem = format!("wanted {}, got {}", word(case.verdict), word(truth));
        return Err(Failure { problem, explanation: Some(explanation) });
    }
    let mut indexed = Truth::False;
    rules.judge(document.root(), view, &mut Scratch::default(), |judged| indexed = judged.truth);
    if indexed != truth {
        return Err(Failure::new("the index leaves the rule out for this record"));
    }
    let outcome = Event::new(document.root()).outcome();
    if case.outcome.as_ref().is_some_and(|wanted| wanted != outcome.as_str()) {
        return Err(Failure::new(format!("the outcome is {}", outcome.as_str())));
    }
    let severity = graded(&rule.meta, outcome, is_automated(&document));
    match case.severity {
        Some(wanted) if truth == Truth::True && wanted != severity => {
            Err(Failure::new(format!("the severity is {severity}, not {wanted}")))
        }
        _ => Ok(()),
    }
}

fn is_automated(document: &Document) -> bool {
    facts::is_automated(Event::new(document.root()))
}

/// Whether a rule has the tests that every shipped rule needs: a finding, and a silent twin.
pub fn missing(rule: &Rule) -> Option<&'static str> {
    let has = |verdict, outcome: Option<Outcome>| {
        rule.tests.iter().any(|case| {
            case.verdict == verdict
                && outcome.is_none_or(|outcome| case.outcome.as_deref() == Some(outcome.as_str()))
        })
    };
    if !has(Truth::True, None) {
        return Some("a `finding:` test");
    }
    if !has(Truth::False, None) {
        return Some("a `clean:` test");
    }
    None
}

const fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "a finding",
        Truth::False => "clean",
        Truth::Unknown => "unknown",
    }
}
