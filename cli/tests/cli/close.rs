//! `trailpost close`: what somebody has dealt with is over until it happens again.

use serde_json::Value;

use crate::recorded::{recording, scan};
use crate::trial::{Trial, stop_logging, trail};

const RULE: &str = "cloudtrail-logging-stopped";

/// A store with a finding about the trail `main`, and the finding.
fn found() -> (Trial, Value) {
    let trial =
        Trial::new().file("a.json", trail(&[stop_logging(1)])).file("b.json", trail(&[stop_logging(2)]));
    assert_eq!(trial.run(&["detect", "a.json"]).code, 1);
    let finding = the_finding(&trial);
    (trial, finding)
}

fn the_finding(trial: &Trial) -> Value {
    let rows = trial.run(&["findings", "--rule", RULE, "-o", "ndjson"]).rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

fn ids_of(trial: &Trial, status: &str) -> Vec<String> {
    let ran = trial.run(&["findings", "--rule", RULE, "--status", status, "-o", "ndjson"]);
    ran.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_closed_is_over_and_says_by_whom_and_why() {
    let (trial, finding) = found();
    let id = finding["id"].as_str().unwrap();

    let closed = trial.run(&["close", &id[..8], "--reason", "a drill,\x1b[31m announced"]);

    assert_eq!(
        (closed.code, closed.out.as_str()),
        (0, format!("closed {id}  CloudTrail logging stopped\n").as_str())
    );
    let row = the_finding(&trial);
    assert_eq!(row["status"], "resolved");
    assert_eq!(row["closed"]["by"], "os:unknown");
    assert!(ids_of(&trial, "open").is_empty());
    assert_eq!(ids_of(&trial, "resolved"), [id]);
    let explained = trial.run(&["explain", id]);
    assert!(explained.out.contains("by os:unknown: a drill,\\u{1b}[31m announced\n"), "{}", explained.out);
    let table = trial.run(&["findings", "--rule", RULE]);
    assert!(table.out.contains("Closed: CloudTrail"), "{}", table.out);
    let again = trial.run(&["close", id, "--reason", "still"]);
    assert_eq!((again.code, &again.out[..10]), (0, "was closed"));
    assert_eq!(the_finding(&trial)["closed"], row["closed"]);
}

#[test]
fn what_happens_again_is_open_again_and_what_was_known_is_not() {
    let (trial, finding) = found();
    let id = finding["id"].as_str().unwrap();
    assert_eq!(trial.run(&["close", id, "--reason", "a drill"]).code, 0);

    let known = trial.run(&["detect", "a.json"]);
    assert_eq!(the_finding(&trial)["status"], "resolved", "{}", known.err);
    let another = trial.run(&["detect", "b.json"]);

    assert_eq!(another.code, 1);
    let row = the_finding(&trial);
    assert_eq!((&row["status"], &row["count"]), (&Value::from("open"), &Value::from(2)));
    let explained = trial.run(&["explain", id]);
    assert!(explained.out.contains(": a drill; it happened again\n"), "{}", explained.out);
}

#[test]
fn many_ids_come_on_standard_input_and_one_mistake_closes_none() {
    let (trial, finding) = found();
    let id = finding["id"].as_str().unwrap();

    let refused = trial.run_with(&["close", "-", "--reason", "a drill"], format!("{id}\nffff\n").as_bytes());
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("no finding `ffff`"), "{}", refused.err);
    assert_eq!(ids_of(&trial, "open"), [id]);

    let closed = trial.run_with(&["close", "-", "--reason", "a drill"], format!("{id}\n{id}\n").as_bytes());
    assert_eq!((closed.code, closed.out.lines().count()), (0, 1), "{}", closed.err);
    assert_eq!(ids_of(&trial, "resolved"), [id]);
}

#[test]
fn a_reason_is_wanted_and_findings_about_resources_are_refused() {
    let (trial, finding) = found();
    let id = finding["id"].as_str().unwrap();
    let silent = trial.run(&["close", id, "--reason", " "]);
    assert_eq!((silent.code, silent.err.as_str()), (3, "trailpost: say with --reason what came of it\n"));
    assert_eq!(trial.run(&["close", id]).code, 3);

    let trial = Trial::new();
    assert_eq!(scan(&trial, &recording(), &["--service", "iam"]).code, 1);
    let rows = trial.run(&["findings", "-o", "ndjson", "--store", "sqlite:s.db"]).rows();
    let id = rows[0]["id"].as_str().unwrap();
    let refused = trial.run(&["close", id, "--reason", "no", "--store", "sqlite:s.db"]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("is about a resource: it is resolved as soon as"), "{}", refused.err);
}
