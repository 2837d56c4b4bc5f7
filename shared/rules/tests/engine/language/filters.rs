use rules::tree::Node;
use rules::{RuleSet, Truth};

use crate::document::Json;
use crate::harness::{FACTS, judge_by, settings, world, yaml};

/// A filter file called `f`.
fn filter(block: &str) -> String {
    format!("id: f\ntitle: f\nlogsource: {{product: aws}}\nfilter: {block}\n")
}

/// Rules of files, the first of which come with the program, and what is said of them.
fn set(builtin: &[String], own: &[String]) -> (RuleSet, Vec<String>) {
    let read = |files: &[String]| {
        let nodes = files.iter().map(|file| Node::from_yaml(file).unwrap().remove(0));
        nodes.flat_map(|node| rules::from_node(&node, "rule.yaml").unwrap()).collect::<Vec<_>>()
    };
    let shipped = read(builtin).into_iter().map(rules::Rule::shipped);
    let (set, errors) = RuleSet::new(shipped.chain(read(own)), &settings(), FACTS);
    (set, errors.iter().map(|error| format!("{} {}", error.code, error.problem)).collect())
}

fn verdict(set: &RuleSet, id: &str, event: &str) -> Truth {
    judge_by(set, id, world(&Json::read(event))).0
}

fn stop() -> String {
    yaml("{s: {eventName: StopLogging}, condition: s or 1 of t*, t: {a: 1}}")
}

const BY_DEPLOY: &str = r#"{"eventName":"StopLogging","userIdentity":{"userName":"deploy"}}"#;
const BY_EVE: &str = r#"{"eventName":"StopLogging","userIdentity":{"userName":"eve"}}"#;
const UNSEEN: &str = r#"{"eventName":"StopLogging","userIdentity":{"$unavailable":"x"}}"#;
const OTHER: &str = r#"{"eventName":"StartLogging","userIdentity":{"userName":"eve"}}"#;

#[test]
fn a_rule_matches_where_its_condition_and_that_of_its_filter_hold() {
    let block = |rules: &str| {
        filter(&format!("{{rules: {rules}, d: {{userIdentity.userName: deploy}}, condition: not d}}"))
    };
    for named in ["[r0]", "r0", "[t]", "any", "[any]"] {
        let (set, said) = set(&[], &[block(named), stop()]);
        assert_eq!(said, Vec::<String>::new());
        assert_eq!(verdict(&set, "r0", BY_DEPLOY), Truth::False, "{named}");
        assert_eq!(verdict(&set, "r0", BY_EVE), Truth::True, "{named}");
        assert_eq!(verdict(&set, "r0", UNSEEN), Truth::Unknown, "{named}");
        assert_eq!(verdict(&set, "r0", OTHER), Truth::False, "{named}");
        assert_eq!(set.rules().len(), 1, "a filter is no rule");
    }
}

#[test]
fn what_comes_with_the_program_is_filtered_only_by_name() {
    let block = |rules: &str| {
        filter(&format!("{{rules: {rules}, d: {{userIdentity.userName: deploy}}, condition: not d}}"))
    };
    let (by_name, _) = set(&[stop()], &[block("[r0]")]);
    let (by_any, said) = set(&[stop()], &[block("any")]);
    assert_eq!(verdict(&by_name, "r0", BY_DEPLOY), Truth::False);
    assert_eq!(verdict(&by_any, "r0", BY_DEPLOY), Truth::True);
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn several_filters_narrow_one_rule() {
    let other =
        filter("{rules: [r0], e: {userIdentity.userName: eve}, condition: not e}").replace("id: f", "id: g");
    let one = filter("{rules: [r0], d: {userIdentity.userName: deploy}, condition: not d}");
    let (set, _) = set(&[], &[stop(), one, other]);
    assert_eq!(verdict(&set, "r0", BY_DEPLOY), Truth::False);
    assert_eq!(verdict(&set, "r0", BY_EVE), Truth::False);
    assert_eq!(verdict(&set, "r0", r#"{"eventName":"StopLogging"}"#), Truth::True);
}

#[test]
fn a_filter_that_cannot_be_used_filters_nothing() {
    let (unknown, said) = set(&[], &[stop(), filter("{rules: [r0, r1], d: {a: 1}, condition: not d}")]);
    assert_eq!(
        said,
        ["unknown-rule the filter names `r1`, and no rule of its kind has that id, name or title"]
    );
    assert_eq!(verdict(&unknown, "r0", BY_DEPLOY), Truth::True);

    let unset = "{rules: [r0], d: {userIdentity.userName|expand: '%unset%'}, condition: not d}";
    let (resting, said) = set(&[], &[stop(), filter(unset)]);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(verdict(&resting, "r0", BY_DEPLOY), Truth::True);
    assert_eq!(resting.resting().len(), 1);
}

#[test]
fn a_rule_that_counts_counts_what_its_filter_leaves() {
    let counting = "id: r0\ntitle: t\nlogsource: {product: aws}\ndetection: {s: {eventName: StopLogging}, condition: s | count() > 1, timeframe: 5m}\n";
    let (set, said) = set(
        &[],
        &[counting.to_owned(), filter("{rules: [r0], d: {userIdentity.userName: deploy}, condition: not d}")],
    );
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(verdict(&set, "r0", BY_DEPLOY), Truth::False);
    assert_eq!(verdict(&set, "r0", BY_EVE), Truth::True);
}
