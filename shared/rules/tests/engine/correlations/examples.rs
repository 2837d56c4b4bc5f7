//! Correlations as people write them.

use rules::{RuleSet, Settings, read};
use serde_json::json;

use super::{Windows, completed, set, tell};

/// The events that complete something: what is told is a record and its second.
fn completes(set: &RuleSet, records: &[(i64, serde_json::Value)]) -> Vec<String> {
    let mut windows = Windows::new();
    for (number, (second, record)) in records.iter().enumerate() {
        let mut record = record.clone();
        record["eventID"] = json!(format!("e{number}"));
        tell(set, *second, &record, &mut windows);
    }
    completed(set, &windows)
        .into_iter()
        .map(|(rule, group, event)| format!("{rule} [{group}] {event}"))
        .collect()
}

#[test]
fn the_older_way_to_count() {
    let rule = |condition: &str| {
        set(&format!(
            "title: t\nid: r\ndetection:\n  s: {{n: a}}\n  other: {{n: b}}\n  timeframe: 30s\n  condition: {condition}"
        ))
    };
    let told = |name: &str, ip: &str| json!({ "n": name, "ip": ip });
    let four = [(0, told("a", "1")), (10, told("a", "2")), (20, told("a", "1")), (45, told("a", "1"))];
    assert_eq!(completes(&rule("s | count() > 2"), &four), ["r [] e2"]);
    assert_eq!(completes(&rule("s | count() by ip >= 2"), &four), ["r [1] e2", "r [1] e3"]);
    assert_eq!(completes(&rule("s | count(ip) >= 2"), &four), ["r [] e1", "r [] e2"]);
    assert_eq!(completes(&rule("s | count() by ip > 9"), &four), [""; 0]);
    let near = rule("s | near other");
    assert_eq!(
        completes(&near, &[(0, told("b", "1")), (31, told("a", "1")), (60, told("b", "1"))]),
        ["r [] e2"]
    );
}

#[test]
fn steps_are_conditions_over_searches_of_the_rule() {
    let set = set(
        "title: t\nid: r\ndetection:\n  made: {n: CreateUser}\n  granted: {n: AttachUserPolicy}\n  own: {who: root}\ncorrelation:\n  type: temporal_ordered\n  rules: [made, granted and not own]\n  group-by: [user]\n  aliases: {user: {made: q.userName, granted and not own: p.user}}\n  timespan: 1h\n",
    );
    let made = json!({ "n": "CreateUser", "q": { "userName": "eve" } });
    let granted = |user: &str| json!({ "n": "AttachUserPolicy", "p": { "user": user } });
    assert_eq!(
        completes(&set, &[(0, made.clone()), (5, granted("bob")), (9, granted("eve"))]),
        ["r [eve] e2"]
    );
    assert_eq!(completes(&set, &[(5, made.clone()), (0, granted("eve"))]), [""; 0]);
    assert_eq!(
        completes(&set, &[(5, granted("eve")), (5, made)]),
        ["r [eve] e0"],
        "at once is one after the other"
    );
    assert_eq!(set.rules().len(), 1, "a rule is one rule, however many steps it has");
    let reads: Vec<_> = set.reads("r").into_iter().collect();
    assert_eq!(reads, ["n", "p.user", "q.userName", "who"]);
}

#[test]
fn a_step_that_stands_there_twice_happens_twice() {
    let set = set(
        "title: t\nid: r\ndetection: {no: {n: no}, yes: {n: yes}}\ncorrelation: {type: temporal_ordered, rules: [no, no, yes], timespan: 1m}\n",
    );
    let (no, yes) = (json!({ "n": "no" }), json!({ "n": "yes" }));
    assert_eq!(completes(&set, &[(0, no.clone()), (9, yes.clone())]), [""; 0]);
    assert_eq!(completes(&set, &[(0, no.clone()), (0, no), (9, yes)]), ["r [] e2"]);
}

