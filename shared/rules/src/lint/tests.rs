//! Warnings about the tests of a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, Warnings};
use crate::case;
use crate::code::Code;
use crate::tree::Node;

/// The verdicts by which tests are named.
const VERDICTS: &[&str] = &["finding", "clean", "unknown"];

pub(super) fn check(rule: &Node, about: &About<'_>, warnings: &mut Warnings) {
    // Sigma has no tests in its files.
    if !about.is_own {
        return;
    }
    let tests = rule.get("tests").map(Node::items).unwrap_or_default();
    if tests.is_empty() {
        let place = rule.get("title").map_or(rule.place, |title| title.place);
        let remedy =
            "add `tests:` with a `finding:` and a `clean:`; `trailpost rules new` makes them of an event";
        warnings.add(Code::TestsMissing, place, "the rule has no tests", remedy);
        if let Some(base) = rule.get("base") {
            warnings.add(Code::BaseUnused, base.place, "`base` without tests does nothing", "add `tests:`");
        }
        return;
    }
    let needed = if about.resource.is_some() { VERDICTS } else { &["finding", "clean"] };
    for kind in needed {
        if !tests.iter().any(|test| test.get(kind).is_some()) {
            let place = rule.get("tests").map_or(rule.place, |tests| tests.place);
            let problem = format!("the rule has no `{kind}:` test");
            warnings.add(Code::TestsMissing, place, problem, "add one");
        }
    }
    let mut names = BTreeSet::new();
    for test in tests {
        let named = VERDICTS.iter().find_map(|verdict| test.get(verdict));
        let name = named.and_then(Node::text).unwrap_or_default();
        if !name.is_empty() && !names.insert(name.clone()) {
            let place = named.map_or(test.place, |node| node.place);
            warnings.add(
                Code::DuplicateTest,
                place,
                format!("two tests are called `{name}`"),
                "name what each shows",
            );
        }
    }
    documents(rule, tests, about, warnings);
}

/// What the documents of tests say.
fn documents(rule: &Node, tests: &[Node], about: &About<'_>, warnings: &mut Warnings) {
    let Ok(cases) = case::read(rule) else { return };
    let mut seen: BTreeMap<String, crate::truth::Truth> = BTreeMap::new();
    for (case, test) in cases.iter().zip(tests) {
        let whole = format!("{:?}{:?}", case.documents, case.settings);
        if seen.insert(whole, case.verdict).is_some_and(|verdict| verdict != case.verdict) {
            let problem =
                format!("the test `{}` gives what another one gives, and wants something else", case.name);
            warnings.add(Code::TestsDisagree, test.place, problem, "change `given:` of one of them");
        }
        let refuses =
            test.get("given").is_some_and(|given| given.get("errorCode").and_then(Node::text).is_some());
        let is_finding = test.get("finding").is_some();
        if about.resource.is_none()
            && refuses
            && is_finding
            && case.outcome.is_none()
            && case.severity.is_none()
        {
            let problem =
                format!("the test `{}` has an error and does not say whether it is an attempt", case.name);
            warnings.add(
                Code::TestOutcome,
                test.place,
                problem,
                "add `outcome: attempt`, or `outcome: success`",
            );
        }
    }
}
