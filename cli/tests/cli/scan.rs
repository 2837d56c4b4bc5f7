//! `trailpost scan` over a recorded account: rows, changes between scans, gaps, exit codes.

use serde_json::{Value, json};

use crate::recorded::{GUARD, Tape, recording, scan};
use crate::trial::{Ran, Trial};

pub(crate) const VERSIONS: &str = "s3-bucket-versioning-off";
pub(crate) const BUCKET: &str = "bucket-0-123456789012";

/// The recorded buckets: bucket-0 with versioning on or off, at a time.
pub(crate) fn buckets(versioning: &str, time: &str) -> String {
    let tape = Tape::of(&["s3"]).at(time);
    let answer = if versioning == "off" { json!({}) } else { json!({"Status": "Enabled"}) };
    tape.put("s3:GetBucketVersioning", &json!({"Bucket": BUCKET}), "answer", &answer).text()
}

/// The row about bucket-0.
fn of_bucket(ran: &Ran) -> Option<Value> {
    ran.rows().into_iter().find(|row| row["resource"] == format!("arn:aws:s3:::{BUCKET}"))
}

fn statuses(ran: &Ran) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    ran.rows().iter().map(|row| (text(row, "status"), text(row, "region"))).collect()
}

#[test]
fn a_row_has_what_the_contract_says() {
    let ran = scan(&Trial::new(), &recording(), &["--check", GUARD]);

    assert_eq!(ran.code, 1, "{}", ran.err);
    let rows = ran.rows();
    assert_eq!(rows.len(), 1, "{}", ran.out);
    let id = rows[0]["finding"].as_str().unwrap();
    assert_eq!(
        rows[0],
        json!({
            "check": GUARD,
            "resource": "arn:aws:guardduty:eu-west-1:123456789012:settings",
            "account": "123456789012",
            "region": "eu-west-1",
            "status": "finding",
            "severity": rows[0]["severity"],
            "equivalents": rows[0]["equivalents"],
            "reason": rows[0]["reason"],
            "title": rows[0]["title"],
            "resource_type": "aws.guardduty.region",
            "change": "new",
            "finding": id,
        })
    );
    assert!(rows[0]["equivalents"]["security_hub"].as_array().unwrap().contains(&json!("GuardDuty.1")));
    assert!(rows[0]["reason"].as_str().unwrap().contains("eu-west-1"), "{}", ran.out);
    assert!(ran.err.contains("1 finding (1 new), 0 resolved, 1 clean, 0 unknown."), "{}", ran.err);
}

#[test]
fn all_adds_what_is_clean_and_what_is_unknown() {
    let trial = Trial::new();

    let clean = scan(&trial, &recording(), &["--check", GUARD, "--all"]);
    let unknown = scan(&trial, &recording(), &["--check", "rds-instance-aws-managed-key", "--all"]);
    let quiet = scan(&trial, &recording(), &["--check", "rds-instance-aws-managed-key"]);

    let pair = |status: &str, region: &str| (status.to_owned(), region.to_owned());
    assert_eq!(statuses(&clean), [pair("finding", "eu-west-1"), pair("clean", "us-east-1")]);
    let kinds: Vec<_> = statuses(&unknown).into_iter().map(|(status, _)| status).collect();
    assert_eq!(kinds, [["unknown"; 6].as_slice(), &["clean"; 4]].concat(), "what is unknown stands first");
    let rows = unknown.rows();
    assert!(rows[0]["reason"].as_str().unwrap().contains("DescribeKey"), "{}", rows[0]);
    assert!(rows.iter().all(|row| row.get("change").is_none() && row.get("finding").is_none()));
    assert_eq!((quiet.code, quiet.out.as_str()), (2, ""), "to see nothing is not to be clean: {}", quiet.err);
}

