//! Scans and events joined in one store: the life of a resource, the causes of its findings, and how it was.

use serde_json::{Value, json};

use crate::recorded::scan;
use crate::scan::{BUCKET, VERSIONS, buckets};
use crate::trial::{Ran, Trial, stop_logging, trail};

fn called(number: u32, name: &str, time: &str, request: Value) -> Value {
    let mut record = stop_logging(number);
    record["eventSource"] = json!("s3.amazonaws.com");
    record["eventName"] = json!(name);
    record["eventTime"] = json!(time);
    record["awsRegion"] = json!("us-east-1");
    record["recipientAccountId"] = json!("123456789012");
    record["requestParameters"] = request;
    record
}

fn versioning(number: u32, time: &str, status: &str) -> Value {
    let request = json!({"bucketName": BUCKET, "VersioningConfiguration": {"Status": status}});
    called(number, "PutBucketVersioning", time, request)
}

/// What happened to the bucket from the first scan to the third, as CloudTrail tells it.
fn events() -> String {
    let mut refused = called(2, "PutBucketPolicy", "2026-01-01T11:00:00Z", json!({"bucketName": BUCKET}));
    refused["errorCode"] = json!("AccessDenied");
    let mut odd = called(3, "MakeWonder", "2026-01-01T11:30:00Z", json!({"wonder": "w"}));
    odd["eventSource"] = json!("wonders.amazonaws.com");
    trail(&[
        refused,
        odd,
        versioning(1, "2026-01-01T12:00:00Z", "Suspended"),
        versioning(4, "2026-01-02T12:00:00Z", "Enabled"),
    ])
}

fn life() -> Trial {
    Trial::new()
        .file("1.ndjson", buckets("on", "2026-01-01T00:00:00Z"))
        .file("2.ndjson", buckets("off", "2026-01-02T00:00:00Z"))
        .file("3.ndjson", buckets("on", "2026-01-03T00:00:00Z"))
        .file("events.json", events())
}

