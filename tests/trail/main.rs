//! A trail's files through the real use cases, over a bucket and a store in memory, with digests signed by a key of our own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod bucket;
mod digests;
mod losses;
mod polling;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use engine::detect::Detector;
use engine::ingest::losses::Carried;
use engine::ingest::{Ingest, TrailKey};
use engine::intake::Intake;
use engine::ports::{Clock, FindingQuery, Store};
use model::{NoticePolicy, Timestamp};
use rules::{Rule, Settings};
use serde_json::{Value, json};
use store::Memory;

use bucket::{ACCOUNT, Bucket, REGION};

/// A clock that a test sets.
pub(crate) struct Hand(Mutex<Timestamp>);

impl Hand {
    pub(crate) fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time.parse().unwrap())))
    }

    pub(crate) fn set(&self, time: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time.parse().unwrap();
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signatures that these tests are about: a detector of all takes its time to make.
fn signatures() -> Vec<Rule> {
    static SIGNATURES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let is_needed =
            |rule: &Rule| rule.meta.id.starts_with("trail-") || rule.meta.id == "cloudtrail-logging-stopped";
        catalog::signatures().rules.into_iter().filter(is_needed).collect()
    });
    SIGNATURES.clone()
}

/// Everything that INGEST and DETECT have, in one process.
pub(crate) struct World {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) store: Arc<Memory>,
    pub(crate) clock: Arc<Hand>,
    pub(crate) ingest: Ingest,
    pub(crate) bus: Intake,
}

impl World {
    pub(crate) fn at(time: &str) -> Self {
        let (bucket, store, clock) = (Arc::new(Bucket::new()), Arc::new(Memory::default()), Hand::at(time));
        let intake = || {
            let (detector, errors) = Detector::new(signatures(), &Settings::default());
            assert_eq!(errors, []);
            let store = Arc::clone(&store) as Arc<dyn Store>;
            Intake::new(detector, store, NoticePolicy::default(), clock.clone())
                .counting(Carried::but(["UpdateInstanceInformation".to_owned()]))
        };
        let ingest = Ingest::new(Arc::new(intake()), bucket.clone(), store.clone(), clock.clone());
        let bus = intake();
        Self { bucket, store, clock, ingest, bus }
    }

    /// The rules of the findings that there are, with their severity, sorted.
    pub(crate) async fn found(&self) -> Vec<String> {
        let query = FindingQuery { limit: 1000, ..FindingQuery::default() };
        let found = self.store.findings(&query).await.unwrap().items;
        let mut found: Vec<_> =
            found.iter().map(|finding| format!("{} {}", finding.rule, finding.severity)).collect();
        found.sort();
        found
    }
}

/// A call that stops a trail of its own name, which one signature finds.
pub(crate) fn stopped(id: &str, time: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": time, "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging", "awsRegion": REGION, "recipientAccountId": ACCOUNT, "readOnly": false,
        "managementEvent": true, "eventCategory": "Management", "eventType": "AwsApiCall",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli",
        "userIdentity": { "type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": ACCOUNT },
        "requestParameters": { "name": format!("trail-{id}") },
    })
}

#[test]
fn keys_of_the_tests_are_keys_of_a_trail() {
    let key = Bucket::new().write("20260301T0915", "x", &[]);
    assert_eq!(TrailKey::parse(&key).unwrap().account, ACCOUNT);
}
