//! Holes in the documents of the checks' own tests, in place of each member that a check reads.
//!
//! A verdict that is decided all the same has to be right whatever the member would have been: it is compared with the
//! verdicts on every value that the check's tests show, and on none at all.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::check::{Checker, Hole};
use engine::rule_test;
use libtest_mimic::Failed;
use model::Timestamp;
use model::json::Document;
use rules::{Rule, Scratch, Truth};
use serde_json::{Map, Value, json};

static TRIED: AtomicUsize = AtomicUsize::new(0);
static DECIDED: AtomicUsize = AtomicUsize::new(0);
static COMPARED: AtomicUsize = AtomicUsize::new(0);

/// Says how much was tried.
pub(crate) fn tell() {
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "holes in place of members: {} tried, {} decided without the member, against {} other values",
        count(&TRIED),
        count(&DECIDED),
        count(&COMPARED)
    );
}

const CAUSES: [&str; 4] = ["Denied", "Throttled", "Failed", "Unsupported"];

fn hole(cause: &str) -> Map<String, Value> {
    let mut hole = json!({"$unavailable": cause, "operation": "service:DescribeIt", "code": "TheCode"});
    if cause == "Denied" {
        hole["permission"] = "service:DescribeIt".into();
    }
    let Value::Object(hole) = hole else { unreachable!() };
    hole
}

/// One check with the placeholders of one case.
struct Bench {
    checker: Checker,
    kind: String,
    now: Timestamp,
}

impl Bench {
    fn judge(&self, document: &Map<String, Value>) -> Option<(Truth, Vec<Hole>)> {
        let document = Document::parse(Value::Object(document.clone()).to_string()).ok()?;
        let mut scratch = Scratch::default();
        let verdicts = self.checker.judge(&self.kind, &document, self.now, &mut scratch);
        verdicts.into_iter().next().map(|verdict| (verdict.truth, verdict.holes))
    }
}

/// Tries every member that a check reads, in each of its cases that is decided.
pub(crate) fn one(kind: &str, rule: &Rule) -> Result<(), Failed> {
    let mut documents: Vec<Map<String, Value>> = Vec::new();
    for case in &rule.tests {
        let Value::Object(document) =
            rule_test::in_place(kind, case.documents.first().map_or("", String::as_str))
        else {
            return Err(format!("{}: no document", case.name).into());
        };
        documents.push(document);
    }
    let mut problems = BTreeSet::new();
    for (case, document) in rule.tests.iter().zip(&documents) {
        let (checker, errors) = Checker::new([rule.clone()], &case.settings);
        if !errors.is_empty() {
            return Err(format!("{errors:?}").into());
        }
        let bench = Bench { checker, kind: kind.to_owned(), now: "2026-01-15T12:00:00Z".parse()? };
        if case.verdict == Truth::Unknown || bench.judge(document).is_none() {
            continue;
        }
        for member in bench.checker.reads_of(kind, &rule.meta.id) {
            if member == "$resource" {
                continue;
            }
            let mut say = |problem: String| {
                problems.insert(format!("{}: {member}: {problem}", case.name));
            };
            in_place_of(&bench, document, &member, &documents, &mut say);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into_iter().collect::<Vec<_>>().join("\n").into()) }
}

/// A document without the member, or with another value of it.
fn with(document: &Map<String, Value>, member: &str, value: Option<Value>) -> Map<String, Value> {
    let mut changed: Map<String, Value> = document
        .iter()
        .filter(|(key, _)| !key.eq_ignore_ascii_case(member))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(value) = value {
        changed.insert(member.to_owned(), value);
    }
    changed
}

fn value_of<'d>(document: &'d Map<String, Value>, member: &str) -> Option<&'d Value> {
    document.iter().find(|(key, _)| key.eq_ignore_ascii_case(member)).map(|(_, value)| value)
}

fn in_place_of(
    bench: &Bench,
    document: &Map<String, Value>,
    member: &str,
    documents: &[Map<String, Value>],
    say: &mut impl FnMut(String),
) {
    let seen: Vec<&Value> = documents.iter().filter_map(|document| value_of(document, member)).collect();
    let whole = |value: &&&Value| !value.to_string().contains("$unavailable");
    let mut values: Vec<Option<Value>> =
        seen.iter().filter(whole).map(|value| Some((*value).clone())).collect();
    values.extend([None, Some(Value::Null)]);
    let others = || values.iter().map(|value| with(document, member, value.clone()));
    let in_place = |hole: &Map<String, Value>| with(document, member, Some(Value::Object(hole.clone())));
    holds(bench, "in its place", in_place, others(), say);
    // As of a description that failed.
    let at_root = |hole: &Map<String, Value>| {
        let mut document = with(document, member, None);
        document.extend(hole.clone());
        document
    };
    holds(bench, "at the root", at_root, others(), say);
    let Some(Value::Array(items)) = value_of(document, member) else { return };
    let elements: Vec<&Value> =
        seen.iter().filter(whole).filter_map(|value| value.as_array()).flatten().collect();
    for index in 0..=items.len() {
        let replaced = |element: Option<Value>| {
            let mut items = items.clone();
            items.splice(index..items.len().min(index + 1), element);
            with(document, member, Some(Value::Array(items)))
        };
        let in_element = |hole: &Map<String, Value>| replaced(Some(Value::Object(hole.clone())));
        let others = elements.iter().map(|element| replaced(Some((*element).clone())));
        holds(bench, "in place of an element", in_element, others.chain([replaced(None)]), say);
    }
}

/// The law, for each cause: unknown, with the reason; or decided, and the same whatever could have been there.
fn holds(
    bench: &Bench,
    place: &str,
    holed: impl Fn(&Map<String, Value>) -> Map<String, Value>,
    others: impl Iterator<Item = Map<String, Value>>,
    say: &mut impl FnMut(String),
) {
    let mut truths = Vec::new();
    for cause in CAUSES {
        TRIED.fetch_add(1, Ordering::Relaxed);
        let hole = hole(cause);
        let Some((truth, holes)) = bench.judge(&holed(&hole)) else {
            return say(format!("hole {place}: not judged"));
        };
        let text = |key: &str| hole.get(key).and_then(Value::as_str).unwrap_or_default();
        let told = holes.iter().any(|told| {
            told.cause == cause
                && told.operation == text("operation")
                && told.code == text("code")
                && told.permission == text("permission")
        });
        if truth == Truth::Unknown && !told {
            say(format!("hole {place}: unknown, but the reason is {holes:?}"));
        }
        truths.push(truth);
    }
    let first = truths[0];
    if truths.iter().any(|truth| *truth != first) {
        return say(format!("hole {place}: the verdicts differ by cause: {truths:?}"));
    }
    if first == Truth::Unknown {
        return;
    }
    DECIDED.fetch_add(1, Ordering::Relaxed);
    for other in others {
        COMPARED.fetch_add(1, Ordering::Relaxed);
        // What the others hold besides may be open for reasons of its own.
        let same = bench.judge(&other).is_some_and(|(truth, _)| truth == first || truth == Truth::Unknown);
        if !same {
            say(format!("hole {place}: {first:?}, but not with {}", Value::Object(other)));
        }
    }
}
