//! `trailpost rules`.

use serde_json::{Value, json};

use crate::trial::Trial;

#[test]
fn the_catalogue_passes_its_own_tests_and_lint() {
    let trial = Trial::new();

    let tested = trial.run(&["rules", "test"]);
    let linted = trial.run(&["rules", "lint"]);

    assert_eq!(tested.code, 0, "{}", tested.out);
    assert!(tested.out.ends_with(" passed, 0 failed\n"), "{}", tested.out);
    assert_eq!((linted.code, linted.out.as_str()), (0, ""));
}

#[test]
fn a_failing_test_is_explained() {
    let rule = "title: T\nid: t\nseverity: low\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: A}, condition: s}\ntests:\n  - finding: b\n    given: {eventName: B}\n";
    let trial = Trial::new().file("t.yaml", rule);

    let ran = trial.run(&["rules", "test", "t.yaml"]);

    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("FAIL t (t.yaml): b: wanted a finding, got clean"), "{}", ran.out);
    assert!(ran.out.contains("eventName is \"A\"  (saw \"B\")"), "{}", ran.out);
    assert!(ran.out.ends_with("0 passed, 1 failed\n"), "{}", ran.out);
}

#[test]
fn a_rule_is_shown_with_what_it_reads() {
    let ran = Trial::new().run(&["rules", "show", "cloudtrail-logging-stopped"]);

    for part in ["Why it matters", "aws cloudtrail start-logging", "eventName", "T1562.008"] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
}

#[test]
fn lint_names_file_line_and_mend() {
    let trial = Trial::new().file("t.yml", "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {a|contain: b}\n  condition: s\n");

    let ran = trial.run(&["rules", "lint", "t.yml"]);

    assert_eq!(ran.code, 1);
    let said = "t.yml:4:9: error[unknown-modifier]: unknown modifier `contain`\n  |\n4 |   s: {a|contain: b}\n  |         ^^^^^^^\n  help: did you mean `contains`?\n";
    assert_eq!(ran.out, said);
}

#[test]
fn a_rule_over_several_events_says_what_it_looks_for_and_tests_itself() {
    let rule = "title: T\nid: t\nseverity: low\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: A}, condition: s}\ncorrelation: {type: event_count, group-by: [sourceIPAddress], timespan: 10m, condition: {gt: 2}}\nbase: {eventName: A}\ntests:\n  - finding: three\n    events: [{times: 3, every: 5m}]\n  - finding: two\n    events: [{times: 2}]\n  - clean: too slow\n    events: [{times: 3, every: 6m}]\n";
    let trial = Trial::new().file("t.yaml", rule);

    let shown = trial.run(&["rules", "show", "t", "--rules", "t.yaml"]);
    let tested = trial.run(&["rules", "test", "t.yaml"]);
    let listed = trial.run(&["rules", "list", "--no-builtin", "--rules", "t.yaml"]);
    let linted = trial.run(&["rules", "lint", "t.yaml"]);

    assert!(shown.out.contains("more than 2 events within 10m for each sourceIPAddress"), "{}", shown.out);
    assert!(tested.out.contains("FAIL t (t.yaml): two: wanted a finding, got clean"), "{}", tested.out);
    assert!(tested.out.contains("counts towards more than 2 events"), "{}", tested.out);
    assert!(tested.out.ends_with("2 passed, 1 failed\n"), "{}", tested.out);
    assert_eq!(listed.out.lines().count(), 1, "{}", listed.out);
    assert_eq!((linted.code, linted.out.contains("error[")), (0, false), "{}", linted.out);
}

#[test]
fn a_correlation_without_its_rule_is_told_with_place_and_mend() {
    let rule = "title: T\ncorrelation:\n  type: temporal\n  timespan: 5m\n  rules:\n    - nobody\n";
    let trial = Trial::new().file("t.yml", rule);

    let ran = trial.run(&["rules", "lint", "t.yml"]);

    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains(
            "t.yml:6:7: error[unknown-rule]: the correlation names `nobody`, and no rule has that id, name or title\n"
        ),
        "{}",
        ran.out
    );
}

#[test]
fn a_correlation_of_what_is_not_read_here_is_left_out_without_a_word() {
    let rules = "title: Failed logon\nname: logon\nlogsource: {product: windows, service: security}\ndetection: {s: {EventID: 4625}, condition: s}\n---\ntitle: Many\ncorrelation: {type: event_count, rules: [logon], group-by: [User], timespan: 5m, condition: {gte: 9}}\n";
    let trial = Trial::new().file("w.yml", rules);

    let ran = trial.run(&["rules", "list", "--no-builtin", "--rules", "w.yml"]);

    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "0 rules, 0 of them at rest\n"));
}

#[test]
fn a_layer_of_the_navigator_counts_the_rules_of_each_technique() {
    let rule = |id: &str, attack: &str| {
        format!(
            "id: {id}\ntitle: {id}\nattack: {attack}\nlogsource: {{ product: aws, service: cloudtrail }}\n\
             detection: {{ a: {{ eventName: DeleteTable }}, condition: a }}\n"
        )
    };
    let rules = [rule("one", "[T1485, T1562.008]"), rule("two", "[T1485]"), rule("three", "[T1562]")];
    let trial = Trial::new().file("r/rules.yaml", rules.join("---\n"));

    let ran = trial.run(&["rules", "attack", "--rules", "r", "--no-builtin"]);

    let layer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&layer["domain"], &layer["versions"]["layer"]), (&json!("enterprise-attack"), &json!("4.5")));
    assert_eq!(layer["gradient"]["maxValue"], 2);
    let told: Vec<(&Value, &Value, &Value)> = layer["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["techniqueID"], &one["score"], &one["showSubtechniques"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("T1485"), &json!(2), &json!(false)),
            (&json!("T1562"), &json!(1), &json!(true)),
            (&json!("T1562.008"), &json!(1), &json!(false)),
        ]
    );
    assert_eq!(layer["techniques"][0]["comment"], "one\ntwo");
}