#[test]
fn a_finding_is_new_then_open_then_resolved_then_reopened() {
    let trial = Trial::new()
        .file("1.ndjson", buckets("off", "2026-01-01T00:00:00Z"))
        .file("2.ndjson", buckets("on", "2026-01-02T00:00:00Z"))
        .file("3.ndjson", buckets("off", "2026-01-03T00:00:00Z"));
    let scan = |file: &str, more: &[&str]| scan(&trial, file, &[&["--check", VERSIONS], more].concat());

    let first = scan("1.ndjson", &[]);
    let second = scan("1.ndjson", &[]);
    let third = scan("2.ndjson", &[]);
    let fourth = scan("3.ndjson", &["--baseline"]);
    let fifth = scan("3.ndjson", &["--baseline"]);

    let bucket = of_bucket(&first).unwrap();
    let short = &bucket["finding"].as_str().unwrap()[..8];
    assert_eq!(bucket["change"], "new");
    assert_eq!(of_bucket(&second).unwrap()["change"], "open");
    assert!(second.err.contains("13 findings (0 new), 0 resolved"), "{}", second.err);
    assert_eq!(of_bucket(&third), None);
    assert!(third.err.contains("12 findings (0 new), 1 resolved"), "{}", third.err);
    let new = fourth.rows();
    assert_eq!((fourth.code, new.len()), (1, 1), "only what is new: {}", fourth.out);
    assert_eq!((&new[0]["change"], &new[0]["finding"]), (&json!("reopened"), &bucket["finding"]));
    assert_eq!((fifth.code, fifth.out.as_str()), (0, ""), "nothing is new: {}", fifth.err);
    let explained = trial.run(&["explain", short, "--store", "sqlite:s.db"]);
    assert!(explained.out.contains("(episode 2)"), "{}", explained.out);
}

#[test]
fn a_resource_that_is_gone_has_no_findings_any_more() {
    let gone = Tape::of(&["s3"]).at("2026-01-02T00:00:00Z").put(
        "s3:ListBuckets",
        &json!({}),
        "answer",
        &json!({"Buckets": []}),
    );
    let trial =
        Trial::new().file("1.ndjson", buckets("off", "2026-01-01T00:00:00Z")).file("2.ndjson", gone.text());

    let first = scan(&trial, "1.ndjson", &["--check", VERSIONS]);
    let id = of_bucket(&first).unwrap()["finding"].as_str().unwrap().to_owned();
    let second = scan(&trial, "2.ndjson", &["--check", VERSIONS]);

    assert_eq!((second.code, second.out.as_str()), (0, ""), "{}", second.err);
    assert!(second.err.contains("0 findings (0 new), 13 resolved"), "{}", second.err);
    let explained = trial.run(&["explain", &id, "--store", "sqlite:s.db"]);
    assert!(explained.out.contains("resolved    2026-01-02T00:00:00Z"), "{}", explained.out);
}

#[test]
fn what_may_not_be_read_is_unknown_names_its_permission_and_resolves_nothing() {
    let blind = Tape::of(&["s3"]).at("2026-01-02T00:00:00Z");
    let trial = Trial::new()
        .file("1.ndjson", buckets("off", "2026-01-01T00:00:00Z"))
        .file("2.ndjson", blind.deny("s3:GetBucketVersioning").text());

    scan(&trial, "1.ndjson", &["--check", VERSIONS]);
    let ran = scan(&trial, "2.ndjson", &["--check", VERSIONS, "--all"]);

    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(of_bucket(&ran).unwrap()["status"], "unknown");
    assert!(
        ran.err.contains(
            "Not allowed, so unknown: s3:GetBucketVersioning. Allow these actions to close the gap."
        ),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("0 resolved, 0 clean, 25 unknown"), "{}", ran.err);
    let findings = trial.run(&["findings", "--store", "sqlite:s.db", "-o", "ndjson"]);
    assert!(findings.rows().iter().all(|finding| finding["status"] == "open"), "{}", findings.out);
}

