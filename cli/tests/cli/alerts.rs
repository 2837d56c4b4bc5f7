//! Who would be told of what: `trailpost alerts`.

use crate::trial::{Trial, stop_logging, trail};

const ALERTS: &str = "
channels:
  oncall: { topic: arn:aws:sns:eu-central-1:111122223333:oncall }
routes:
  - { rule: \"cloudtrail-*\", to: [text, oncall] }
quiet_hours: { from: \"20:00\", until: \"07:00\" }
";

#[test]
fn lint_names_every_mistake_and_its_place() {
    let trial = Trial::new().file("a.yaml", ALERTS).file("b.yaml", "rutes: []\ndaily_at: noon\n");
    assert_eq!(trial.run(&["alerts", "lint", "a.yaml"]).out, "no mistakes\n");
    let wrong = trial.run(&["alerts", "lint", "b.yaml"]);
    assert_eq!(wrong.code, 3);
    assert!(wrong.err.contains("b.yaml:1:1: unknown key `rutes`; did you mean `routes`?"), "{}", wrong.err);
    assert!(wrong.err.contains("b.yaml:2:11: `noon` is no time of day"), "{}", wrong.err);
    let none = trial.run(&["alerts", "lint"]);
    assert!(none.code == 3 && none.err.contains("name a file"), "{}", none.err);
}

#[test]
fn the_configuration_may_hold_them_and_packs_them_on_one_line() {
    let indented = ALERTS.replace('\n', "\n  ");
    let trial = Trial::new().file("trailpost.yaml", format!("alerts:{indented}\n")).file("a.yaml", ALERTS);
    let packed = trial.run(&["alerts", "pack"]);
    assert_eq!(packed.out, trial.run(&["alerts", "pack", "a.yaml"]).out);
    assert_eq!(packed.out.lines().count(), 1);
    let trial = trial.file("packed.json", &packed.out);
    assert_eq!(trial.run(&["alerts", "lint", "packed.json"]).out, "no mistakes\n");
}

#[test]
fn preview_says_what_would_go_where_and_when() {
    let trial = Trial::new().file("a.yaml", ALERTS).file("t.json", trail(&[stop_logging(1)]));
    assert_eq!(trial.run(&["detect", "t.json"]).code, 1);
    let day = trial.run(&["alerts", "preview", "a.yaml", "--at", "2026-11-25T12:00:00Z"]);
    let lines: Vec<&str> = day.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        lines,
        [
            "text: 1 one by one, 0 digests, 0 not told",
            "json: 0 one by one, 0 digests, 1 not told",
            "chat: 0 one by one, 0 digests, 1 not told",
            "oncall: 1 one by one, 0 digests, 0 not told",
        ],
        "{day:?}"
    );
    assert!(day.out.contains("CloudTrail logging stopped"), "{}", day.out);
}

#[test]
fn a_digest_that_is_not_there_is_said_to_be_none() {
    let ran = Trial::new().run(&["alerts", "digest", "digest-20261125T084000Z-text"]);
    assert!(ran.code == 3 && ran.err.contains("there is no digest"), "{}", ran.err);
}
