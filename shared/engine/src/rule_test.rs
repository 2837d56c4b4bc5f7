//! Running the tests that rules carry.

mod several;

use model::json::Document;
use model::{Event, Outcome, Timestamp};
use rules::{Case, Explanation, Rule, RuleSet, Scratch, Target, Truth, View};

use crate::check::{ResourceFacts, resource_fact_names};
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
    match &rule.target {
        _ if rule.is_correlation() => several::run(rule, all, case, now),
        Target::Resource(kind) => check(rule, kind, case, now),
        Target::Event | Target::Other(_) => signature(rule, case, now),
    }
}

/// The rule alone, compiled with the placeholders of the case; `None` for a rule at rest that has to be.
fn compiled(rule: &Rule, case: &Case, facts: &[&str]) -> Result<Option<RuleSet>, Failure> {
    let (rules, errors) = RuleSet::new([rule.clone()], &case.settings, facts);
    if let Some(error) = errors.first() {
        return Err(Failure::new(error.to_string()));
    }
    match rules.resting().first() {
        None => Ok(Some(rules)),
        // A rule at rest finds nothing, which is what a clean case may be about.
        Some(_) if case.verdict == Truth::False => Ok(None),
        Some(resting) => Err(Failure::new(format!("the rule rests until {}", rules::until(&resting.needs)))),
    }
}

/// The document of a test of a rule over one document.
fn only_document(case: &Case) -> Result<&str, Failure> {
    match case.documents.as_slice() {
        [document] => Ok(document),
        _ => Err(Failure::new("a rule over one document is tested with one; write `given:`")),
    }
}

fn judged(
    rule: &Rule,
    rules: &RuleSet,
    case: &Case,
    document: &Document,
    view: View<'_>,
) -> Result<Truth, Failure> {
    let mut scratch = Scratch::default();
    let Some(judged) = rules.judge_by(&rule.meta.id, document.root(), view, &mut scratch) else {
        return Err(Failure::new("the rule was not compiled"));
    };
    let (truth, explanation) = (judged.truth, judged.explain());
    if truth == case.verdict {
        return Ok(truth);
    }
    let problem = format!("wanted {}, got {}", word(case.verdict), word(truth));
    Err(Failure { problem, explanation: Some(explanation) })
}

fn check(rule: &Rule, kind: &str, case: &Case, now: Timestamp) -> Result<(), Failure> {
    let Some(rules) = compiled(rule, case, &resource_fact_names())? else { return Ok(()) };
    let document = Document::parse(in_place(kind, only_document(case)?).to_string())
        .map_err(|error| Failure::new(error.to_string()))?;
    let view = View { facts: &ResourceFacts, now, ambiguous: false };
    judged(rule, &rules, case, &document, view).map(drop)
}

/// The document of a check's test, with what a scan would say of where the resource is.
pub fn in_place(kind: &str, document: &str) -> serde_json::Value {
    let mut document: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
    let usual = [
        ("type", kind),
        ("account", "111122223333"),
        ("region", "eu-west-1"),
        ("partition", "aws"),
        ("arn", "arn:aws:example:eu-west-1:111122223333:example"),
    ];
    if let Some(members) = document.as_object_mut() {
        let resource = members.entry("$resource").or_insert_with(|| serde_json::json!({}));
        if let Some(resource) = resource.as_object_mut() {
            for (key, value) in usual {
                resource.entry(key).or_insert_with(|| value.into());
            }
        }
    }
    document
}

fn signature(rule: &Rule, case: &Case, now: Timestamp) -> Result<(), Failure> {
    let Some(rules) = compiled(rule, case, &event_fact_names())? else { return Ok(()) };
    let document = Document::parse(only_document(case)?).map_err(|error| Failure::new(error.to_string()))?;
    let view = View { facts: &EventFacts, now, ambiguous: false };
    let truth = judged(rule, &rules, case, &document, view)?;
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
    // What a signature cannot see is CloudTrail's doing; what a check cannot see is everyday.
    if matches!(rule.target, Target::Resource(_)) && !has(Truth::Unknown, None) {
        return Some("an `unknown:` test");
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