#[test]
fn a_type_that_cannot_be_listed_is_unknown_by_its_type() {
    let trial = Trial::new().file("blind.ndjson", Tape::of(&["s3"]).deny("s3:ListBuckets").text());

    let ran = scan(&trial, "blind.ndjson", &["--check", VERSIONS, "--all"]);

    assert_eq!(ran.code, 2);
    let rows = ran.rows();
    assert_eq!((rows.len(), &rows[0]["resource"]), (1, &json!("aws.s3.bucket")), "{}", ran.out);
    assert!(ran.err.contains("s3:ListAllMyBuckets"), "{}", ran.err);
}

#[test]
fn findings_weigh_more_than_gaps_and_fail_on_sets_the_bar() {
    let half = Tape::of(&["s3"]).put(
        "s3:GetBucketVersioning",
        &json!({"Bucket": BUCKET}),
        "error",
        &json!({"cause": "Failed", "code": "InternalError", "message": "again"}),
    );
    let trial = Trial::new().file("half.ndjson", half.text());

    let both = scan(&trial, "half.ndjson", &["--check", VERSIONS]);
    let high = scan(&trial, "half.ndjson", &["--check", VERSIONS, "--fail-on", "high"]);
    let whole = scan(&trial, &recording(), &["--check", VERSIONS, "--fail-on", "high"]);
    let shown = scan(&trial, &recording(), &["--check", VERSIONS, "--minimum", "high"]);

    assert_eq!((both.code, high.code, whole.code), (1, 2, 0), "{}", both.err);
    assert!(both.err.contains("Not read at 1 place: "), "{}", both.err);
    assert!(both.err.contains("InternalError"), "{}", both.err);
    assert_eq!((shown.code, shown.out.as_str()), (1, ""), "hidden findings count all the same");
}

#[test]
fn services_regions_and_frameworks_narrow_a_scan() {
    let trial = Trial::new();
    let checks = |ran: &Ran| -> std::collections::BTreeSet<String> {
        ran.rows().iter().map(|row| row["check"].as_str().unwrap().to_owned()).collect()
    };

    let service = scan(&trial, &recording(), &["--service", "guardduty", "--all"]);
    let region = scan(&trial, &recording(), &["--check", GUARD, "--region", "us-east-1", "--all"]);
    let cis = scan(&trial, &recording(), &["--framework", "cis-aws-5.0", "--service", "s3", "--all"]);

    assert!(service.rows().iter().all(|row| row["resource_type"].as_str().unwrap().contains("guardduty")));
    assert!(checks(&service).len() > 3, "{:?}", checks(&service));
    assert_eq!(statuses(&region), [("clean".to_owned(), "us-east-1".to_owned())]);
    let cis = checks(&cis);
    assert!(cis.contains("s3-bucket-mfa-delete-off") && !cis.contains(VERSIONS), "{cis:?}");
}

