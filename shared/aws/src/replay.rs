//! Recordings: what AWS answered to a scan, in a file, and scans that are answered from one.
//!
//! A recording is text, one JSON object a line: the scenes, one for each account, then the calls in the order in which
//! they were answered. It holds what the AWS CLI would print, and so whatever people wrote into descriptions, tags
//! and environment variables; it holds no credentials, which are in no answer.

mod recording;
mod tape;

use std::collections::HashMap;

use async_trait::async_trait;
use catalog::resource::Operation;
use engine::collect::Scene;
use engine::ports::{Aws, Place, ReadError};
use jiff::Timestamp;
use serde_json::Value;

use crate::model::Models;
use crate::permissions;

pub use recording::Recording;
pub use tape::{Call, Line};

/// A recording that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be read.
    #[error("the recording cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {line} is no line of a recording: {problem}; make one with `trailpost scan --record FILE`")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no scene in it.
    #[error("the recording says of no account; make one with `trailpost scan --record FILE`")]
    Empty,
}

type Key = (Place, Operation, String);

/// Answers as a recording does, and to nothing else.
#[derive(Debug, Default)]
pub struct Replay {
    models: Models,
    scenes: Vec<(Scene, Timestamp)>,
    answers: HashMap<Key, Result<Value, ReadError>>,
}

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(recording: impl std::io::BufRead) -> Result<Self, ReplayError> {
        let mut replay = Self::default();
        for (index, line) in recording.lines().enumerate() {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            match Line::parse(&line) {
                Ok(Line::Scene { scene, at }) => replay.scenes.push((scene, at)),
                Ok(Line::Call(call)) => replay.put(call),
                Err(problem) => return Err(ReplayError::Line { line: index + 1, problem }),
            }
        }
        if replay.scenes.is_empty() { Err(ReplayError::Empty) } else { Ok(replay) }
    }

    /// Has a call answered so from now on.
    pub fn put(&mut self, call: Call) {
        let Call { place, operation, parameters, answer } = call;
        self.answers.insert((place, operation, tape::canonical(&parameters)), answer);
    }

    /// Every call that is answered, in no order.
    pub fn calls(&self) -> impl Iterator<Item = (&Place, &Operation, &Result<Value, ReadError>)> {
        self.answers.iter().map(|((place, operation, _), answer)| (place, operation, answer))
    }

    /// The accounts that were recorded.
    pub fn scenes(&self) -> impl Iterator<Item = &Scene> {
        self.scenes.iter().map(|(scene, _)| scene)
    }

    /// When the first account was recorded.
    pub fn recorded_at(&self) -> Option<Timestamp> {
        self.scenes.first().map(|(_, at)| *at)
    }
}

#[async_trait]
impl Aws for Replay {
    async fn read(
        &self,
        place: &Place,
        operation: &Operation,
        parameters: &Value,
    ) -> Result<Value, ReadError> {
        let key = (place.clone(), operation.clone(), tape::canonical(parameters));
        self.answers.get(&key).cloned().unwrap_or_else(|| {
            let message = format!("{operation} in {} with {}", place.region, key.2);
            Err(ReadError::failed("NotRecorded", message))
        })
    }

    fn permissions(&self, operation: &Operation) -> Vec<String> {
        permissions::of_operation(&self.models, operation)
    }

    fn is_global(&self, service: &str, region: &str) -> bool {
        self.models.is_global(service, region)
    }

    fn is_absent(&self, service: &str, region: &str) -> bool {
        self.models.is_absent(service, region)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use engine::ports::Cause;
    use serde_json::json;

    use super::*;

    /// Says of S3 what its parameters are, and refuses everything else.
    struct Echo;

    #[async_trait]
    impl Aws for Echo {
        async fn read(
            &self,
            _: &Place,
            operation: &Operation,
            parameters: &Value,
        ) -> Result<Value, ReadError> {
            match operation.service.as_str() {
                "s3" => Ok(json!({"Asked": parameters})),
                _ => {
                    Err(ReadError { cause: Cause::Denied, code: "AccessDenied".into(), message: "no".into() })
                }
            }
        }

        fn permissions(&self, operation: &Operation) -> Vec<String> {
            vec![operation.to_string()]
        }

        fn is_global(&self, _: &str, _: &str) -> bool {
            false
        }

        fn is_absent(&self, _: &str, _: &str) -> bool {
            false
        }
    }

    /// A file in memory.
    #[derive(Clone, Default)]
    struct Tape(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Tape {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn operation(service: &str, name: &str) -> Operation {
        Operation { service: service.into(), name: name.into() }
    }

    #[tokio::test]
    async fn what_was_recorded_is_answered_and_nothing_else_is() {
        let place = Place { account: "111122223333".into(), region: "eu-west-1".into() };
        let scene = Scene {
            account: "111122223333".into(),
            partition: "aws".into(),
            home: "us-east-1".into(),
            regions: vec!["eu-west-1".into()],
        };
        let (bucket, key) = (operation("s3", "GetBucketPolicy"), operation("kms", "DescribeKey"));
        let parameters = json!({"Bucket": "b", "Also": {"z": 1, "a": [2]}});
        let tape = Tape::default();
        let recording = Recording::new(Arc::new(Echo), Box::new(tape.clone()));
        recording.scene(&scene, "2026-01-15T12:00:00Z".parse().unwrap());
        let answer = recording.read(&place, &bucket, &parameters).await;
        let refusal = recording.read(&place, &key, &json!({"KeyId": "k"})).await;
        recording.finish().unwrap();

        let bytes = tape.0.lock().unwrap().clone();
        let replay = Replay::read(bytes.as_slice()).unwrap();

        assert_eq!(replay.scenes().collect::<Vec<_>>(), [&scene]);
        assert_eq!(replay.recorded_at().unwrap().to_string(), "2026-01-15T12:00:00Z");
        // The order of members does not matter.
        let turned = json!({"Also": {"a": [2], "z": 1}, "Bucket": "b"});
        assert_eq!(replay.read(&place, &bucket, &turned).await, answer);
        assert_eq!(replay.read(&place, &key, &json!({"KeyId": "k"})).await, refusal);
        let other = replay.read(&place, &bucket, &json!({"Bucket": "c"})).await.unwrap_err();
        assert_eq!((other.cause, other.code.as_str()), (Cause::Failed, "NotRecorded"));
        assert_eq!(replay.permissions(&bucket), ["s3:GetBucketPolicy"]);
    }

    #[test]
    fn what_is_no_recording_is_refused_with_its_line() {
        let refused = |text: &str| Replay::read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("").starts_with("the recording says of no account"));
        assert!(refused("\n{\"Records\": []}\n").starts_with("line 2 is no line of a recording"));
    }

    #[test]
    fn a_recorder_that_cannot_write_says_so_at_the_end() {
        struct Full;
        impl std::io::Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is full"))
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let recording = Recording::new(Arc::new(Echo), Box::new(Full));
        let scene =
            Scene { account: String::new(), partition: String::new(), home: String::new(), regions: vec![] };
        recording.scene(&scene, Timestamp::UNIX_EPOCH);
        assert_eq!(recording.finish().unwrap_err().to_string(), "the disk is full");
    }
}
