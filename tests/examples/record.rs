//! Records an account for the tests: every facet of every type of resource, in two regions.
//!
//! `cargo run -p trailpost-tests --example record -- URL` asks the emulator at URL, and where that lacks an operation,
//! takes the answer from `tests/recorded/answers/`. It writes `tests/recorded/account.ndjson.gz`, and says what has no
//! answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool of the tests: what is wrong ends it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aws::{Reader, Recording, Setup};
use catalog::resource::{Operation, Row};
use engine::collect::{Collector, Listed, Portion, Scene};
use engine::ports::{Aws, Place, ReadError};
use flate2::Compression;
use flate2::write::GzEncoder;
use rules::tree::Node;
use serde_json::Value;

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// An answer that somebody wrote, as the AWS CLI prints it.
struct Written {
    call: String,
    regions: Vec<String>,
    with: Value,
    answer: Answer,
}

enum Answer {
    /// Instead of the emulator's.
    Whole(Result<Value, ReadError>),
    /// Lists that continue the emulator's.
    Adds(Value),
}

/// Answers what was written by hand; asks the emulator for all else.
struct Completed {
    emulator: Reader,
    written: Vec<Written>,
}

#[async_trait::async_trait]
impl Aws for Completed {
    async fn read(&self, place: &Place, operation: &Operation, with: &Value) -> Result<Value, ReadError> {
        let call = operation.to_string();
        let fits = |written: &&Written| {
            written.call == call
                && (written.regions.is_empty() || written.regions.contains(&place.region))
                && written
                    .with
                    .as_object()
                    .is_none_or(|members| members.iter().all(|(key, value)| with.get(key) == Some(value)))
        };
        let asked = || self.emulator.read(place, operation, with);
        match self.written.iter().find(fits).map(|written| &written.answer) {
            Some(Answer::Whole(answer)) => answer.clone().map(|answer| in_region(&answer, &place.region)),
            Some(Answer::Adds(more)) => {
                let mut answer = asked().await?;
                for (key, items) in in_region(more, &place.region).as_object().unwrap() {
                    let list =
                        answer.as_object_mut().unwrap().entry(key).or_insert_with(|| Value::Array(vec![]));
                    list.as_array_mut().unwrap().extend(items.as_array().unwrap().iter().cloned());
                }
                Ok(answer)
            }
            None => asked().await.map(|answer| trimmed(&call, answer)),
        }
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        self.emulator.permissions(operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.emulator.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.emulator.is_absent(service, region)
    }
}

/// The answer without the thousand snapshots that the emulator has of its own.
fn trimmed(call: &str, mut answer: Value) -> Value {
    if call == "ec2:DescribeSnapshots"
        && let Some(snapshots) = answer.get_mut("Snapshots").and_then(Value::as_array_mut)
    {
        let own = |snapshot: &Value| {
            snapshot["Description"].as_str().is_some_and(|text| text.starts_with("Auto-created"))
        };
        snapshots.retain(|snapshot| !own(snapshot));
    }
    answer
}

fn written(folder: &Path) -> Vec<Written> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let documents = Node::from_yaml(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for entry in documents.iter().flat_map(Node::items) {
            let entry = entry.to_json();
            let answer = match (entry.get("answer"), entry.get("adds"), entry.get("error")) {
                (Some(answer), ..) => Answer::Whole(Ok(answer.clone())),
                (None, Some(adds), _) => Answer::Adds(adds.clone()),
                (None, None, error) => {
                    Answer::Whole(Err(serde_json::from_value(error.unwrap().clone()).unwrap()))
                }
            };
            all.push(Written {
                call: entry["call"].as_str().unwrap().to_owned(),
                regions: entry.get("regions").map(texts).unwrap_or_default(),
                with: entry.get("with").cloned().unwrap_or_default(),
                answer,
            });
        }
    }
    all
}

/// An answer with the name of the region for `{region}`.
fn in_region(answer: &Value, region: &str) -> Value {
    serde_json::from_str(&answer.to_string().replace("{region}", region)).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}

