//! What holds for every correlation and every stream of events.

use proptest::prelude::*;
use serde_json::json;

use super::{correlation, events, files, fired, naive, set};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn what_completes_is_what_the_definition_says(correlation in correlation(), events in events()) {
        let set = set(&files(&correlation));
        prop_assert_eq!(fired(&set, &events), naive::fired(&correlation, &events), "{} on {:?}", correlation, events);
    }

    #[test]
    fn neither_order_nor_repetition_matters(
        correlation in correlation(),
        (events, shuffled) in events().prop_flat_map(|events| {
            let twice: Vec<_> = events.iter().chain(&events).cloned().collect();
            (Just(events), Just(twice).prop_shuffle())
        }),
    ) {
        let set = set(&files(&correlation));
        prop_assert_eq!(fired(&set, &events), fired(&set, &shuffled));
    }

    #[test]
    fn a_new_value_is_new_once_and_never_while_learning(
        (events, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        learning in 1..8_i64,
    ) {
        let correlation = json!({
            "type": "new_terms", "rules": ["a", "b"], "group-by": ["user"], "field": "value",
            "learning": format!("{learning}s"), "timespan": "1d",
        });
        let set = set(&files(&correlation));
        let fired_events = fired(&set, &events);
        prop_assert_eq!(&fired_events, &fired(&set, &shuffled));
        let known: Vec<_> = events.iter().filter(|told| told.name != "c").collect();
        for told in &known {
            let of_user = || known.iter().filter(|other| other.user == told.user);
            let is_first = of_user().find(|other| other.value == told.value).is_some_and(|first| first.id == told.id);
            let first = of_user().next().map_or(told.second, |first| first.second);
            let expected = is_first && told.second - first >= learning;
            let found = fired_events.contains(&(told.user.to_owned(), told.event()));
            prop_assert_eq!(found, expected, "{:?}", told);
        }
    }
}

/// Somebody who makes noise is found, and does not make the window grow.
#[test]
fn noise_is_found_and_left_out() {
    let correlation =
        json!({ "type": "event_count", "rules": ["a"], "timespan": "10s", "condition": { "gte": 5 } });
    let set = set(&files(&correlation));
    let noise: Vec<_> =
        (0..5000).map(|id| super::Told { id, second: 3, name: "a", user: "x", value: "1" }).collect();
    let fired = fired(&set, &noise);
    assert!((200..300).contains(&fired.len()), "{}", fired.len());
}
