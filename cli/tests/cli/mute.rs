//! `trailpost mute`: each verb, and what muted findings look like elsewhere.

use serde_json::Value;

use crate::recorded::{GUARD, recording, scan};
use crate::trial::{Ran, Trial, stop_logging, trail};

const RULE: &str = "cloudtrail-logging-stopped";

/// A store with a finding about the trail `main`.
fn found() -> Trial {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)]));
    assert_eq!(trial.run(&["detect", "a.json"]).code, 1);
    trial
}

fn add(trial: &Trial, more: &[&str]) -> Ran {
    let mut arguments = vec!["mute", "add", "--owner", "ada@example.com", "--reason", "a drill"];
    arguments.extend(more);
    trial.run(&arguments)
}

fn rows(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.rows()
}

/// The findings of the rule that are shown.
fn shown(trial: &Trial, more: &[&str]) -> (usize, String) {
    let mut arguments = vec!["findings", "--rule", RULE, "-o", "ndjson"];
    arguments.extend(more);
    let ran = trial.run(&arguments);
    (rows(&ran).len(), ran.err)
}

#[test]
fn a_mute_hides_and_says_so_and_counts_for_no_exit_code() {
    let trial = found();

    let added = add(&trial, &["--rule", RULE, "--expires", "90d", "--id", "drill", "--yes"]);

    assert_eq!((added.code, added.out.as_str()), (0, "drill\n"), "{}", added.err);
    assert!(added.err.contains("Hides no finding of 0"), "the event is older than 30 days: {}", added.err);
    assert_eq!(shown(&trial, &[]), (0, "1 muted (show with --muted).\n".to_owned()));
    let (count, err) = shown(&trial, &["--muted"]);
    assert_eq!((count, err.as_str()), (1, "1 muted.\n"));
    let again = trial.run(&["detect", "a.json", "--minimum", "info"]);
    assert!(again.err.contains("1 muted (show with --muted)."), "{}", again.err);
    assert!(!again.out.contains("CloudTrail logging stopped"), "{}", again.out);
    let row = &rows(&trial.run(&["findings", "--rule", RULE, "--muted", "-o", "ndjson"]))[0];
    assert_eq!(row["muted"]["id"], "drill");
    assert_eq!(row["muted"]["owner"], "ada@example.com");
    assert_eq!(row["status"], "open", "it is judged as ever");
    let explained = trial.run(&["explain", row["id"].as_str().unwrap()]);
    assert!(explained.out.contains("muted       by drill of ada@example.com until "), "{}", explained.out);
}

#[test]
fn a_scan_shows_no_muted_finding_and_ends_clean() {
    // The store that `scan` of these tests uses.
    let trial = Trial::new().file("trailpost.yaml", "store: sqlite:s.db\n");
    let tape = recording();
    assert_eq!(scan(&trial, &tape, &["--check", GUARD]).code, 1);
    add(
        &trial,
        &["--rule", GUARD, "--resource", "arn:aws:guardduty:*", "--expires", "30d", "--id", "guard", "--yes"],
    );

    let quiet = scan(&trial, &tape, &["--check", GUARD]);
    let loud = scan(&trial, &tape, &["--check", GUARD, "--muted"]);

    assert_eq!((quiet.code, quiet.out.as_str()), (0, ""), "{}", quiet.err);
    assert!(quiet.err.contains("1 finding (0 new)"), "it is counted: {}", quiet.err);
    assert!(quiet.err.contains("1 muted (show with --muted)."), "{}", quiet.err);
    assert_eq!(loud.code, 0);
    assert_eq!(loud.rows()[0]["status"], "finding");
    assert_eq!(loud.rows()[0]["muted"]["reason"], "a drill");

    let times = trial.run(&["report", "times"]);
    assert!(times.err.contains("1 open findings are muted"), "{}", times.err);
    let previewed = trial.run(&["mute", "preview", "guard"]);
    assert!(previewed.out.contains("Hides 1 finding ("), "{}", previewed.out);
    assert!(previewed.out.contains(GUARD), "{}", previewed.out);

    let removed = trial.run(&["mute", "remove", "guard"]);
    assert_eq!(removed.code, 0, "{}", removed.err);
    assert!(removed.out.contains("Removed guard. Open again: 1 finding ("), "{}", removed.out);
    assert!(removed.out.contains("arn:aws:guardduty:eu-west-1:123456789012:settings"), "{}", removed.out);
    assert_eq!(scan(&trial, &tape, &["--check", GUARD]).code, 1);
}

