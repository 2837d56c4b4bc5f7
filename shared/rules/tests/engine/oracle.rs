//! Another engine of the same language, [rsigma](https://crates.io/crates/rsigma-eval), as a second opinion.
//!
//! Where the two differ on purpose the difference stands in [`DIFFERENCES`], so that a new one is seen.

use proptest::collection::vec;
use proptest::prelude::*;
use rsigma_eval::event::JsonEvent;
use rsigma_eval::{CompiledRule, compile_rule, evaluate_rule};
use rules::Truth;

use crate::document::Json;
use crate::generate::{common_detection, common_event};
use crate::harness::{compile, file, judge_by, world};

/// Rules as the other engine has them.
pub(crate) struct Oracle(Vec<CompiledRule>);

impl Oracle {
    /// Reads a rule file; the error where the other engine refuses it.
    pub(crate) fn new(file: &str) -> Result<Self, String> {
        let collection = rsigma_parser::parse_sigma_yaml(file).map_err(|error| error.to_string())?;
        if let Some(error) = collection.errors.first() {
            return Err(error.to_string());
        }
        let rules = collection.rules.iter().map(compile_rule).collect::<Result<_, _>>();
        rules.map(Self).map_err(|error| error.to_string())
    }

    /// Whether a rule matches.
    pub(crate) fn matches(&self, event: &Json) -> bool {
        let event = JsonEvent::owned(event.to_serde());
        self.0.iter().any(|rule| evaluate_rule(rule, &event).is_some())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_engines_agree(detection in common_detection(), events in vec(common_event(), 6)) {
        let file = file(0, &detection);
        let set = compile(std::slice::from_ref(&file));
        let oracle = Oracle::new(&file).unwrap();
        for event in &events {
            let ours = judge_by(&set, "r0", world(event)).0;
            prop_assert_eq!(ours, Truth::from(oracle.matches(event)), "{} on {}", detection, event);
        }
    }
}
