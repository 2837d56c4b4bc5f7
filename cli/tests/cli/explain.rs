//! `trailpost findings` and `trailpost explain`.

use serde_json::json;

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