#[test]
fn who_added_and_who_removed_stays_on_record() {
    let trial = Trial::new();
    add(&trial, &["--rule", RULE, "--expires", "1d", "--id", "one", "--ticket", "SEC-1", "--yes"]);

    let listed = rows(&trial.run(&["mute", "list", "--json"]));
    trial.run(&["mute", "remove", "one"]);

    assert_eq!(listed[0]["mute"]["created_by"], "os:unknown");
    assert_eq!(listed[0]["mute"]["ticket"], "SEC-1");
    assert_eq!((&listed[0]["holds"], &listed[0]["hidden"]), (&Value::Bool(true), &Value::from(0)));
    assert_eq!(trial.run(&["mute", "list"]).out, "Nothing is muted.\n");
    let all = rows(&trial.run(&["mute", "list", "--all", "--json"]));
    assert_eq!(all[0]["removed"]["by"], "os:unknown");
    let again = add(&trial, &["--rule", RULE, "--expires", "1d", "--id", "one", "--yes"]);
    assert_eq!(again.code, 3, "an id is not used twice");
    assert_eq!(trial.run(&["mute", "remove", "one"]).code, 3);
}

#[test]
fn mistakes_are_refused_with_a_remedy() {
    let trial = Trial::new();
    for (arguments, message) in [
        (&["--rule", "*", "--expires", "1d", "--yes"][..], "it matches every rule and every resource"),
        (
            &["--account", "111122223333", "--expires", "1d", "--yes"],
            "name a rule or a resource by more than `*`",
        ),
        (&["--rule", "re:a(", "--expires", "1d", "--yes"], "no regular expression: unclosed group"),
        (&["--rule", RULE, "--expires", "366d", "--yes"], "1 to 365 days"),
        (&["--rule", RULE, "--expires", "2099-01-01", "--yes"], "at most 365 days ahead"),
        (&["--rule", RULE, "--expires", "2020-01-01", "--yes"], "it ends before it begins"),
        (&["--rule", RULE, "--expires", "soon", "--yes"], "write 2027-01-31 or 90d"),
        (&["--rule", RULE, "--yes"], "--expires"),
        (&["--rule", RULE, "--expires", "1d"], "say so with --yes"),
    ] {
        let ran = add(&trial, arguments);
        assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(trial.run(&["mute", "list", "--all"]).out, "Nothing is muted.\n");
}

/// A mute that holds when the test runs.
fn file(rule: &str) -> String {
    format!(
        "mutes:\n  - id: filed\n    match: {{ rule: {rule}, resource: '*' }}\n    reason: a drill\n    \
         owner: ada\n    expires: {}\n",
        (model::Timestamp::now() + model::SignedDuration::from_hours(24 * 20)).strftime("%Y-%m-%d")
    )
}

#[test]
fn a_file_of_mutes_works_as_those_of_the_store_do() {
    let trial = found().file("mutes.yaml", file(RULE)).file("team/b.yaml", file("other"));
    assert_eq!(shown(&trial, &[]).0, 0, "mutes.yaml of the folder is read");
    assert_eq!(shown(&trial, &["--mutes", "team"]).0, 1, "others are named");
    let trial = trial.file("trailpost.yaml", "mutes: [team]\n");
    assert_eq!(shown(&trial, &[]).0, 1);
    let trial = trial.file("trailpost.yaml", "mutes: [team, mutes.yaml]\n");
    let ran = trial.run(&["findings"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("the id `filed` is taken by team/b.yaml"), "{}", ran.err);

    let listed = trial.run(&["mute", "list", "--mutes", "mutes.yaml"]);
    assert!(listed.out.contains("filed  19 days left, hides 0 open  [mutes.yaml]"), "{}", listed.out);
    let removed = trial.run(&["mute", "remove", "filed", "--mutes", "mutes.yaml"]);
    assert!(removed.err.contains("stands in mutes.yaml; take it away there"), "{}", removed.err);
}

#[test]
fn a_broken_file_stops_every_command_and_lint_shows_where() {
    let trial = found().file("mutes.yaml", file(RULE).replace("owner:", "owenr:"));
    for arguments in [&["findings"][..], &["detect", "a.json"], &["explain", "abc"], &["mute", "list"]] {
        let ran = trial.run(arguments);
        assert_eq!(ran.code, 3, "{arguments:?}");
        assert!(ran.err.contains("mutes.yaml:5:5: unknown key `owenr`"), "{arguments:?}: {}", ran.err);
    }

    let lint = trial.run(&["mute", "lint"]);

    assert_eq!(lint.code, 3);
    let shown = "mutes.yaml:5:5: unknown key `owenr`\n  |\n5 |     owenr: ada\n  |     ^\n  = help: did you mean `owner`?";
    assert!(lint.out.contains(shown), "{}", lint.out);
    let trial = trial.file("mutes.yaml", file("cloudtrail-loging-*"));
    let lint = trial.run(&["mute", "lint"]);
    assert_eq!(lint.code, 0, "a rule may be loaded elsewhere");
    assert!(
        lint.out.contains("mutes.yaml: `filed`: no rule is called `cloudtrail-loging-*`"),
        "{}",
        lint.out
    );
    assert_eq!(Trial::new().run(&["mute", "lint"]).code, 3);
}

#[test]
fn hostile_text_does_not_act() {
    let mut record = stop_logging(1);
    record["requestParameters"]["name"] = "x\u{1b}[2J\u{202e}".into();
    let trial = Trial::new().file("a.json", trail(&[record]));
    trial.run(&["detect", "a.json"]);

    add(&trial, &["--rule", RULE, "--expires", "9d", "--id", "m", "--resource", "x\u{1b}[2J*", "--yes"]);
    let hostile = trial.run(&[
        "mute",
        "add",
        "--rule",
        RULE,
        "--expires",
        "9d",
        "--owner",
        "\u{1b}]0;o\u{7}",
        "--reason",
        "\u{202e}r",
        "--yes",
    ]);

    assert_eq!(hostile.code, 0, "{}", hostile.err);
    for arguments in [
        &["mute", "list"][..],
        &["mute", "list", "--json"],
        &["mute", "preview", "m"],
        &["findings", "--muted"],
    ] {
        let ran = trial.run(arguments);
        let active = |character: char| character != '\n' && model::is_deceptive(character);
        assert_eq!(ran.code, 0, "{arguments:?} {}", ran.err);
        assert!(!ran.out.contains(active) && !ran.err.contains(active), "{arguments:?}: {:?}", ran.out);
    }
}

const PROWLER: &str = r#"
Mutelist:
  Accounts:
    "123456789012":
      Checks:
        "iam_user_hardware_mfa_enabled":
          Regions: ["us-east-1"]
          Resources: ["user-1", "user-2"]
        "s3_bucket_*":
          Regions: ["*"]
          Resources: ["^ci-logs$", ".+-logs"]
          Description: logs are short-lived
        "*":
          Regions: ["*"]
          Resources: ["test"]
          Tags: ["test=test", "project=test|project=stage"]
    "*":
      Checks:
        "*":
          Regions: ["*"]
          Resources: ["*"]
          Tags: ["environment=dev"]
        "no_such_check":
          Regions: ["*"]
          Resources: ["*"]
        "s3_bucket_object_versioning":
          Regions: ["*"]
          Resources: ["(?<!prod-)logs"]
        "ec2_instance_public_ip":
          Regions: ["*"]
          Resources: ["*"]
          Exceptions: { Accounts: ["0123456789012"] }
"#;

#[test]
fn prowlers_mutelist_is_imported_as_far_as_it_translates() {
    let trial = Trial::new().file("mutelist.yaml", PROWLER);
    let asked = trial.run(&["mute", "import", "mutelist.yaml"]);
    assert_eq!(asked.code, 3);
    assert!(asked.err.contains("--owner"), "{}", asked.err);

    let dry = trial.run(&["mute", "import", "mutelist.yaml", "--owner", "ada"]);
    let real = trial.run(&["mute", "import", "mutelist.yaml", "--owner", "ada", "--yes"]);
    let again = trial.run(&["mute", "import", "mutelist.yaml", "--owner", "ada", "--yes"]);

    assert!(dry.err.contains("3 mutes, 4 left out; --yes adds them."), "{}\n{}", dry.err, dry.out);
    for reason in [
        "it matches every rule and every resource",
        "no rule here is the same as the check",
        "no regular expression",
        "a mute has no exceptions",
    ] {
        assert!(real.out.contains(reason), "{reason}: {}", real.out);
    }
    assert!(real.err.contains("3 added, 0 there already, 4 left out."), "{}", real.err);
    assert!(again.err.contains("0 added, 3 there already"), "{}", again.err);
    let mutes: Vec<Value> = rows(&trial.run(&["mute", "list", "--json"]));
    let of = |key: &str| {
        let mut all = mutes.iter().map(|row| &row["mute"]);
        all.find(|mute| mute["match"]["resource"].to_string().contains(key)).unwrap().clone()
    };
    assert_eq!(of("user-1")["match"]["resource"], serde_json::json!(["*user-1*", "*user-2*"]));
    assert_eq!(of("user-1")["match"]["account"], serde_json::json!(["123456789012"]));
    assert_eq!(of("ci-logs")["reason"], "logs are short-lived");
    assert!(of("ci-logs")["match"]["rule"].as_array().unwrap().len() > 5, "{}", of("ci-logs"));
    assert_eq!(
        of("*test*")["match"]["tags"],
        serde_json::json!({"test": "test", "project": "re:test|stage"})
    );
}

#[test]
fn cloudsploits_suppressions_are_imported_as_far_as_they_translate() {
    let lines = "# ours\n--suppress bucketVersioning:us-east-1:*\n- 'bucketVersioning:*:arn:aws:s3:::logs-*'\n\
                 *:us-east-1:main\n*:*:*\nnoSuchPlugin:*:*\nbucketVersioning\n";
    let trial = Trial::new().file("suppress.txt", lines);

    let ran = trial.run(&["mute", "import", "suppress.txt", "--owner", "ada", "--yes"]);

    assert!(ran.err.contains("3 added, 0 there already, 3 left out."), "{}\n{}", ran.err, ran.out);
    let mutes = rows(&trial.run(&["mute", "list", "--json"]));
    let matches: Vec<&Value> = mutes.iter().map(|row| &row["mute"]["match"]).collect();
    let versioning = serde_json::json!(["s3-bucket-versioning-off"]);
    assert!(
        matches.contains(&&serde_json::json!({"rule": versioning, "region": ["us-east-1"]})),
        "{matches:?}"
    );
    assert!(matches.contains(&&serde_json::json!({"rule": versioning, "resource": ["arn:aws:s3:::logs-*"]})));
    let main = serde_json::json!(["main", "re:.*/main", "re:.*:main"]);
    assert!(
        matches.contains(&&serde_json::json!({"region": ["us-east-1"], "resource": main})),
        "{matches:?}"
    );
}
