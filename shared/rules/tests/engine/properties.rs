//! What holds for every rule and every event.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rules::Truth;
use serde_json::json;

use crate::document::Json;
use crate::generate::{condition, detection, event, facts, filled, holes_filled, searches};
use crate::harness::{compile_all, judge, judge_by, truth, world};
use crate::reference::{World, verdict};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_verdict_is_what_the_language_says(detection in detection(), facts in facts(true), events in vec(event(true), 4)) {
        let set = compile_all(std::slice::from_ref(&detection));
        for event in &events {
            let world = World { facts: &facts, ..world(event) };
            let (judged, explanation) = judge_by(&set, "r0", world);
            prop_assert_eq!(judged, truth(verdict(&detection, world)), "{} on {} with {}", detection, event, facts);
            prop_assert_eq!(explanation.truth(), judged, "explained differently: {:?}", explanation);
            let decisive = explanation.decisive();
            prop_assert_eq!(decisive.truth() == Truth::Unknown, judged == Truth::Unknown, "decided by {:?}", decisive);
        }
    }

    #[test]
    fn what_is_decided_stays_decided_whatever_turns_out_to_stand_in_the_holes(
        detection in detection(),
        facts in facts(true),
        event in event(true),
        fillings in filled(),
    ) {
        let set = compile_all(std::slice::from_ref(&detection));
        let before = judge_by(&set, "r0", World { facts: &facts, ..world(&event) }).0;
        let mut fillings = fillings.into_iter().cycle();
        let event_filled = holes_filled(&event, &mut fillings);
        let facts_filled = holes_filled(&facts, &mut fillings);
        // Whether keys repeat has to stay the same: it decides which of them count.
        let twins = event.has_twins();
        let after = judge_by(&set, "r0", World { facts: &facts_filled, twins, ..world(&event_filled) }).0;
        prop_assert!(
            before == Truth::Unknown || before == after,
            "{} became {} by filling {} to {} (facts {} to {})",
            before.as_str(), after.as_str(), event, event_filled, facts, facts_filled,
        );
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_index_loses_no_rule_and_repeats_none(
        detections in vec(detection(), 1..16),
        facts in facts(true),
        events in vec(event(true), 8),
    ) {
        let set = compile_all(&detections);
        for event in &events {
            let world = World { facts: &facts, ..world(event) };
            let alone: Vec<_> = {
                let mut alone: Vec<_> = (0..detections.len())
                    .map(|id| format!("r{id}"))
                    .map(|id| (id.clone(), judge_by(&set, &id, world).0))
                    .filter(|(_, truth)| *truth != Truth::False)
                    .collect();
                alone.sort();
                alone
            };
            prop_assert_eq!(judge(&set, world), alone, "{}", event);
        }
    }

    #[test]
    fn rules_do_not_disturb_each_other(detections in vec(detection(), 2..6), event in event(true)) {
        let together = compile_all(&detections);
        for (id, detection) in detections.iter().enumerate() {
            let alone = compile_all(std::slice::from_ref(detection));
            let world = world(&event);
            prop_assert_eq!(judge_by(&together, &format!("r{id}"), world), judge_by(&alone, "r0", world));
        }
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn de_morgan_holds_for_conditions(
        searches in searches(),
        a in condition(),
        b in condition(),
        event in event(true),
    ) {
        let [s1, s2, s3] = &searches;
        let with = |condition: String| json!({"s1": s1, "s2": s2, "_s3": s3, "condition": condition});
        let set = compile_all(&[
            with(format!("not (({a}) and ({b}))")),
            with(format!("not ({a}) or not ({b})")),
            with(format!("not (({a}) or ({b}))")),
            with(format!("not ({a}) and not ({b})")),
            with(format!("not (not ({a}))")),
            with(a.clone()),
        ]);
        let verdict = |id: &str| judge_by(&set, id, world(&event)).0;
        prop_assert_eq!(verdict("r0"), verdict("r1"));
        prop_assert_eq!(verdict("r2"), verdict("r3"));
        prop_assert_eq!(verdict("r4"), verdict("r5"));
    }

    #[test]
    fn what_a_rule_does_not_read_cannot_change_its_verdict(
        detection in detection(),
        facts in facts(true),
        events in vec((event(true), event(true)), 4),
    ) {
        let set = compile_all(std::slice::from_ref(&detection));
        let reads = set.reads("r0");
        // A keyword reads everything.
        if reads.contains("*") {
            return Ok(());
        }
        let is_read = |key: &str| reads.iter().any(|path| path == key || path.split('.').next() == Some(key));
        for (event, other) in &events {
            // All that is read comes from the one event, all else from the other.
            let kept = event.members().iter().filter(|(key, _)| is_read(key));
            let changed = other.members().iter().filter(|(key, _)| !is_read(key));
            let mixed = Json::Map(kept.chain(changed).cloned().collect());
            let twins = event.has_twins() || mixed.has_twins();
            let before = judge_by(&set, "r0", World { facts: &facts, twins, ..world(event) }).0;
            let after = judge_by(&set, "r0", World { facts: &facts, twins, ..world(&mixed) }).0;
            prop_assert_eq!(before, after, "reads {:?}: {} and {}", reads, event, mixed);
        }
    }

    #[test]
    fn a_fact_that_a_rule_does_not_read_cannot_change_its_verdict(
        detection in detection(),
        one in facts(true),
        other in facts(true),
        event in event(true),
    ) {
        let set = compile_all(std::slice::from_ref(&detection));
        let reads = set.reads("r0");
        let choose = |name: &str| {
            let is_read = reads.iter().any(|path| path.split('.').take(2).eq(["facts", name]));
            if is_read { one.all(name)[0].clone() } else { other.all(name)[0].clone() }
        };
        let mixed = Json::map([("f", choose("f")), ("g", choose("g"))]);
        let before = judge_by(&set, "r0", World { facts: &one, ..world(&event) });
        let after = judge_by(&set, "r0", World { facts: &mixed, ..world(&event) });
        prop_assert_eq!(before.0, after.0);
    }
}

#[test]
fn the_random_cases_are_of_every_kind() {
    let mut runner = TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    let mut searches = BTreeSet::new();
    for _ in 0..600 {
        let detection = detection().new_tree(&mut runner).unwrap().current();
        let facts = facts(true).new_tree(&mut runner).unwrap().current();
        let event = event(true).new_tree(&mut runner).unwrap().current();
        let verdict = truth(verdict(&detection, World { facts: &facts, ..world(&event) }));
        *counts.entry(verdict).or_insert(0_usize) += 1;
        searches.extend(detection["s1"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
    }
    assert!([Truth::False, Truth::Unknown, Truth::True].iter().all(|truth| counts[truth] > 30), "{counts:?}");
    for modifier in DOCUMENTED {
        let is_used = |key: &String| key.split('|').skip(1).any(|used| used == *modifier);
        assert!(searches.iter().any(is_used), "`{modifier}` is never used");
    }
}

/// The modifiers in docs/writing-rules.md; the flags of `re` come together.
const DOCUMENTED: &[&str] = &[
    "contains",
    "startswith",
    "endswith",
    "all",
    "neq",
    "cased",
    "exists",
    "re",
    "i",
    "cidr",
    "lt",
    "lte",
    "gt",
    "gte",
    "fieldref",
    "expand",
    "windash",
    "base64",
    "base64offset",
    "utf16",
    "utf16le",
    "utf16be",
    "wide",
    "older_than",
    "newer_than",
];
