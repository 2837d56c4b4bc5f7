//! `trailpost report`: compliance and trends.

use serde_json::{Value, json};

use crate::recorded::{recording, scan};
use crate::trial::{Ran, Trial, stop_logging, trail};

const FRAMEWORK: &str = "
id: ours
title: Our baseline
version: 1
source: https://example.com/baseline
controls:
  A-1: [iam-root-mfa-off]
  A-2: [iam-root-used-recently]
  A-3: [iam-root-mfa-off, iam-root-used-recently]
  A-4: [ecs-cluster-insights-off]
";

/// A store with a scan of IAM in the recorded account.
fn scanned() -> Trial {
    let trial = Trial::new().file("rules/frameworks/ours.yaml", FRAMEWORK);
    assert_eq!(scan(&trial, &recording(), &["--service", "iam"]).code, 1);
    trial
}

fn report(trial: &Trial, more: &[&str]) -> Ran {
    trial.run(&[&["report"], more, &["--store", "sqlite:s.db"]].concat())
}

fn compliance(trial: &Trial, more: &[&str]) -> Ran {
    report(trial, &[&["compliance"], more, &["--rules", "rules"]].concat())
}

#[test]
fn a_control_is_the_worst_that_its_checks_say() {
    let trial = scanned();

    let ran = compliance(&trial, &["ours", "--json"]);

    let said: Vec<(Value, Value)> =
        ran.rows().into_iter().map(|row| (row["control"].clone(), row["status"].clone())).collect();
    let expected = [("A-1", "fail"), ("A-2", "pass"), ("A-3", "fail"), ("A-4", "unjudged")];
    assert_eq!(said, expected.map(|(control, status)| (json!(control), json!(status))));
    assert_eq!(ran.err, "2 fail, 1 pass, 1 unjudged of 4 controls.\n");
    let evidence = ran.rows()[0]["checks"][0]["evidence"][0].as_str().unwrap().to_owned();
    let explained = report_of(&trial, &evidence);
    assert!(explained.contains("check       iam-root-mfa-off"), "{explained}");
}

fn report_of(trial: &Trial, id: &str) -> String {
    trial.run(&["explain", id, "--store", "sqlite:s.db"]).out
}

#[test]
fn what_is_muted_and_other_accounts_do_not_fail_a_control() {
    let trial = scanned();
    let mute = [
        "mute",
        "add",
        "--rule",
        "iam-root-mfa-off",
        "--owner",
        "ada",
        "--reason",
        "sealed",
        "--expires",
        "9d",
        "--yes",
    ];
    assert_eq!(trial.run(&[&mute[..], &["--store", "sqlite:s.db"]].concat()).code, 0);

    let muted = compliance(&trial, &["ours", "--status", "muted"]);
    let elsewhere = compliance(&trial, &["ours", "--account", "999999999999"]);

    assert_eq!(
        muted.out,
        "– muted    A-1                 iam-root-mfa-off\n– muted    A-3                 iam-root-mfa-off\n"
    );
    assert_eq!(elsewhere.err, "4 unjudged of 4 controls.\n");
}

#[test]
fn a_table_for_spreadsheets_has_a_line_for_each_check() {
    let trial = scanned();

    let ran = compliance(&trial, &["ours", "--csv"]);

    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0], "framework,control,status,check,title,check_status,findings,clean,unknown,muted");
    assert_eq!(lines[3], r#"ours,A-3,fail,iam-root-mfa-off,"Root user without MFA",fail,1,0,0,0"#);
    assert_eq!(lines[4], r#"ours,A-3,fail,iam-root-used-recently,"Root user in use",pass,0,1,0,0"#);
}

#[test]
fn without_a_framework_each_has_a_line_and_an_unknown_one_is_refused() {
    let trial = scanned();

    let all = compliance(&trial, &[]);
    let unknown = compliance(&trial, &["theirs", "--no-builtin"]);

    let ours = "ours                              2        0        0        1        1         4
";
    assert!(
        all.out.contains(ours)
            && all.out.contains(
                "
cis-aws-7.0 "
            ),
        "{}",
        all.out
    );
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (3, "trailpost: no framework `theirs`; there are ours\n")
    );
}

#[test]
fn trends_count_what_opened_and_what_was_closed_by_day() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)]));
    assert_eq!(trial.run(&["detect", "a.json", "--store", "sqlite:s.db"]).code, 1);
    let id = trial.run(&["findings", "-o", "ndjson", "--store", "sqlite:s.db"]).rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let open = report(&trial, &["trends", "--days", "2", "--json"]).rows();
    assert_eq!(trial.run(&["close", &id, "--reason", "a drill", "--store", "sqlite:s.db"]).code, 0);
    let closed = report(&trial, &["trends", "--days", "2", "--json"]).rows();

    let today = |rows: &[Value]| (rows.len(), rows[1]["resolved"].clone(), rows[1]["open"].clone());
    assert_eq!(today(&open), (2, json!(0), json!(1)));
    assert_eq!(today(&closed), (2, json!(1), json!(0)));
    assert_eq!(closed[0]["open"], 1, "it was open the day before");
}
