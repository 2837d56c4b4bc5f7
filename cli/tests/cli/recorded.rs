//! Recordings of scans, as they are and changed: what AWS would have answered another time.

use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::trial::{Ran, Trial};

/// A check that finds something in eu-west-1, and nothing in us-east-1.
pub(crate) const GUARD: &str = "guardduty-region-not-watched";

/// The recorded account's file.
pub(crate) fn recording() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recorded/account.ndjson.gz");
    file.to_str().unwrap().to_owned()
}

/// A recording in memory, to be changed.
pub(crate) struct Tape(Vec<Value>);

impl Tape {
    /// The calls of `services` in the recorded account.
    pub(crate) fn of(services: &[&str]) -> Self {
        let mut text = String::new();
        GzDecoder::new(std::fs::File::open(recording()).unwrap()).read_to_string(&mut text).unwrap();
        let is_wanted = |line: &Value| match line["call"].as_str() {
            Some(call) => services.iter().any(|service| call.split(':').next() == Some(service)),
            None => true,
        };
        Self(text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(is_wanted).collect())
    }

    /// The same, recorded at another time.
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.0[0]["at"] = json!(time);
        self
    }

    /// Has the calls that `with` is a part of answered otherwise: with an `answer` or an `error`.
    pub(crate) fn put(mut self, call: &str, with: &Value, kind: &str, said: &Value) -> Self {
        let mut changed = 0;
        for line in self.0.iter_mut().filter(|line| line["call"] == call) {
            let asked = with.as_object().unwrap();
            if asked.iter().all(|(key, value)| line["with"][key] == *value) {
                let line = line.as_object_mut().unwrap();
                line.retain(|key, _| key != "answer" && key != "error");
                line.insert(kind.to_owned(), said.clone());
                changed += 1;
            }
        }
        assert!(changed > 0, "{call} was not recorded with {with}");
        self
    }

    /// Has a call refused.
    pub(crate) fn deny(self, call: &str) -> Self {
        let refusal = json!({"cause": "Denied", "code": "AccessDenied", "message": "no"});
        self.put(call, &json!({}), "error", &refusal)
    }

    /// As a file.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// Scans a file, rows to standard output.
pub(crate) fn scan(trial: &Trial, file: &str, more: &[&str]) -> Ran {
    let arguments = ["scan", "--replay", file, "--store", "sqlite:s.db", "-o", "ndjson"];
    trial.run(&[&arguments[..], more].concat())
}