#[test]
fn what_cannot_be_scanned_is_exit_code_3_and_says_what_to_do() {
    let trial = Trial::new().file("none.ndjson", "{\"Records\": []}\n");
    let recording = recording();
    for (arguments, message) in [
        (&["--check", "s3-bucket-versoning-off"][..], "there is no check `s3-bucket-versoning-off`"),
        (&["--check", "s3-bucket-versoning-off"], "`trailpost rules list` lists them"),
        (&["--service", "s4"], "no type of resource is of a service `s4`; `trailpost resources list`"),
        (&["--service", "s3", "--service", "s4"], "a service `s4`"),
        (&["--check", VERSIONS, "--service", "ec2"], "there is nothing to scan"),
        (&["--no-builtin"], "there is nothing to scan"),
        (&["--framework", "cis"], "there is no framework `cis`; there are cis-aws-3.0, cis-aws-5.0"),
        (&["--region", "eu-north-1"], "region eu-north-1 is not in the recording"),
        (&["--output", "xml"], "is no format: write table, json"),
        (&["--endpoint-url", "http://127.0.0.1:1"], "cannot be used with"),
    ] {
        let ran = trial.run(&[&["scan", "--replay", &recording], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
    }
    for (arguments, message) in [
        (&["--replay", "none.ndjson"][..], "none.ndjson: line 1 is no line of a recording"),
        (&["--replay", "nowhere.ndjson"], "nowhere.ndjson: "),
        (&["--role", "reader"], "say which with --account or --org"),
        (&["--account", "111111111111"], "--role"),
    ] {
        let ran = trial.run(&[&["scan"], arguments].concat());
        assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn the_table_fits_100_columns() {
    let trial = Trial::new();

    let ran = trial.run(&["scan", "--replay", &recording(), "--check", GUARD, "--all"]);

    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn several_formats_are_written_at_once() {
    let trial = Trial::new();
    let arguments =
        ["scan", "--replay", &recording(), "--check", GUARD, "-o", "json=out.json", "-o", "table"];

    let ran = trial.run(&arguments);

    assert!(ran.out.contains("eu-west-1") && !ran.out.contains('{'), "{}", ran.out);
    let written: Value = serde_json::from_slice(&std::fs::read(trial.path("out.json")).unwrap()).unwrap();
    let rows = written.as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["check"]), (1, &json!(GUARD)));
}

#[test]
fn findings_of_resources_are_listed_and_explained() {
    let trial = Trial::new();
    let found = scan(&trial, &recording(), &["--check", GUARD]);
    let id = found.rows()[0]["finding"].as_str().unwrap().to_owned();

    let listed = trial.run(&["findings", "--rule", GUARD, "--store", "sqlite:s.db", "-o", "ndjson"]);
    let explained = trial.run(&["explain", &id[..8], "--store", "sqlite:s.db"]);
    let json = trial.run(&["explain", &id, "--json", "--store", "sqlite:s.db"]);

    let rows = listed.rows();
    assert_eq!((rows.len(), &rows[0]["id"], &rows[0]["status"]), (1, &json!(id), &json!("open")));
    for line in [
        "check       guardduty-region-not-watched",
        "resource    arn:aws:guardduty:eu-west-1:123456789012:settings",
        "where       123456789012 eu-west-1",
        "(episode 1)",
        "(saw ",
    ] {
        assert!(explained.out.contains(line), "{line}\n{}", explained.out);
    }
    assert_eq!((explained.code, json.code), (0, 0), "{}", explained.err);
    assert_eq!(json.rows()[0]["explanation"]["truth"], "true", "{}", json.out);
}

#[test]
fn the_rules_know_checks() {
    let trial = Trial::new();

    let listed = trial.run(&["rules", "list", "--json"]);
    let shown = trial.run(&["rules", "show", GUARD]);

    let row = listed.rows().into_iter().find(|row| row["rule"]["id"] == GUARD).unwrap();
    assert_eq!(row["rule"]["title"], scan(&trial, &recording(), &["--check", GUARD]).rows()[0]["title"]);
    for part in ["Why it matters", "What to do", "Reads", "aws.guardduty.region", "GuardDuty.1"] {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
}

#[test]
fn users_bring_checks_of_their_own() {
    let check = "title: Bucket of zero\nid: zero\nseverity: low\nresource: aws.s3.bucket\nmessage: '{Name} is zero'\ndetection: {s: {Name|startswith: bucket-0}, condition: s}\n";
    let trial = Trial::new().file("own/zero.yaml", check);

    let ran = scan(&trial, &recording(), &["--no-builtin", "--rules", "own", "--check", "zero"]);

    assert_eq!((ran.code, ran.rows().len()), (1, 1), "types of resources are no rules: {}", ran.err);
    assert_eq!(of_bucket(&ran).unwrap()["reason"], format!("{BUCKET} is zero"), "{}", ran.err);
}
