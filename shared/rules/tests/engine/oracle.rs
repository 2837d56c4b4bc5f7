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
use crate::harness::{compile, file, judge_by, world, yaml};

/// Rules as the other engine has them.
pub(crate) struct Oracle(Vec<CompiledRule>);

impl Oracle {
    /// Reads a rule file; the error where the other engine refuses it.
    pub(crate) fn new(file: &str) -> Result<Self, String> {
        let collection = rsigma_parser::parse_sigma_yaml(file).map_err(|error| error.to_string())?;
        if let Some(error) = collection.errors.into_iter().next() {
            return Err(error);
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
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

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

/// A search, an event, and whether it matches: what no engine should see in another way.
const AGREED: &[(&str, &str, bool)] = &[
    ("{eventName: stoplogging}", r#"{"eventName":"StopLogging"}"#, true),
    ("{eventName|cased: stoplogging}", r#"{"eventName":"StopLogging"}"#, false),
    ("{a: 'Create*'}", r#"{"a":"createuser"}"#, true),
    ("{a: 'Create?'}", r#"{"a":"createuser"}"#, false),
    (r"{a: 'x\*'}", r#"{"a":"x*"}"#, true),
    (r"{a: 'x\*'}", r#"{"a":"xy"}"#, false),
    (r"{a: 'C:\\*'}", r#"{"a":"c:\\windows"}"#, true),
    ("{a: [x, y]}", r#"{"a":"y"}"#, true),
    ("{a|contains|all: [x, y]}", r#"{"a":"yax"}"#, true),
    ("{a|contains|all: [x, z]}", r#"{"a":"yax"}"#, false),
    ("{a: x, b: y}", r#"{"a":"x"}"#, false),
    ("[{a: x}, {b: y}]", r#"{"b":"y"}"#, true),
    ("{a.b: x}", r#"{"a":[{"b":"y"},{"b":"x"}]}"#, true),
    ("{a.b: x, a.c: y}", r#"{"a":[{"b":"x"},{"c":"y"}]}"#, true),
    ("{'a[any]': {b: x, c: y}}", r#"{"a":[{"b":"x"},{"c":"y"}]}"#, false),
    ("{'a[any]': {b: x, c: y}}", r#"{"a":[{"b":"x","c":"y"}]}"#, true),
    ("{'a[none]': {b: x}}", r#"{"a":[{"b":"y"}]}"#, true),
    ("{'a[none]': {b: x}}", "{}", true),
    ("{'a[all]': {b: x}}", r#"{"a":[{"b":"x"},{"b":"y"}]}"#, false),
    ("{'a[any]': {b: x}}", r#"{"a":{"b":"x"}}"#, true),
    ("{'a[any]': {b: 1}}", r#"{"a":[[{"b":1}]]}"#, true),
    ("{'a[any]': {'.': x}}", r#"{"a":["x"]}"#, true),
    ("{a.b: x}", r#"{"a.b":"x"}"#, true),
    ("{a: null}", "{}", true),
    ("{a: null}", r#"{"a":null}"#, true),
    ("{a: null}", r#"{"a":""}"#, false),
    ("{a|exists: true}", r#"{"a":null}"#, false),
    ("{a|exists: false}", "{}", true),
    ("{a: true}", r#"{"a":"TRUE"}"#, true),
    ("{a: 'true'}", r#"{"a":true}"#, true),
    ("{a: 22}", r#"{"a":"22"}"#, true),
    ("{a: '22'}", r#"{"a":22}"#, true),
    ("{a: 22}", r#"{"a":22.0}"#, true),
    ("{a: 012345678901}", r#"{"a":"012345678901"}"#, true),
    ("{a|gte: 22}", r#"{"a":"22"}"#, true),
    ("{a|lt: 22}", r#"{"a":"x"}"#, false),
    ("{a|neq: x}", r#"{"a":"y"}"#, true),
    ("{a|neq: [x, y]}", r#"{"a":"y"}"#, false),
    ("{a|re: '^x.z$'}", r#"{"a":"xyz"}"#, true),
    ("{a|re: '^X.z$'}", r#"{"a":"xyz"}"#, false),
    ("{a|re|i: '^X.z$'}", r#"{"a":"xyz"}"#, true),
    ("{a|re|s: 'x.z'}", r#"{"a":"x\nz"}"#, true),
    ("{a|re|m: '^z'}", r#"{"a":"x\nz"}"#, true),
    ("{a|cidr: 10.0.0.0/8}", r#"{"a":"10.9.8.7"}"#, true),
    ("{a|cidr: '2001:db8::/32'}", r#"{"a":"2001:db8::9"}"#, true),
    ("{a|cidr: 10.0.0.0/8}", r#"{"a":"cloudtrail.amazonaws.com"}"#, false),
    ("{a|fieldref: b}", r#"{"a":"X","b":"x"}"#, true),
    ("{a|fieldref: b}", r#"{"a":22,"b":"22"}"#, true),
    ("{a|fieldref|endswith: b}", r#"{"a":"role/x","b":"x"}"#, true),
    ("{a|neq|fieldref: b}", r#"{"a":"x","b":"x"}"#, false),
    ("{a|windash|contains: ' -enc'}", r#"{"a":"x /enc"}"#, true),
    ("{a|base64: abc}", r#"{"a":"YWJj"}"#, true),
    (r"{a|base64: 'a\*'}", r#"{"a":"YSo="}"#, true),
    ("{a|base64|contains: 'a*'}", r#"{"a":"YSo="}"#, true),
    ("{a|base64offset|contains: 'http://'}", r#"{"a":"eHlodHRwOi8veg=="}"#, true),
    ("{a|wide|base64offset|contains: ab}", r#"{"a":"YQBiAA=="}"#, true),
    ("['a*b']", r#"{"a":"xaybz"}"#, true),
    ("[needle]", r#"{"a":[{"b":"a Needle"}]}"#, true),
    ("[needle]", r#"{"needle":"a"}"#, false),
];

#[test]
fn both_engines_say_what_is_meant() {
    for (search, event, expected) in AGREED {
        let file = yaml(&format!("{{s: {search}, condition: s}}"));
        let event = Json::read(event);
        let ours = judge_by(&compile(std::slice::from_ref(&file)), "r0", world(&event)).0;
        assert_eq!(ours, Truth::from(*expected), "{search} on {event}");
        assert_eq!(Oracle::new(&file).unwrap().matches(&event), *expected, "{search} on {event}");
    }
}