#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn main() {
    let url = std::env::args().nth(1).expect("the emulator's URL");
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(record(url));
}

async fn record(url: String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded");
    let setup = Setup {
        endpoint_url: Some(url),
        backoff: Some(std::time::Duration::from_millis(1)),
        unlimited: true,
        ..Setup::default()
    };
    let (emulator, account, _) = Reader::connect(&setup).await.unwrap();
    let completed = Arc::new(Completed { emulator, written: written(&folder.join("answers")) });
    let tape = Tape::default();
    let recording = Arc::new(Recording::new(completed, Box::new(tape.clone())));
    let scene = Scene {
        account: account.id,
        partition: "aws".into(),
        home: "us-east-1".into(),
        regions: REGIONS.map(String::from).to_vec(),
    };
    let rows = Arc::new(catalog::builtin().rows);
    let aws: Arc<dyn Aws> = Arc::<Recording>::clone(&recording);
    let collector = Collector::new(aws, Arc::clone(&rows), scene.clone());
    let mut missing: BTreeMap<&str, String> = BTreeMap::new();
    let mut errors = BTreeSet::new();
    let mut resources = 0;
    for row in rows.iter() {
        let found = one_row(&collector, row, &scene, &mut errors).await;
        resources += found.as_ref().copied().unwrap_or_default();
        match found {
            Ok(0) => _ = missing.insert(&row.name, "none".into()),
            Ok(_) => {}
            Err(hole) => _ = missing.insert(&row.name, hole),
        }
    }
    recording.scene(&scene, model::Timestamp::now());
    recording.finish().unwrap();
    let calls = packed(&tape.0.lock().unwrap(), &folder.join("account.ndjson.gz"));
    println!("{resources} resources of {} types, {calls} calls", rows.len() - missing.len());
    for (row, why) in missing {
        println!("no resource: {row}: {why}");
    }
    for hole in errors {
        println!("no answer: {hole}");
    }
}

/// Reads all of a type, everywhere; how many there are.
async fn one_row(
    collector: &Collector,
    row: &Row,
    scene: &Scene,
    errors: &mut BTreeSet<String>,
) -> Result<usize, String> {
    let wanted = row.facets.iter().map(|(name, _)| name.clone()).collect();
    let places: BTreeSet<String> =
        scene.regions.iter().map(|region| collector.place(row, region).region).collect();
    let mut found = 0;
    for region in places {
        let place = collector.place(row, &region);
        if collector.is_absent(row, &place) {
            continue;
        }
        let all = Portion { keep: &|_| true, limit: None };
        match collector.collect(row, &place, &wanted, all).await {
            Listed::Resources(resources) => {
                found += resources.len();
                for resource in &resources {
                    holes(&Value::Object(resource.document.clone()), errors);
                }
            }
            Listed::Unlisted(unlisted) => return Err(unlisted.hole.to_string()),
            Listed::TooMany(count) => found += count,
        }
    }
    Ok(found)
}

fn holes(value: &Value, errors: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if members.contains_key("$unavailable") => {
            errors
                .insert(format!("{} {} {}", members["operation"], members["$unavailable"], members["code"]));
        }
        Value::Object(members) => members.values().for_each(|value| holes(value, errors)),
        Value::Array(items) => items.iter().for_each(|value| holes(value, errors)),
        _ => {}
    }
}

/// Sorts the lines, so that another recording differs in what is different only, and packs them.
fn packed(lines: &[u8], file: &Path) -> usize {
    let text = std::str::from_utf8(lines).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    // The scene first.
    lines.sort_by_key(|line| (!line.starts_with("{\"at\""), *line));
    lines.dedup();
    let mut out = GzEncoder::new(std::fs::File::create(file).unwrap(), Compression::best());
    for line in &lines {
        writeln!(out, "{line}").unwrap();
    }
    out.finish().unwrap();
    lines.len()
}
