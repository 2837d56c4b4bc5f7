//! `trailpost detect`: findings, rows, repetition, exit codes.

use serde_json::json;

use crate::trial::{Trial, harmless, stop_logging, trail};

const RULE: &str = "cloudtrail-logging-stopped";

#[test]
fn a_stopped_trail_is_a_critical_finding_and_exit_code_1() {
    let trial = Trial::new().file("a.json", trail(&[harmless(1), stop_logging(2)]));

    let ran = trial.run(&["detect", "a.json", "-o", "ndjson"]);

    assert_eq!(ran.code, 1, "{}", ran.err);
    let found: Vec<_> = ran.rows().into_iter().filter(|row| row["rule"] == RULE).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["severity"], "critical");
    assert_eq!(found[0]["outcome"], "success");
    assert_eq!(found[0]["message"], "mallory stopped trail main");
    assert_eq!(found[0]["actor"]["principal"], "arn:aws:iam::111122223333:user/mallory");
    assert!(ran.err.contains("Judged 2 records of 1 file"), "{}", ran.err);
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1), stop_logging(2)]));

    let first = trial.run(&["detect", "a.json", "-o", "ndjson"]);
    let second = trial.run(&["detect", "a.json", "a.json", "-o", "ndjson"]);

    assert_eq!(first.out, second.out);
    let row = first.rows().into_iter().find(|row| row["rule"] == RULE).unwrap();
    assert_eq!(row["count"], 2);
    assert_eq!(row["first_seen"], "2026-01-15T10:00:01Z");
    assert_eq!(row["last_seen"], "2026-01-15T10:00:02Z");
}

#[test]
fn a_refused_call_is_an_attempt_one_step_lower() {
    let mut record = stop_logging(1);
    record["errorCode"] = json!("AccessDenied");
    let trial = Trial::new().file("a.json", trail(&[record]));

    let ran = trial.run(&["detect", "a.json", "-o", "ndjson"]);

    let row = ran.rows().into_iter().find(|row| row["rule"] == RULE).unwrap();
    assert_eq!((row["severity"].as_str(), row["outcome"].as_str()), (Some("high"), Some("attempt")));
}

#[test]
fn matches_are_pairs_of_rule_and_event_and_store_nothing() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1), stop_logging(2)]));

    let ran = trial.run(&["detect", "--matches", "a.json"]);

    let rows: Vec<_> = ran.rows().into_iter().filter(|row| row["rule"] == RULE).collect();
    assert_eq!(
        rows[1],
        json!({
            "rule": RULE, "title": "CloudTrail logging stopped", "event_id": "00000000-0000-4000-8000-000000000002",
            "event_time": "2026-01-15T10:00:02Z", "severity": "critical", "outcome": "success"
        })
    );
    assert_eq!(trial.run(&["findings", "-o", "ndjson"]).out, "");
}

#[test]
fn nothing_found_is_exit_code_0_and_fail_on_sets_the_bar() {
    let trial =
        Trial::new().file("clean.json", trail(&[harmless(1)])).file("bad.json", trail(&[stop_logging(1)]));

    assert_eq!(trial.run(&["detect", "clean.json"]).code, 0);
    let mut low = stop_logging(2);
    low["errorCode"] = json!("AccessDenied");
    let trial = trial.file("low.json", trail(&[low]));
    assert_eq!(trial.run(&["detect", "low.json", "--fail-on", "critical"]).code, 0);
    assert_eq!(trial.run(&["detect", "bad.json", "--fail-on", "critical"]).code, 1);
}

#[test]
fn several_formats_are_written_at_once() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)]));

    let ran = trial.run(&["detect", "a.json", "-o", "table", "-o", "json=out.json"]);

    assert!(ran.out.contains("CloudTrail logging stopped"), "{}", ran.out);
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(trial.path("out.json")).unwrap()).unwrap();
    assert!(written.as_array().unwrap().iter().any(|row| row["rule"] == RULE));
}

