//! `trailpost findings` and `trailpost explain`.

use serde_json::json;

use crate::recorded::{Tape, scan};
use crate::scan::{BUCKET, VERSIONS};
use crate::trial::{Trial, harmless, stop_logging, trail};

#[test]
fn a_finding_is_listed_and_explained_by_the_beginning_of_its_id() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)]));
    trial.run(&["detect", "a.json"]);

    let listed = trial.run(&["findings", "--rule", "cloudtrail-logging-stopped", "-o", "ndjson"]);
    let id = listed.rows()[0]["id"].as_str().unwrap().to_owned();
    let explained = trial.run(&["explain", &id[..8]]);

    assert_eq!(explained.code, 0, "{}", explained.err);
    for line in [
        "CloudTrail logging stopped  [critical, success]",
        "who         arn:aws:iam::111122223333:user/mallory",
        "event       00000000-0000-4000-8000-000000000001 (a.json record 1)",
        "eventName is \"StopLogging\"  (saw \"StopLogging\")",
    ] {
        assert!(explained.out.contains(line), "{line}\n{}", explained.out);
    }
}

#[test]
fn a_non_match_is_explained_too() {
    let trial = Trial::new().file("a.json", harmless(1).to_string());

    let ran = trial.run(&["explain", "--rule", "cloudtrail-logging-stopped", "--event", "a.json", "--json"]);

    let explanation = &ran.rows()[0]["explanation"];
    assert_eq!(explanation["truth"], "false");
    let tests = &explanation["parts"][0]["parts"];
    assert_eq!(tests[1]["condition"], "eventName is \"StopLogging\"");
    assert_eq!(tests[1]["seen"], json!(["\"ListTags\""]));
}

#[test]
fn what_does_not_exist_is_said() {
    let trial = Trial::new();

    let finding = trial.run(&["explain", "abc"]);
    let rule = trial.run(&["rules", "show", "nothing"]);

    assert_eq!((finding.code, rule.code), (3, 3));
    assert!(finding.err.contains("no finding `abc`; `trailpost findings` lists them"), "{}", finding.err);
    assert!(rule.err.contains("no rule `nothing`; `trailpost rules list` lists them"), "{}", rule.err);
}

#[test]
fn a_rule_that_does_not_match_names_the_condition_that_decides() {
    let trial = Trial::new();

    let ran = trial.run_with(
        &["explain", "--rule", "cloudtrail-logging-stopped", "--event", "-"],
        harmless(1).to_string().as_bytes(),
    );

    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains(": no match\n"), "{}", ran.out);
    assert!(ran.out.contains("decided by: eventName is \"StopLogging\" (saw \"ListTags\")"), "{}", ran.out);
}

#[test]
fn an_event_alone_is_told_by_every_rule_that_looked_at_it() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)]));

    let told = trial.run(&["explain", "--event", "a.json"]);
    let rows = trial.run(&["explain", "--event", "a.json", "--json"]).rows();

    assert!(told.out.lines().next().unwrap().ends_with(" rules looked at it"), "{}", told.out);
    assert!(told.out.contains("  match    cloudtrail-logging-stopped: "), "{}", told.out);
    assert!(told.out.contains("  no match "), "{}", told.out);
    assert_eq!(told.out.lines().count(), rows.len() + 1);
    assert!(rows.iter().all(|row| row["decided_by"]["condition"].is_string()));
}

#[test]
fn an_event_is_found_by_its_id_among_the_findings() {
    // One finding, of which the last event is the newest.
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1), stop_logging(2), stop_logging(3)]));
    trial.run(&["detect", "a.json"]);
    let id = "00000000-0000-4000-8000-000000000001";
    let listed = trial.run(&["findings", "--rule", "cloudtrail-logging-stopped", "-o", "ndjson"]).rows();
    assert_eq!((listed.len(), &listed[0]["count"]), (1, &json!(3)));

    let known = trial.run(&["explain", "--rule", "cloudtrail-logging-stopped", "--event", id]);
    let unknown = trial.run(&["explain", "--event", "00000000-0000-4000-8000-000000000009"]);

    assert_eq!((known.code, known.out.contains(": match\n")), (0, true), "{}{}", known.out, known.err);
    assert_eq!(unknown.code, 3);
    assert!(unknown.err.contains("is no file, and no event of a finding"), "{}", unknown.err);
}

#[test]
fn a_correlation_tells_its_windows() {
    let rule = "title: Many stops\nid: many-stops\nseverity: low\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: StopLogging}, condition: s}\ncorrelation: {type: event_count, group-by: [sourceIPAddress], timespan: 10m, condition: {gte: 5}}\n";
    let trial = Trial::new().file("r.yaml", rule).file("a.json", trail(&[stop_logging(1), stop_logging(2)]));

    let ran = trial.run(&["explain", "--rules", "r.yaml", "--rule", "many-stops", "--event", "a.json"]);

    assert!(ran.out.contains("window sourceIPAddress: 203.0.113.7"), "{}", ran.out);
    assert!(
        ran.out.contains("wants at least 5 events within 10m for each sourceIPAddress; saw 1 window"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("[203.0.113.7]  2 events, 2026-01-15T10:00:01Z to 2026-01-15T10:00:02Z"),
        "{}",
        ran.out
    );
}

#[test]
fn a_resource_is_told_by_every_check_as_it_was_read_last() {
    let blind = Tape::of(&["s3"]).at("2026-01-02T00:00:00Z").deny("s3:GetBucketPolicy");
    let off = blind.put("s3:GetBucketVersioning", &json!({ "Bucket": BUCKET }), "answer", &json!({}));
    let trial = Trial::new().file("a.ndjson", off.text());
    scan(&trial, "a.ndjson", &[]);
    let arn = format!("arn:aws:s3:::{BUCKET}");

    let explain = |arn: &str, more: &[&str]| {
        trial.run(&[&["explain", "--store", "sqlite:s.db", "--resource", arn], more].concat())
    };

    let all = explain(&arn, &[]);
    let one = explain(&arn, &["--rule", VERSIONS]);
    let rows = explain(&arn, &["--json"]).rows();
    let none = explain("arn:aws:s3:::nobody", &[]);

    assert!(all.out.contains(&format!("  finding  {VERSIONS}")), "{}{}", all.out, all.err);
    assert!(all.out.contains("not read: NotRead: s3:GetBucketPolicy"), "{}", all.out);
    assert!(all.out.contains("allow s3:GetBucketPolicy"), "{}", all.out);
    assert!(one.out.contains("Versioning.Status is \"Enabled\"  (saw nothing)"), "{}", one.out);
    assert_eq!(all.out.lines().filter(|line| !line.contains("not read: ")).count(), rows.len() + 1);
    assert_eq!((all.code, one.code, none.code), (0, 0, 3));
}
