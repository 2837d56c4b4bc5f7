//! What nobody should write, and what somebody will: it costs little, and is refused with a place or judged.

use std::time::{Duration, Instant};

use model::json::Document;
use proptest::prelude::*;
use rules::{NoFacts, RuleError, RuleSet, Scratch, Settings, Truth, View, read};

use crate::document::Json;
use crate::harness::{FACTS, compile, judge_by, world, yaml};

/// Pieces of rule files.
const PIECES: &[&str] = &[
    "title: t\n",
    "detection:\n",
    "  s:\n",
    "    a|contains: x\n",
    "  condition: s\n",
    "    - ",
    "condition",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\n",
    "  ",
    "\t",
    "#",
    "&a ",
    "*a",
    "!!int ",
    "---\n",
    "...\n",
    "|",
    ">\n",
    "? ",
    "each:\n",
    "- ",
    "tests:\n",
    "null",
    "~",
    "1 of ",
    "them",
    "not ",
    "(",
    ")",
    "\u{0}",
    "\u{feff}",
    "é",
    "\\",
    "%x%",
    "[any]",
    "|re: ",
    "|expand: ",
    "severity: low\n",
    "facts.f",
    "$x",
    "{x}",
    ",",
];

/// Reads and compiles a file.
fn load(file: &str) -> (RuleSet, Vec<RuleError>) {
    let (rules, mut errors) = read(file, "f.yaml");
    let (set, more) = RuleSet::new(rules, &Settings::default(), FACTS);
    errors.extend(more);
    (set, errors)
}

/// What is said of a file first, and how long that took.
fn refused(file: &str) -> (String, Duration) {
    let start = Instant::now();
    let said = load(file).1.first().map(ToString::to_string).unwrap_or_default();
    (said, start.elapsed())
}

#[track_caller]
fn assert_refused(file: &str, why: &str) {
    let (said, time) = refused(file);
    assert!(
        said.starts_with("f.yaml:") && said.contains(why),
        "{}",
        said.chars().take(300).collect::<String>()
    );
    assert!(time < Duration::from_secs(5), "{time:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_reading_panic_and_every_error_has_a_place(
        pieces in prop::collection::vec(prop_oneof![9 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<String>()], 0..25),
    ) {
        for error in load(&pieces.concat()).1 {
            prop_assert!(error.place.line > 0 && error.place.column > 0, "{error}");
            prop_assert!(!error.problem.is_empty() && !error.remedy.is_empty());
        }
    }

    #[test]
    fn a_damaged_rule_loads_or_is_refused_with_a_place(at in 0..300_usize, piece in prop::sample::select(PIECES), cut in 0..9_usize) {
        let rule = "title: t\nid: x\nseverity: low\nlogsource: {product: aws}\ndetection:\n  s:\n    - a.b|contains|all: ['x*', \"y\"]\n      'c[any]': {d|re: '^e', f|cidr: 10.0.0.0/8}\n    - g: null\n  condition: s and not 1 of s*\nmessage: '{a} {b|default:c}'\ntests:\n  - finding: one\n    given: {a: [1, {b: ~}]}\n";
        let chars: Vec<char> = rule.chars().collect();
        let at = at.min(chars.len());
        let rest = chars.iter().skip(at + cut);
        let file: String = chars.iter().take(at).chain(&piece.chars().collect::<Vec<_>>()).chain(rest).collect();
        for error in load(&file).1 {
            prop_assert!(error.place.line > 0, "{error}");
        }
    }

    #[test]
    fn no_event_makes_judging_panic(event in any::<Vec<u8>>(), text in "[\\[\\]{},:\"a0 tfn\\\\u]{0,60}") {
        let set = compile(&[yaml("{s: {a|contains: x, 'a[any]': {b: 1}}, t: [x], condition: s or t}")]);
        let view = View { facts: &NoFacts, now: jiff::Timestamp::UNIX_EPOCH, ambiguous: true };
        for bytes in [event, text.into_bytes()] {
            if let Ok(document) = Document::parse(bytes) {
                set.judge(document.root(), view, &mut Scratch::default(), |judged| drop(judged.explain()));
            }
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    let condition = |condition: &str| yaml(&format!("{{s: {{a: 1}}, condition: \"{condition}\"}}"));
    assert_refused(&condition(&format!("{}s{}", "(".repeat(5000), ")".repeat(5000))), "nested too deep");
    assert_refused(&condition(&format!("{}s", "not ".repeat(5000))), "nested too deep");
    assert_refused(&"- ".repeat(100_000), "nested too deep");
    assert_refused(&"[".repeat(100_000), "recursion limit");
    assert_refused(&"{a: ".repeat(10_000), "recursion limit");
    let scopes = format!("{}1{}", "{'a[any]': ".repeat(20), "}".repeat(20));
    assert_refused(&yaml(&format!("{{s: {scopes}, condition: s}}")), "nested too deep");
}

#[test]
fn the_deepest_rule_that_loads_is_judged() {
    let condition = format!("{}s{}", "not (".repeat(30), ")".repeat(30));
    let mut search = "{c: 1}".to_owned();
    for _ in 0..8 {
        search = format!("{{'a[any]': {{s: {search}, condition: {condition}}}}}");
    }
    let set = compile(&[yaml(&format!("{{s: {search}, condition: {condition}}}"))]);
    let event = format!("{}{{\"c\":1}}{}", "{\"a\":".repeat(8), "}".repeat(8));
    let (truth, explanation) = judge_by(&set, "r0", world(&Json::read(&event)));
    assert_eq!((truth, explanation.truth()), (Truth::True, Truth::True));
}

#[test]
fn aliases_that_multiply_are_refused() {
    let wide =
        (1..12).map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 10].join(", ")));
    assert_refused(&format!("a0: &a0 [x, x]\n{}", wide.collect::<String>()), "an alias within");
    let (open, close) = ("[".repeat(90), "]".repeat(90));
    let deep = (1..99).map(|at| format!("a{at}: &a{at} {open}*a{}{close}\n", at - 1));
    assert_refused(&format!("a0: &a0 [x]\n{}", deep.collect::<String>()), "an alias within");
    let long = format!("a: &a [{}]\nb: [{}]", vec!["x"; 1000].join(", "), vec!["*a"; 1000].join(", "));
    assert_refused(&long, "not YAML");
}

