//! Messages, dedup keys, families, placeholders and explanations.

use model::json::Document;
use rules::{NoFacts, RuleSet, Scratch, Settings, Truth, View, read};

/// Compiles a file for an installation.
fn set(file: &str, settings: &Settings) -> RuleSet {
    let (rules, errors) = read(file, "f.yaml");
    assert_eq!(errors, []);
    let (set, errors) = RuleSet::new(rules, settings, &[]);
    assert_eq!(errors, []);
    set
}

/// Judges an event by a file's one rule: its message, its dedup key and its explanation.
fn judged(file: &str, event: &str) -> (String, String, rules::Explanation) {
    let set = set(file, &Settings::default());
    let id = set.rules().next().unwrap().id.clone();
    let document = Document::parse(event).unwrap();
    let mut scratch = Scratch::default();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let view = View { facts: &NoFacts, now, ambiguous: false };
    let judged = set.judge_by(&id, document.root(), view, &mut scratch).unwrap();
    (judged.message(), judged.scope(), judged.explain())
}

#[test]
fn a_message_is_filled_in_from_the_record() {
    let file =
        "title: t\nmessage: '{a.b} and {c|default:nobody} and {d}'\ndetection: {s: {a: x}, condition: s}";
    let message = |event: &str| judged(file, event).0;
    assert_eq!(message(r#"{"a":{"b":"x"},"c":22,"d":true}"#), "x and 22 and true");
    assert_eq!(message(r#"{"a":{"b":""},"c":null}"#), "(unknown) and nobody and (unknown)");
    assert_eq!(message(r#"{"a":[{"b":"one"},{"b":"two"}]}"#), "one, two and nobody and (unknown)");
    let long = message(&format!(r#"{{"c":"{}"}}"#, "é".repeat(999)));
    assert_eq!(long, format!("(unknown) and {}… and (unknown)", "é".repeat(200)));
}

#[test]
fn without_a_message_the_title_says_it() {
    assert_eq!(
        judged("title: '{a} was here'\ndetection: {s: {a: x}, condition: s}", r#"{"a":"Bob"}"#).0,
        "Bob was here"
    );
}

#[test]
fn the_dedup_key_is_made_of_the_values() {
    let file = "title: t\ndedup: [a.b, c]\ndetection: {s: {a: x}, condition: s}";
    assert_eq!(judged(file, r#"{"a":{"b":"x"},"c":1}"#).1, "x 1");
    assert_eq!(judged("title: t\ndetection: {s: {a: x}, condition: s}", r#"{"a":"x"}"#).1, "");
}

#[test]
fn an_explanation_shows_conditions_and_what_they_saw() {
    let file = "title: t\ndetection: {s: {a: x, b|contains: [y, z]}, f: {c: 1}, condition: s and not f}";
    let explanation = judged(file, r#"{"a":"X","b":["no",{"omitted":true}],"c":1}"#).2;
    assert_eq!(explanation.truth(), Truth::False);
    let json = serde_json::to_string(&explanation).unwrap();
    for part in
        [r#"a is \"x\""#, r#"b is \"*y*\" or \"*z*\""#, "c is 1", r#""\"X\"""#, "not to be seen", "unknown"]
    {
        assert!(json.contains(part), "{part} in {json}");
    }
}

#[test]
fn a_family_has_a_rule_for_each_entry() {
    let file = "
id: sg-{name}
title: Opened {name} ($port of $ports)
severity: low
each:
  - { name: ssh, port: 22, ports: many }
  - { name: rdp, port: 3389, ports: few, severity: high, title: Remote desktop }
detection:
  s: { to|gte: $port, 'is_{name}': true, note: 'p$port' }
  condition: s
";
    let set = set(file, &Settings::default());
    let rules: Vec<_> =
        set.rules().map(|rule| (rule.id.as_str(), rule.title.as_str(), rule.severity.as_str())).collect();
    assert_eq!(rules, [("sg-ssh", "Opened ssh (22 of many)", "low"), ("sg-rdp", "Remote desktop", "high")]);
    assert_eq!(set.reads("sg-rdp").into_iter().collect::<Vec<_>>(), ["is_rdp", "note", "to"]);
}

#[test]
fn a_rule_rests_until_its_placeholder_is_set() {
    let file = "title: t\ndetection: {s: {a|expand: '%mine%'}, condition: s}";
    let resting = set(file, &Settings::default());
    assert_eq!((resting.rules().len(), resting.resting()[0].needs.as_str()), (0, "mine"));
    let several = "title: t\ndetection: {s: {a|expand: ['%trusted_accounts%', '%x%-%y%', '%x%'], b|expand: '%z%'}, condition: s}";
    let two = set(several, &Settings::default());
    let needs = two.resting()[0].needs.as_str();
    assert_eq!((needs, rules::until(needs)), ("x, y, z", "`x`, `y` and `z` are set".to_owned()));
    let awake = set(file, &Settings::default().with("mine", ["x"]));
    assert_eq!((awake.rules().len(), awake.resting().len()), (1, 0));
    let blank = set(file, &Settings::default().with("mine", ["", " "]));
    assert_eq!(blank.resting().len(), 1, "blank values are none");
    for name in rules::EMPTY_UNLESS_SET {
        assert_eq!(set(&file.replace("mine", name), &Settings::default()).rules().len(), 1, "{name}");
    }
}

#[test]
fn what_a_rule_reads_is_named() {
    let file = "title: t\nid: r\ndetection: {s: {a.b: 1, c|fieldref: d.e, 'f[any]': {g: 1, h|fieldref: i, j|fieldref: $.k, $.l: 1}}, t: [x], condition: s or t}";
    let set = set(file, &Settings::default());
    assert_eq!(set.reads("r").into_iter().collect::<Vec<_>>(), ["*", "a.b", "c", "d.e", "f", "k", "l"]);
}

#[test]
fn rules_that_name_source_and_name_are_not_judged_on_every_event() {
    let file = |search: &str| format!("title: t\ndetection: {{s: {search}, condition: s}}");
    let always = |search: &str| set(&file(search), &Settings::default()).judged_always().count();
    for indexed in [
        "{eventName: A}",
        "{eventSource: a, x: 1}",
        "{eventName: [A, B]}",
        "[{eventName: A}, {eventName: B}]",
    ] {
        assert_eq!(always(indexed), 0, "{indexed}");
    }
    for not in [
        "{x: 1}",
        "{eventName: 'A*'}",
        "{eventName|neq: A}",
        "{eventName: [A, null]}",
        "[{eventName: A}, {x: 1}]",
    ] {
        assert_eq!(always(not), 1, "{not}");
    }
}
