//! `trailpost rules`.

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
    assert_eq!(ran.out, "t.yml:4:7: unknown modifier `contain`; did you mean `contains`?\n");
}
