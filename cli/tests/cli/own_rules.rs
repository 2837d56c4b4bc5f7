//! A rule that a user brings is known to every command that tells of its findings.

use crate::trial::{Trial, stop_logging, trail};

const RULE: &str = "
title: Our trail rests
id: our-trail-rests
severity: high
message: somebody switched {requestParameters.name} off
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: StopLogging}, condition: s}
why: The night shift looks at this trail.
fix: {text: Ask the night shift to start it again.}
";

/// A finding of the rule that stands in `rules/own.yaml`, and a configuration that names no rules.
fn found() -> Trial {
    let trial = Trial::new().file("rules/own.yaml", RULE).file("a.json", trail(&[stop_logging(1)]));
    let ran = trial.run(&["detect", "a.json", "--rules", "rules", "--no-builtin"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    trial
}

const FIX: &str = "Ask the night shift to start it again.";

#[test]
fn every_command_that_tells_of_a_finding_takes_the_rule_that_found_it() {
    let trial = found();
    let id = trial.run(&["findings", "-o", "ndjson"]).rows()[0]["id"].as_str().unwrap().to_owned();

    for (command, told) in [
        (&["findings", "-o", "markdown"][..], FIX),
        (&["explain", &id], "eventName is \"StopLogging\""),
        (&["report", "--html", "/dev/stdout"], FIX),
    ] {
        let with = trial.run(&[command, &["--rules", "rules"]].concat());
        let without = trial.run(command);

        assert_eq!(with.code, 0, "{command:?} {}", with.err);
        assert!(with.out.contains(told), "{command:?} {}", with.out);
        assert!(!without.out.contains(told), "{command:?} {}", without.out);
    }
}

#[test]
fn the_configuration_names_the_rules_of_every_command() {
    let trial = found().file("trailpost.yaml", "rules: [rules]\n");

    let told = trial.run(&["findings", "-o", "markdown"]);

    assert!(told.out.contains(FIX), "{}", told.out);
}

#[test]
fn a_mute_of_the_rule_is_no_slip_of_the_pen() {
    let trial = found().file(
        "mutes.yaml",
        "mutes: [{id: own, match: {rule: our-trail-*}, reason: drill, owner: ada, expires: 2026-12-31}]\n",
    );
    let add = [
        "mute",
        "add",
        "--rule",
        "our-trail-rests",
        "--owner",
        "ada",
        "--reason",
        "drill",
        "--expires",
        "9d",
        "--yes",
    ];

    for command in [
        &["mute", "preview", "--rule", "our-trail-rests"][..],
        &["mute", "preview", "own"],
        &["mute", "lint"],
        &add,
    ] {
        let without = trial.run(command);
        let with = trial.run(&[command, &["--rules", "rules"]].concat());

        let noted = |ran: &crate::trial::Ran| format!("{}{}", ran.out, ran.err).contains("no rule is called");
        assert!(noted(&without), "{command:?} {}", without.err);
        assert!(!noted(&with), "{command:?} {}", with.err);
    }
}

#[test]
fn of_two_rules_with_one_id_every_command_takes_the_first_and_says_so() {
    let trial = Trial::new()
        .file("rules/a.yaml", RULE)
        .file("rules/b.yaml", RULE)
        .file("rules/c.yaml", RULE.replace("id: our-trail-rests", "id: cloudtrail-logging-stopped"))
        .file("a.json", trail(&[stop_logging(1)]));

    let ran = trial.run(&["detect", "a.json", "--matches", "--rules", "rules"]);

    let ours = ran.out.lines().filter(|line| line.contains("our-trail-rests")).count();
    let builtin = ran.out.lines().filter(|line| line.contains("cloudtrail-logging-stopped")).count();
    assert_eq!((ours, builtin), (1, 1), "{}", ran.out);
    for said in [
        "rule left out: rules/b.yaml:3:5: error[duplicate-id]: the id `our-trail-rests` is taken by rules/a.yaml",
        "rule left out: rules/c.yaml:3:5: error[duplicate-id]: the id `cloudtrail-logging-stopped` is taken by the built-in ",
    ] {
        assert!(ran.err.contains(said), "{}", ran.err);
        for command in [&["rules", "list", "--rules", "rules"][..], &["rules", "pack", "rules"]] {
            let told = trial.run(command).err;
            assert!(told.contains(said.trim_start_matches("rule left out: ")), "{command:?} {told}");
        }
    }
    let linted = trial.run(&["rules", "lint", "rules"]);
    assert_eq!(linted.code, 1);
    assert_eq!(linted.out.matches("duplicate-id").count(), 2, "{}", linted.out);
    assert_eq!(trial.run(&["rules", "lint", "rules/a.yaml"]).code, 0);
}

#[test]
fn a_filter_leaves_out_of_a_built_in_rule_what_it_names() {
    let filter = "
title: The deploy role stops trails
logsource: {product: aws, service: cloudtrail}
filter:
  rules: [cloudtrail-logging-stopped]
  deploys: {requestParameters.name|startswith: deploy-}
  condition: not deploys
";
    let own = stop_logging(1).to_string().replace("\"name\":\"", "\"name\":\"deploy-");
    let own = serde_json::from_str(&own.replace("\"eventID\":\"", "\"eventID\":\"d")).unwrap();
    let trial = Trial::new().file("rules/filter.yaml", filter).file("a.json", trail(&[stop_logging(1), own]));

    let count = |arguments: &[&str]| {
        let ran = trial.run(&[&["detect", "a.json", "--matches"], arguments].concat());
        assert!(!ran.err.contains("left out"), "{}", ran.err);
        ran.out.lines().filter(|line| line.contains("cloudtrail-logging-stopped")).count()
    };

    assert_eq!((count(&[]), count(&["--rules", "rules"])), (2, 1));
    assert_eq!(trial.run(&["rules", "lint", "rules", "--strict"]).out, "");
}