fn look(trial: &Trial, arguments: &[&str]) -> Ran {
    let ran = trial.run(&[arguments, &["--store", "sqlite:s.db"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

fn scans(trial: &Trial, tapes: &[&str]) -> Option<String> {
    let mut finding = None;
    for tape in tapes {
        let ran = scan(trial, tape, &["--check", VERSIONS]);
        let of_bucket =
            ran.rows().into_iter().find(|row| row["resource"] == format!("arn:aws:s3:::{BUCKET}"));
        finding = finding.or_else(|| of_bucket.map(|row| row["finding"].as_str().unwrap().to_owned()));
    }
    finding
}

fn detect(trial: &Trial) {
    let ran = trial.run(&["detect", "events.json", "--store", "sqlite:s.db", "--fail-on", "critical"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// The kinds of the moments of the bucket's life, with what each says.
fn told(trial: &Trial) -> Vec<(String, String)> {
    let ran = look(trial, &["timeline", BUCKET, "--json"]);
    let row = |row: Value| {
        let text = |path: &str| row.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = match row["kind"].as_str().unwrap() {
            "call" => format!("{} {}", text("/call/name"), text("/call/outcome")),
            "difference" => text("/difference/cause/calls/0/event_id"),
            _ => text("/cause/calls/0/event_id"),
        };
        (text("/kind"), said)
    };
    ran.rows().into_iter().map(row).collect()
}

fn expected() -> Vec<(String, String)> {
    let id = |number: u32| format!("00000000-0000-4000-8000-{number:012}");
    [
        ("call", "PutBucketPolicy attempt".to_owned()),
        ("call", "PutBucketVersioning success".to_owned()),
        ("difference", id(1)),
        ("opened", id(1)),
        ("call", "PutBucketVersioning success".to_owned()),
        ("difference", id(4)),
        ("resolved", id(4)),
    ]
    .map(|(kind, said)| (kind.to_owned(), said))
    .to_vec()
}

#[test]
fn events_before_scans_explain_what_the_scans_see() {
    let trial = life();

    scans(&trial, &["1.ndjson"]);
    detect(&trial);
    scans(&trial, &["2.ndjson", "3.ndjson"]);

    assert_eq!(told(&trial), expected());
}

#[test]
fn events_after_scans_explain_what_the_scans_saw() {
    let trial = life();

    let finding = scans(&trial, &["1.ndjson", "2.ndjson", "3.ndjson"]).unwrap();
    let before = told(&trial);
    detect(&trial);
    detect(&trial);

    assert!(before.iter().all(|(_, event)| event.is_empty()), "{before:?}");
    assert_eq!(told(&trial), expected());
    let why = look(&trial, &["explain", &finding]).out;
    for line in [
        "because     by s3:PutBucketVersioning of arn:aws:iam::111122223333:user/mallory at 2026-01-01T12:00:00Z",
        "ended       by s3:PutBucketVersioning of arn:aws:iam::111122223333:user/mallory at 2026-01-02T12:00:00Z",
        "detected in 12h",
        "exposed for 24h",
    ] {
        assert!(why.contains(line), "{line}\n{why}");
    }
}

#[test]
fn behind_a_session_stands_who_opened_it() {
    let opened = |number: u32, key: &str, role: &str, caller: Value| {
        let mut record = called(number, "AssumeRole", "2026-01-01T10:00:00Z", json!({"roleArn": role}));
        record["eventSource"] = json!("sts.amazonaws.com");
        record["readOnly"] = json!(true);
        record["responseElements"] = json!({"credentials": {"accessKeyId": key, "sessionToken": "t"}});
        record["userIdentity"] = caller;
        record
    };
    let session = |role: &str, key: &str| {
        json!({
            "type": "AssumedRole", "arn": format!("arn:aws:sts::123456789012:assumed-role/{role}/s"),
            "accountId": "123456789012", "accessKeyId": key, "principalId": "AROA:s",
            "sessionContext": {"sessionIssuer": {"arn": format!("arn:aws:iam::123456789012:role/{role}")}},
        })
    };
    let person = stop_logging(0)["userIdentity"].clone();
    let mut change = versioning(1, "2026-01-01T12:00:00Z", "Suspended");
    change["userIdentity"] = session("deploy", "ASIASECOND");
    let records = trail(&[
        opened(7, "ASIAFIRST", "arn:aws:iam::123456789012:role/admin", person),
        opened(8, "ASIASECOND", "arn:aws:iam::123456789012:role/deploy", session("admin", "ASIAFIRST")),
        change,
    ]);
    let trial = life().file("events.json", records);

    scans(&trial, &["1.ndjson"]);
    detect(&trial);
    let finding = scans(&trial, &["2.ndjson"]).unwrap();

    let why = look(&trial, &["explain", &finding]).out;
    let hops: Vec<&str> = why.lines().filter(|line| line.contains("session of")).map(str::trim).collect();
    assert_eq!(
        hops,
        [
            "session of arn:aws:iam::123456789012:role/deploy opened by arn:aws:iam::123456789012:role/admin at 2026-01-01T10:00:00Z",
            "session of arn:aws:iam::123456789012:role/admin opened by arn:aws:iam::111122223333:user/mallory at 2026-01-01T10:00:00Z",
        ],
        "{why}"
    );
}

#[test]
fn times_are_those_between_calls_and_looks() {
    let trial = life();
    scans(&trial, &["1.ndjson", "2.ndjson", "3.ndjson"]);
    detect(&trial);

    let row = |by: &str, key: &str| {
        let rows = look(&trial, &["report", "times", "--by", by, "--json"]).rows();
        rows.into_iter().find(|row| row["key"] == key).unwrap()
    };
    let by_check = row("check", VERSIONS);
    let hours = 3_600;
    assert_eq!(by_check["exact"], 1, "{by_check}");
    assert_eq!(
        by_check["detect"],
        json!({"count": 1, "median": 12 * hours, "most": 12 * hours, "longest": 12 * hours})
    );
    let longest = |span: &str| by_check[span]["longest"].as_u64().unwrap();
    assert!(longest("resolve") >= 12 * hours && longest("exposure") >= 24 * hours, "{by_check}");
    let by_account = row("account", "123456789012");
    assert_eq!(by_account["episodes"], by_check["episodes"]);
    assert_eq!(trial.run(&["report", "times", "--by", "colour", "--store", "sqlite:s.db"]).code, 3);
}

#[test]
fn the_inventory_knows_how_things_were() {
    let trial = life();
    scans(&trial, &["1.ndjson", "2.ndjson", "3.ndjson"]);
    detect(&trial);

    let at = |time: &str| {
        let ran = look(&trial, &["inventory", "--type", "aws.s3.bucket", "--at", time, "--json"]);
        let arn = format!("arn:aws:s3:::{BUCKET}");
        let row = ran.rows().into_iter().find(|row| row["arn"] == arn);
        row.map(|row| row["findings"].as_array().unwrap().contains(&json!(VERSIONS)))
    };
    assert_eq!(at("2025-12-31T00:00:00Z"), None, "nobody had looked");
    assert_eq!(at("2026-01-01T06:00:00Z"), Some(false));
    assert_eq!(at("2026-01-02T06:00:00Z"), Some(true));
    assert_eq!(at("2026-01-03T06:00:00Z"), Some(false));

    assert_eq!(look(&trial, &["inventory", "--unmapped"]).out.trim(), "1  wonders:MakeWonder");
    let listed = look(&trial, &["inventory", "--type", "aws.s3.bucket"]).out;
    assert!(listed.contains(BUCKET), "{listed}");
}

#[test]
fn a_resource_that_nobody_knows_is_said_to_be_unknown() {
    let ran = Trial::new().run(&["timeline", "arn:aws:s3:::nowhere", "--store", "sqlite:s.db"]);

    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("nothing is known of `arn:aws:s3:::nowhere`"), "{}", ran.err);
}

#[test]
fn calls_on_what_nobody_has_read_are_told_by_any_of_its_names() {
    let trial = Trial::new().file("events.json", events());
    trial.run(&["detect", "events.json", "--store", "sqlite:s.db"]);
    let arn = format!("arn:aws:s3:::{BUCKET}");

    let told = look(&trial, &["timeline", BUCKET]);
    let by_arn = look(&trial, &["timeline", &arn, "--json"]).rows();
    let nobody = trial.run(&["timeline", "nobody", "--store", "sqlite:s.db"]);

    let head = format!(
        "aws.s3.bucket  {BUCKET}  123456789012 us-east-1\nread last   never; `trailpost scan` reads it\n"
    );
    assert!(told.out.starts_with(&head), "{}", told.out);
    assert!(told.out.contains("attempt  s3:PutBucketPolicy"), "{}", told.out);
    let names: Vec<&str> = by_arn.iter().map(|row| row["call"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["PutBucketPolicy", "PutBucketVersioning", "PutBucketVersioning"]);
    assert_eq!(nobody.code, 3);
    assert!(nobody.err.contains("nothing is known of `nobody`"), "{}", nobody.err);
}
