//! The language by example: each behaviour that docs/writing-rules.md describes, as a sentence with its cases.

mod conditions;
mod documents;
mod filters;
mod modifiers;
mod scopes;
mod searches;
mod sentences;
mod unknown;
mod values;

use rules::Truth;

use crate::document::Json;
use crate::harness::{compile, judge_by, world, yaml};

/// The verdict of a search, in YAML, on an event, in JSON.
fn search(search: &str, event: &str) -> Truth {
    detection(&format!("{{s: {search}, condition: s}}"), event)
}

/// The verdict of a detection, in YAML, on an event, in JSON.
fn detection(detection: &str, event: &str) -> Truth {
    let set = compile(&[yaml(detection)]);
    judge_by(&set, "r0", world(&Json::read(event))).0
}

/// Asserts on searches that are true of, and on searches that are false of an event.
fn assert_of(event: &str, hold: &[&str], do_not: &[&str]) {
    for (searches, truth) in [(hold, Truth::True), (do_not, Truth::False)] {
        for each in searches {
            assert_eq!(search(each, event), truth, "{each} on {event}");
        }
    }
}
