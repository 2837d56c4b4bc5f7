//! The other engine's word on correlations. It sees events in the order of time, each once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rsigma_eval::event::JsonEvent;
use rsigma_eval::{CorrelationConfig, CorrelationEngine};
use serde_json::Value;

use super::{Told, correlation, events, files, fired, set};

fn oracle(correlation: &Value, told: &[Told]) -> BTreeSet<(String, String)> {
    let collection = rsigma_parser::parse_sigma_yaml(&files(correlation)).unwrap();
    assert_eq!(collection.errors, Vec::<String>::new());
    let mut engine = CorrelationEngine::new(CorrelationConfig::default());
    engine.add_collection(&collection).unwrap();
    let grouped = correlation.get("group-by").is_some();
    let mut fired = BTreeSet::new();
    for told in told {
        let event = JsonEvent::owned(told.json());
        let results = engine.process_event_at(&event, 1_700_000_000 + told.second);
        if results.iter().any(rsigma_eval::EvaluationResult::is_correlation) {
            fired.insert((if grouped { told.user.to_owned() } else { String::new() }, told.event()));
        }
    }
    fired
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_engines_complete_with_the_same_events(
        mut correlation in correlation().prop_filter("has an order of its own", |correlation| {
            correlation["type"] != "temporal_ordered"
        }),
        events in events(),
    ) {
        // Without a condition all rules have to match, says the specification; to the other engine one will do.
        if correlation.get("condition").is_none() {
            correlation["condition"] = serde_json::json!({ "gte": correlation["rules"].as_array().unwrap().len() });
        }
        let ours = fired(&set(&files(&correlation)), &events);
        prop_assert_eq!(ours, oracle(&correlation, &events), "{} on {:?}", correlation, events);
    }

    /// The other engine repeats itself on every event while a chain is in its window, also on the first steps of what
    /// happened at once; whether there is a chain at all is the same.
    #[test]
    fn both_engines_see_the_same_chains(mut correlation in correlation(), events in events()) {
        correlation["type"] = "temporal_ordered".into();
        correlation.as_object_mut().unwrap().remove("condition");
        let mut rules = correlation["rules"].as_array().unwrap().clone();
        rules.dedup();
        let distinct: BTreeSet<_> = rules.iter().map(ToString::to_string).collect();
        prop_assume!(distinct.len() == rules.len());
        correlation["rules"] = rules.into();
        let ours = fired(&set(&files(&correlation)), &events);
        let theirs = oracle(&correlation, &events);
        let groups = |fired: &BTreeSet<(String, String)>| fired.iter().map(|(group, _)| group.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(groups(&ours), groups(&theirs));
    }
}
