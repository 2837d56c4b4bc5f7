//! `trailpost report --html`: what the page holds of what the store keeps.

use serde_json::Value;

use crate::recorded::scan;
use crate::scan::{BUCKET, VERSIONS, buckets};
use crate::trial::{Trial, stop_logging, trail};

/// The data of a page, as a browser takes it.
fn data(page: &str) -> Value {
    let (_, behind) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(behind.split_once("</").unwrap().0).unwrap()
}

fn report(trial: &Trial) -> (String, Value) {
    let ran = trial.run(&["report", "--html", "r.html", "--store", "sqlite:s.db"]);
    assert_eq!((ran.code, ran.err.trim()), (0, "Wrote r.html."), "{}", ran.err);
    let page = std::fs::read_to_string(trial.path("r.html")).unwrap();
    let data = data(&page);
    (page, data)
}

fn sum(data: &Value, check: &str, key: &str) -> u64 {
    let tallies = data["tallies"].as_array().unwrap().iter();
    tallies.filter(|tally| tally["check"] == check).filter_map(|tally| tally[key].as_u64()).sum()
}

#[test]
fn findings_come_with_their_cause_their_life_and_their_controls() {
    let mut change = stop_logging(1);
    change["eventSource"] = "s3.amazonaws.com".into();
    change["eventName"] = "PutBucketVersioning".into();
    change["eventTime"] = "2026-01-01T12:00:00Z".into();
    change["awsRegion"] = "us-east-1".into();
    change["recipientAccountId"] = "123456789012".into();
    change["requestParameters"] =
        serde_json::json!({"bucketName": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}});
    let trial = Trial::new()
        .file("1.ndjson", buckets("on", "2026-01-01T00:00:00Z"))
        .file("2.ndjson", buckets("off", "2026-01-02T00:00:00Z"))
        .file("events.json", trail(&[change]));
    for tape in ["1.ndjson", "2.ndjson"] {
        scan(&trial, tape, &["--check", VERSIONS]);
    }
    trial.run(&["detect", "events.json", "--store", "sqlite:s.db"]);
    let (page, data) = report(&trial);

    assert!(page.contains("Content-Security-Policy") && !page.contains("http-equiv=\"refresh\""));
    let resource = format!("arn:aws:s3:::{BUCKET}");
    let findings = data["findings"].as_array().unwrap();
    let finding = findings.iter().find(|one| one["about"] == resource && one["rule"] == VERSIONS).unwrap();
    let cause = &finding["episodes"][0]["cause"];
    assert_eq!(cause["certainty"], "exact");
    assert_eq!(cause["calls"][0]["call"], "s3:PutBucketVersioning");
    assert_eq!(cause["calls"][0]["actor"]["ip"], "203.0.113.7");
    assert_eq!(finding["episodes"][0]["detect"], 12 * 3_600);
    let life = &data["lives"][usize::try_from(finding["life"].as_u64().unwrap()).unwrap()];
    let kinds: Vec<&str> = life.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["call", "change"]);
    assert!(!data["rules"][VERSIONS]["fix"]["text"].as_str().unwrap().is_empty());
    let frameworks = data["frameworks"].as_array().unwrap().iter();
    assert_eq!(
        frameworks.map(|one| one["id"].as_str().unwrap()).filter(|id| *id == "cis-aws-5.0").count(),
        1
    );
}

#[test]
fn a_check_is_clean_where_it_was_asked_and_unknown_where_nothing_was_read() {
    let trial = Trial::new().file("1.ndjson", buckets("on", "2026-01-01T00:00:00Z"));
    let rows = scan(&trial, "1.ndjson", &["--check", VERSIONS, "--all"]).rows();
    let clean = rows.iter().filter(|row| row["status"] == "clean").count() as u64;
    let (_, data) = report(&trial);

    assert!(clean > 0);
    assert_eq!((sum(&data, VERSIONS, "clean"), sum(&data, VERSIONS, "unknown")), (clean, 0));
    // Encryption was not asked for, so nobody knows.
    let other = "s3-bucket-plain-http-allowed";
    assert_eq!(sum(&data, other, "clean"), 0);
    assert!(sum(&data, other, "unknown") > 0);
}

#[test]
fn what_is_clean_is_what_explain_calls_no_finding() {
    let trial = Trial::new().file("1.ndjson", buckets("on", "2026-01-01T00:00:00Z"));
    scan(&trial, "1.ndjson", &["--check", VERSIONS]);
    let (_, data) = report(&trial);
    let ask =
        |arguments: &[&str]| trial.run(&[arguments, &["--store", "sqlite:s.db", "--json"]].concat()).rows();
    let mut explained = std::collections::BTreeMap::new();
    for state in ask(&["inventory", "--type", "aws.s3.bucket"]) {
        for row in ask(&["explain", "--resource", state["arn"].as_str().unwrap()]) {
            let clean = u64::from(row["status"] == "clean");
            *explained.entry(row["rule"].as_str().unwrap().to_owned()).or_insert(0) += clean;
        }
    }

    assert!(explained.values().any(|clean| *clean > 0) && explained.values().any(|clean| *clean == 0));
    let told: std::collections::BTreeMap<String, u64> =
        explained.keys().map(|check| (check.clone(), sum(&data, check, "clean"))).collect();
    assert_eq!(told, explained);
}

#[test]
fn an_empty_store_is_a_page_that_says_so() {
    let (_, data) = report(&Trial::new());
    assert_eq!(data["findings"], serde_json::json!([]));
    assert_eq!(data["tallies"], serde_json::json!([]));
}

#[test]
fn scans_and_findings_write_pages_too() {
    let trial = Trial::new().file("1.ndjson", buckets("off", "2026-01-01T00:00:00Z"));
    scan(&trial, "1.ndjson", &["--check", VERSIONS, "-o", "html=scan.html"]);
    trial.run(&["findings", "-o", "html=findings.html", "--store", "sqlite:s.db"]);

    for file in ["scan.html", "findings.html"] {
        let data = data(&std::fs::read_to_string(trial.path(file)).unwrap());
        assert!(data["findings"].as_array().unwrap().iter().all(|one| one["rule"] == VERSIONS), "{file}");
        assert!(!data["findings"].as_array().unwrap().is_empty(), "{file}");
    }
}

#[test]
fn a_report_of_nothing_is_not_asked_for() {
    assert_eq!(Trial::new().run(&["report"]).code, 3);
    let ran = Trial::new().run(&["report", "--html", "no/such/r.html", "--store", "sqlite:s.db"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("name a file that can be written"), "{}", ran.err);
}
