//! Scans of a recording, without AWS.

use std::path::Path;

use crate::trial::Trial;

fn recording() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recorded/account.ndjson.gz");
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_recording_is_scanned_without_aws() {
    let trial = Trial::new();
    let recording = recording();
    let arguments =
        ["scan", "--replay", &recording, "--service", "s3", "--store", "sqlite:s.sqlite", "-o", "ndjson"];

    let first = trial.run(&[&arguments[..], &["--all"]].concat());
    let again = trial.run(&[&arguments[..], &["--baseline"]].concat());

    assert_eq!(first.code, 1, "{}", first.err);
    let rows = first.rows();
    let bucket = rows
        .iter()
        .find(|row| {
            row["check"] == "s3-bucket-versioning-off"
                && row["resource"] == "arn:aws:s3:::bucket-0-123456789012"
        })
        .unwrap();
    assert_eq!((&bucket["status"], &bucket["change"]), (&"finding".into(), &"new".into()));
    assert!(rows.iter().all(|row| row["status"] != "unknown"), "{}", first.err);
    // It is the time of the recording: what was found then is known.
    assert_eq!(again.rows(), Vec::<serde_json::Value>::new(), "{}", again.err);
}

#[test]
fn what_was_not_recorded_is_said() {
    let trial = Trial::new().file("none.ndjson", "{\"Records\": []}\n");
    let recording = recording();

    let elsewhere = trial.run(&["scan", "--replay", &recording, "--region", "eu-north-1"]);
    let none = trial.run(&["scan", "--replay", "none.ndjson"]);

    assert_eq!((elsewhere.code, none.code), (3, 3));
    assert!(elsewhere.err.contains("region eu-north-1 is not in the recording"), "{}", elsewhere.err);
    assert!(none.err.contains("none.ndjson: line 1 is no line of a recording"), "{}", none.err);
}
