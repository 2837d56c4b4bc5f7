//! What `detect` reads: every shape of file, and files that are broken.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::trial::{Trial, harmless, stop_logging, trail};

const ARGUMENTS: [&str; 4] = ["detect", "--matches", "--fail-on", "critical"];

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zip(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn one_record_is_found_in_every_shape() {
    let record = stop_logging(7);
    let envelope = json!({
        "version": "0", "id": "e", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudtrail",
        "account": "111122223333", "region": "eu-west-1", "detail": record
    });
    let shapes: Vec<(&str, Vec<u8>)> = vec![
        ("records.json", trail(std::slice::from_ref(&record)).into()),
        ("pretty.json", serde_json::to_vec_pretty(&json!({ "Records": [record] })).unwrap()),
        ("single.json", record.to_string().into()),
        ("array.json", json!([record]).to_string().into()),
        ("lines.jsonl", format!("{}\n{record}\n", harmless(1)).into()),
        ("envelope.json", envelope.to_string().into()),
        ("queue.json", json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs", "body": envelope.to_string() }] }).to_string().into()),
        ("packed.json.gz", gzip(&trail(std::slice::from_ref(&record)))),
        ("packed.zip", zip("x.json", &trail(std::slice::from_ref(&record)))),
        ("lookup.json", json!({ "Events": [{ "CloudTrailEvent": record.to_string() }] }).to_string().into()),
        ("old.json", json!({ "Records": [{ "eventVersion": "1.02", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventID": "00000000-0000-4000-8000-000000000007" }] }).to_string().into()),
    ];
    for (name, content) in shapes {
        let trial = Trial::new().file(name, content);
        let ran = trial.run(&[&ARGUMENTS[..], &[name]].concat());
        let rows = ran.rows();
        let found = rows
            .iter()
            .find(|row| row["rule"] == "cloudtrail-logging-stopped")
            .unwrap_or_else(|| panic!("{name}: {ran:?}"));
        assert_eq!(found["event_id"], "00000000-0000-4000-8000-000000000007", "{name}");
    }
}

#[test]
fn standard_input_and_folders_are_read() {
    let trial = Trial::new()
        .file("logs/a/1.json", trail(&[stop_logging(1)]))
        .file("logs/b/2.json.gz", gzip(&trail(&[stop_logging(2)])));

    let folder = trial.run(&[&ARGUMENTS[..], &["logs"]].concat());
    let input = trial.run_with(&[&ARGUMENTS[..], &["-"]].concat(), trail(&[stop_logging(3)]).as_bytes());

    let stopped = |ran: &crate::trial::Ran| {
        ran.rows().iter().filter(|row| row["rule"] == "cloudtrail-logging-stopped").count()
    };
    assert_eq!((stopped(&folder), stopped(&input)), (2, 1));
}

#[test]
fn a_broken_record_is_named_and_its_neighbours_are_judged() {
    let broken = format!(
        r#"{{"Records":[{},{{"eventVersion":"1.11","eventName":"Stop,{}]}}"#,
        stop_logging(1),
        stop_logging(3)
    );
    let trial = Trial::new().file("broken.json", broken);

    let ran = trial.run(&["detect", "broken.json", "-o", "ndjson"]);

    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("broken.json record 2"), "{}", ran.err);
    let rows = ran.rows();
    let rules: Vec<_> = rows.iter().filter_map(|row| row["rule"].as_str()).collect();
    assert!(rules.contains(&"engine-unparseable-event"), "{rules:?}");
    let stopped = rows.iter().find(|row| row["rule"] == "cloudtrail-logging-stopped").unwrap();
    assert_eq!(stopped["count"], 2);
}

#[test]
fn a_cut_archive_gives_its_whole_records_and_says_that_it_is_cut() {
    let packed = gzip(&trail(&(0..50).map(stop_logging).collect::<Vec<_>>()));
    let trial = Trial::new().file("cut.json.gz", &packed[..packed.len() / 2]);

    let ran = trial.run(&["detect", "cut.json.gz", "-o", "ndjson"]);

    assert!(ran.err.contains("cut.json.gz record"), "{}", ran.err);
    assert!(ran.rows().iter().any(|row| row["rule"] == "engine-unparseable-event"));
}

#[test]
fn tricks_to_blind_a_reader_do_not_work() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(900), "}".repeat(900));
    let mut nested = stop_logging(1);
    nested["requestParameters"]["x"] = json!("DEEP");
    let nested = trail(&[nested]).replace("\"DEEP\"", &deep);
    let twins = trail(&[stop_logging(2)])
        .replace(r#""eventName":"StopLogging""#, r#""eventName":"StopLogging","eventName":"ListTrails""#);
    let surrogate = trail(&[stop_logging(3)]).replace("aws-cli/2.31.0", r"\ud800");
    let huge = trail(&[stop_logging(4)]).replace("\"main\"", "1e999");
    let mut invalid = trail(&[stop_logging(5)]).into_bytes();
    let at = invalid.windows(7).position(|window| window == b"aws-cli").unwrap();
    invalid[at] = 0xff;
    let files: [(&str, Vec<u8>); 5] = [
        ("nested.json", nested.into()),
        ("twins.json", twins.into()),
        ("surrogate.json", surrogate.into()),
        ("huge.json", huge.into()),
        ("invalid.json", invalid),
    ];
    for (name, content) in files {
        let trial = Trial::new().file(name, content);
        let ran = trial.run(&[&ARGUMENTS[..], &[name]].concat());
        let rows = ran.rows();
        assert!(rows.iter().any(|row| row["rule"] == "cloudtrail-logging-stopped"), "{name}: {ran:?}");
        let ambiguous = rows.iter().any(|row| row["rule"] == "engine-ambiguous-event");
        assert_eq!(ambiguous, name == "twins.json", "{name}");
    }
}

#[test]
fn what_is_found_stands_in_the_order_of_files_however_many_are_judged_at_once() {
    let mut trial = Trial::new();
    for file in 0..24_u32 {
        // The first files are the largest, so that those behind them are done earlier; and each has a broken part.
        let records: Vec<_> = (0..(24 - file) * 40).map(|at| stop_logging(file * 1000 + at)).collect();
        let broken = format!("{}\n{{\"eventVersion\": oh no\n", trail(&records));
        trial = trial.file(&format!("logs/{file:02}.json"), broken);
    }

    let ran = trial.run(&[&ARGUMENTS[..], &["logs"]].concat());

    let rows = ran.rows();
    let of = |rule: &str| {
        let rows = rows.iter().filter(|row| row["rule"] == rule);
        rows.map(|row| row["event_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let expected: Vec<_> = (0..24_u32)
        .flat_map(|file| (0..(24 - file) * 40).map(move |at| file * 1000 + at))
        .map(|number| format!("00000000-0000-4000-8000-{number:012}"))
        .collect();
    assert_eq!(of("cloudtrail-logging-stopped"), expected);
    let named: Vec<_> =
        ran.err.lines().filter_map(|line| line.split_once(".json").map(|(name, _)| name)).collect();
    assert_eq!(named, (0..24).map(|file| format!("logs/{file:02}")).collect::<Vec<_>>(), "{}", ran.err);
    let first = rows.iter().position(|row| row["rule"] == "engine-unparseable-event");
    assert_eq!(first, Some(960), "what cannot be read stands where it stood");
}

#[test]
fn reading_ends_when_nobody_reads_the_output() {
    let mut trial = Trial::new();
    for file in 0..40_u32 {
        let records: Vec<_> = (0..2000).map(|at| stop_logging(file * 2000 + at)).collect();
        trial = trial.file(&format!("logs/{file:02}.json"), trail(&records));
    }
    let mut child = trial
        .command(&["detect", "--matches", "logs"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();

    drop(child.stdout.take());

    assert_eq!(child.wait().unwrap().code(), Some(0));
}