#[test]
fn an_alias_that_does_not_is_fine() {
    let file = "title: t\nx: &x [one, two]\ndetection: {s: {a: *x}, t: {b: *x}, condition: s or t}";
    let (set, errors) = load(file);
    assert_eq!((set.rules().len(), errors.as_slice()), (1, &[][..]));
}

#[test]
fn a_long_condition_is_judged_and_a_vast_one_refused() {
    let condition = |terms: usize| vec!["s"; terms].join(" or ");
    let long = yaml(&format!("{{s: {{a: 1}}, condition: {}}}", condition(20_000)));
    assert_eq!(judge_by(&compile(&[long]), "r0", world(&Json::read(r#"{"a":1}"#))).0, Truth::True);
    assert_refused(&yaml(&format!("{{s: {{a: 1}}, condition: {}}}", condition(200_000))), "names too much");
    let mut search = "{b: 1}".to_owned();
    for _ in 0..8 {
        search = format!("{{'a[any]': {{s: {search}, condition: {}}}}}", condition(50));
    }
    assert_refused(&yaml(&format!("{{s: {search}, condition: s}}")), "names too much");
}

#[test]
fn a_long_path_is_refused() {
    assert_refused(
        &yaml(&format!("{{s: {{? {} : 1}}, condition: s}}", vec!["a"; 200_000].join("."))),
        "too many dots",
    );
}

#[test]
fn a_huge_regular_expression_is_refused() {
    for regex in [r"(\w{1000}){1000}", r"((((x{50}){50}){50}){50}){50}"] {
        assert_refused(&yaml(&format!("{{s: {{a|re: '{regex}'}}, condition: s}}")), "exceeds size limit");
    }
    assert_refused(
        &yaml(&format!("{{s: {{a|re: '{}'}}, condition: s}}", "(".repeat(5000))),
        "regular expression",
    );
}

#[test]
fn patterns_that_are_slow_elsewhere_are_not_slow_here() {
    let text = Json::map([("a", Json::Text("a".repeat(20_000)))]);
    for search in [
        "{a|re: '(a+)+$'}",
        "{a|re: '(a|aa)+b'}",
        "{a|re: '(a*)*b'}",
        "{a|re: '(.*)(.*)(.*)(.*)x'}",
        "{a: '*a*a*a*a*a*a*a*a*b'}",
        "{a|contains: 'a?a?a?a?ab'}",
        "['*a*a*a*a*b']",
    ] {
        let set = compile(&[yaml(&format!("{{s: {search}, condition: s}}"))]);
        let start = Instant::now();
        let _ = judge_by(&set, "r0", world(&text));
        assert!(start.elapsed() < Duration::from_secs(5), "{search} took {:?}", start.elapsed());
    }
    let names =
        format!("{{? {} : {{a: 1}}, condition: '1 of {}b or 1 of *'}}", "a".repeat(200), "*a".repeat(100));
    assert_refused(&yaml(&names), "which is no search here");
}

#[test]
fn a_deep_event_is_judged() {
    let nested = |open: &str, inside: &str, close: &str| {
        format!("{{\"a\":{}{inside}{}}}", open.repeat(9_000), close.repeat(9_000))
    };
    let set =
        compile(&[yaml("{s: {a.a.a|contains: x}, t: [x], u: {'a[any]': {a.a: x}}, condition: 1 of them}")]);
    for (event, truth) in [
        (nested("{\"a\":", "\"x\"", "}"), Truth::True),
        (nested("{\"a\":", "\"y\"", "}"), Truth::False),
        // Lists in lists are not followed for ever, and what lies deeper is not said to be absent.
        (nested("[", "\"y\"", "]"), Truth::Unknown),
    ] {
        let document = Document::parse(event).unwrap();
        let view = View { facts: &NoFacts, now: jiff::Timestamp::UNIX_EPOCH, ambiguous: false };
        let mut scratch = Scratch::default();
        let judged = set.judge_by("r0", document.root(), view, &mut scratch).unwrap();
        assert_eq!((judged.truth, judged.explain().truth()), (truth, truth));
    }
}
