//! Mistakes on the command line and in the configuration end with code 3 and say what to do.

use crate::trial::{Trial, stop_logging, trail};

#[test]
fn mistakes_are_exit_code_3() {
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)])).file("bad.yaml", "trusted: [1]\n");
    for (arguments, message) in [
        (&["detect"][..], "PATH"),
        (&["detect", "missing.json"], "missing.json"),
        (&["detect", "a.json", "-o", "xml"], "is no format: write table, json"),
        (&["detect", "a.json", "--store", "postgres://x"], "sqlite:PATH"),
        (&["detect", "a.json", "--store", "dynamodb://"], "dynamodb"),
        (&["detect", "a.json", "--no-builtin"], "there are no rules to judge by"),
        (&["detect", "a.json", "--rules", "none"], "none cannot be read"),
        (&["detect", "a.json", "--config", "bad.yaml"], "bad.yaml:1:1: unknown key `trusted`"),
        (&["detect", "a.json", "--fail-on", "urgent"], "info, low, medium, high or critical"),
    ] {
        let ran = trial.run(arguments);
        assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    let trial = Trial::new();
    assert_eq!(trial.run(&["--version"]).code, 0);
    assert!(trial.run(&["detect", "--help"]).out.contains("--matches"));
}