#[test]
fn lists_count_value_by_value_and_group_by_group() {
    let set = set(
        "title: t\nid: r\ndetection: {s: {n: a}, condition: s}\ncorrelation: {type: value_count, group-by: [to.id], field: names, timespan: 1m, condition: {gte: 3}}\n",
    );
    let told = |names: &[&str]| json!({ "n": "a", "names": names, "to": [{ "id": "x" }, { "id": "y" }] });
    assert_eq!(completes(&set, &[(0, told(&["1", "2"])), (5, told(&["2", "3"]))]), ["r [x] e1", "r [y] e1"]);
    assert_eq!(
        completes(&set, &[(0, json!({ "n": "a", "names": ["1", "2", "3"] }))]),
        [""; 0],
        "in no group"
    );
}

const BASE: &str = "title: Base rule\nname: base\nid: 5638f7c0\ndetection: {s: {n: a}, condition: s}\n";

fn counting(of: &str, more: &str) -> String {
    format!(
        "title: Many\nid: many\n{more}correlation: {{type: event_count, rules: ['{of}'], timespan: 1m, condition: {{gte: 2}}}}\n"
    )
}

/// Which rules are reported on their own.
fn reported(files: &[(&str, String)], shipped: bool) -> Vec<String> {
    let mut all = Vec::new();
    for (origin, text) in files {
        let (rules, errors) = read(text, origin);
        assert_eq!(errors, []);
        all.extend(rules.into_iter().map(|rule| if shipped { rule.shipped() } else { rule }));
    }
    let (set, errors) = RuleSet::new(all, &Settings::default(), &[]);
    assert_eq!(errors, []);
    let mut reported = Vec::new();
    let document = model::json::Document::parse(r#"{"n":"a"}"#).unwrap();
    let view = rules::View { facts: &rules::NoFacts, now: jiff::Timestamp::UNIX_EPOCH, ambiguous: false };
    set.judge(document.root(), view, &mut rules::Scratch::default(), |judged| {
        assert!(judged.is_observed());
        if judged.is_reported() {
            reported.push(judged.meta().id.clone());
        }
    });
    reported
}

#[test]
fn rules_are_named_by_id_name_or_title_in_any_file() {
    for name in ["5638f7c0", "base", "Base rule"] {
        let correlation = counting(name, "");
        assert_eq!(reported(&[("f", format!("{correlation}---\n{BASE}"))], false), [""; 0], "in one file");
        assert_eq!(reported(&[("a", correlation), ("b", BASE.into())], false), [""; 0], "in two");
    }
}

#[test]
fn what_a_correlation_names_is_reported_where_that_is_wanted_or_it_is_shipped() {
    let with = |more: &str| vec![("f", format!("{BASE}---\n{}", counting("base", more)))];
    assert_eq!(reported(&with("generate: true\n"), false), ["5638f7c0"]);
    assert_eq!(reported(&with("generate: false\n"), false), [""; 0]);
    assert_eq!(reported(&with(""), true), ["5638f7c0"]);
}

#[test]
fn a_name_means_a_rule_of_the_same_file_first() {
    let other = BASE.replace("5638f7c0", "other").replace("n: a", "n: z");
    let files = [("a", format!("{BASE}---\n{}", counting("base", ""))), ("b", other.clone())];
    assert_eq!(reported(&files, false), [""; 0]);
    let third = counting("base", "");
    let all: Vec<_> = [("a", BASE), ("b", &other), ("c", &third)]
        .iter()
        .flat_map(|(origin, text)| read(text, origin).0)
        .collect();
    let (_, errors) = RuleSet::new(all, &Settings::default(), &[]);
    assert_eq!(
        errors[0].to_string(),
        "c:3:42: the correlation names `base`, and 2 rules are called so; name the rule by its id"
    );
}

#[test]
fn a_correlation_rests_with_the_rule_that_it_names() {
    let text = format!("{}---\n{}", BASE.replace("n: a", "n|expand: '%unset%'"), counting("base", ""));
    let (rules, _) = read(&text, "f");
    let (set, errors) = RuleSet::new(rules, &Settings::default(), &[]);
    assert_eq!(errors, []);
    let resting: Vec<_> =
        set.resting().iter().map(|rule| (rule.meta.id.as_str(), rule.needs.as_str())).collect();
    assert_eq!(resting, [("5638f7c0", "unset"), ("many", "unset")]);
}