#[test]
fn rules_of_users_are_added_and_the_configuration_fills_placeholders() {
    let rule = "title: Somebody off site\nlevel: high\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: ListTags}\n  known: {sourceIPAddress|expand|cidr: '%offices%'}\n  condition: s and not known\n";
    let trial = Trial::new().file("rules/off-site.yml", rule).file("a.json", trail(&[harmless(1)]));
    let arguments = ["detect", "--no-builtin", "--rules", "rules", "a.json", "-o", "ndjson"];

    let resting = trial.run(&arguments);
    let trial = trial.file("trailpost.yaml", "placeholders: {offices: [198.51.100.0/24]}");
    let found = trial.run(&arguments);
    let trial = trial.file("trailpost.yaml", "placeholders: {offices: [203.0.113.0/24]}");
    let known = trial.run(&[&arguments[..], &["--store", "sqlite:other.db"]].concat());

    assert_eq!(resting.code, 3, "a rule at rest judges nothing: {}", resting.err);
    assert_eq!((found.code, found.rows()[0]["title"].as_str()), (1, Some("Somebody off site")));
    assert_eq!((known.code, known.out.as_str()), (0, ""));
}

const BURST: &str = "title: Trails stopped in a burst\nid: burst\nlevel: high\nlogsource: {product: aws, service: cloudtrail}\nmessage: '{correlation.count} times by {userIdentity.userName}'\ndetection:\n  s: {eventName: StopLogging}\n  condition: s\ncorrelation: {type: event_count, group-by: [userIdentity.userName], timespan: 30s, condition: {gte: 3}}\n";

/// Four calls in two files, the later ones in the first.
fn burst() -> Trial {
    Trial::new()
        .file("rules/burst.yml", BURST)
        .file("a.json", trail(&[stop_logging(4), stop_logging(3)]))
        .file("b.json", trail(&[stop_logging(1), stop_logging(2), stop_logging(50)]))
}

#[test]
fn a_burst_over_several_files_is_one_finding() {
    let trial = burst();
    let arguments = ["detect", "--no-builtin", "--rules", "rules", "-o", "ndjson"];

    let ran = trial.run(&[&arguments[..], &["a.json", "b.json"]].concat());
    let again = trial.run(&[&arguments[..], &["b.json", "a.json"]].concat());
    let elsewhere =
        trial.run(&[&arguments[..], &["b.json", "a.json", "--store", "sqlite:other.db"]].concat());

    let rows = ran.rows();
    assert_eq!(rows.len(), 1, "{}", ran.out);
    assert_eq!((rows[0]["count"].as_u64(), rows[0]["scope"].as_str()), (Some(2), Some("mallory")));
    assert_eq!(rows[0]["message"], "4 times by mallory");
    assert_eq!(rows[0]["severity"], "high");
    assert_eq!(ran.out, again.out);
    assert_eq!(rows, elsewhere.rows(), "the order of files does not matter");
}

#[test]
fn a_second_run_goes_on_where_the_first_ended() {
    let trial = burst();
    let arguments = ["detect", "--no-builtin", "--rules", "rules", "-o", "ndjson"];

    let first = trial.run(&[&arguments[..], &["a.json"]].concat());
    let second = trial.run(&[&arguments[..], &["b.json"]].concat());

    assert_eq!((first.code, first.out.as_str()), (0, ""));
    assert_eq!(second.rows()[0]["count"], 2);
}

#[test]
fn matches_name_the_event_that_completes_a_burst() {
    let trial = burst();
    let arguments = ["detect", "--matches", "--no-builtin", "--rules", "rules"];

    let ran = trial.run(&[&arguments[..], &["a.json", "b.json"]].concat());
    let other = trial.run(&[&arguments[..], &["b.json", "a.json"]].concat());

    let rows = ran.rows();
    assert_eq!(rows.len(), 2, "{}", ran.out);
    assert_eq!(
        rows[0],
        json!({
            "rule": "burst", "title": "Trails stopped in a burst", "event_id": "00000000-0000-4000-8000-000000000003",
            "event_time": "2026-01-15T10:00:03Z", "severity": "high", "outcome": "success"
        })
    );
    assert_eq!(ran.out, other.out, "the order of files does not matter");
    assert_eq!(trial.run(&["findings", "-o", "ndjson"]).out, "");
}
