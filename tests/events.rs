//! Every sample in `events/` goes through the function it is for, over a store in memory. A sample without an
//! expectation here fails, and so does an expectation without a sample.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use engine::detect::Detector;
use engine::intake::Intake;
use engine::notify::{Digest, Notifier};
use engine::ports::{Clock, Delivery, FindingQuery, Sink, SinkError, Store};
use lambda::{Detect, Notify};
use model::{NoticePolicy, Timestamp};
use rules::Settings;
use store::Memory;

/// The rules that fire on a sample of DETECT, with severity and outcome, and the messages that come again.
fn expectations() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("api-call.json", vec!["cloudtrail-logging-stopped critical success"]),
        ("api-call-denied.json", vec!["cloudtrail-logging-stopped high attempt"]),
        ("api-call-harmless.json", vec![]),
        ("console-sign-in.json", vec!["root-console-login-without-mfa critical success"]),
        ("service-event.json", vec![]),
        ("queue-batch.json", vec!["cloudtrail-logging-stopped critical success"]),
        (
            "queue-batch-with-poison.json",
            vec![
                "cloudtrail-logging-stopped critical success",
                "engine-ambiguous-event medium success",
                "engine-unparseable-event medium success",
            ],
        ),
    ])
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }
}

fn samples(function: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(function);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn detect(store: &Arc<Memory>) -> Detect {
    let settings = Settings::default().with("own_resources", ["trailpost"]);
    let (detector, errors) = Detector::new(catalog::builtin().rules, &settings);
    assert_eq!(errors, []);
    let policy = NoticePolicy { channels: vec!["text".into()], minimum: None };
    Detect::new(Intake::new(detector, Arc::clone(store) as Arc<dyn Store>, policy, Arc::new(Noon)))
}

async fn found(store: &Memory) -> Vec<String> {
    let page = store.findings(&FindingQuery { limit: 100, ..FindingQuery::default() }).await.unwrap();
    let mut found: Vec<_> = page
        .items
        .iter()
        .map(|finding| format!("{} {} {}", finding.rule, finding.severity, finding.outcome.as_str()))
        .collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn each_sample_of_detect_finds_what_it_is_a_sample_of() {
    let mut expected = expectations();
    for sample in samples("detect") {
        let name = sample.file_name().unwrap().to_str().unwrap();
        let expected = expected.remove(name).unwrap_or_else(|| panic!("{name}: nothing is expected of it"));
        let store = Arc::new(Memory::default());

        let response = detect(&store).handle(&fs::read(&sample).unwrap()).await.unwrap();

        assert_eq!(response.failures().count(), 0, "{name}");
        assert_eq!(found(&store).await, expected, "{name}");
    }
    assert!(expected.is_empty(), "no sample: {expected:?}");
}

#[tokio::test]
async fn a_sample_that_comes_again_changes_nothing() {
    for sample in samples("detect") {
        let store = Arc::new(Memory::default());
        let detect = detect(&store);
        let payload = fs::read(&sample).unwrap();
        let query = FindingQuery { limit: 100, ..FindingQuery::default() };

        detect.handle(&payload).await.unwrap();
        let once = store.findings(&query).await.unwrap();
        for _ in 0..4 {
            detect.handle(&payload).await.unwrap();
        }

        assert_eq!(store.findings(&query).await.unwrap(), once, "{}", sample.display());
    }
}

#[test]
fn samples_of_plan_health_and_scan_are_what_the_functions_take() {
    for sample in samples("plan") {
        let request: lambda::Request = serde_json::from_slice(&fs::read(&sample).unwrap()).unwrap();
        assert_eq!(request.scan, "by hand");
    }
    for sample in samples("health") {
        // HEALTH needs to be told nothing.
        assert_eq!(fs::read_to_string(&sample).unwrap().trim(), "{}");
    }
    for sample in samples("scan") {
        let batch: serde_json::Value = serde_json::from_slice(&fs::read(&sample).unwrap()).unwrap();
        let body = batch["Records"][0]["body"].as_str().unwrap();
        let job: engine::scan::Job = serde_json::from_str(body).unwrap();
        let known = |name: &str| catalog::builtin().rows.iter().any(|row| row.name == name);
        assert!(job.shards.iter().all(|shard| known(&shard.resource_type)), "{job:?}");
    }
}

#[tokio::test]
async fn a_heartbeat_is_counted_and_leaves_nothing_behind() {
    let store = Arc::new(Memory::default());
    let beat = r#"{"source":"trailpost.heartbeat","detail-type":"Trailpost Heartbeat","account":"111122223333","detail":{}}"#;
    let batch = serde_json::json!({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": beat}]});

    let response = detect(&store).handle(batch.to_string().as_bytes()).await.unwrap();

    assert_eq!(response.failures().count(), 0);
    assert!(found(&store).await.is_empty(), "no finding says that it cannot be read");
}

/// A channel that remembers.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Sink for Heard {
    fn channel(&self) -> &'static str {
        "text"
    }

    async fn deliver(&self, deliveries: &[Delivery<'_>]) -> Vec<Result<(), SinkError>> {
        let told = deliveries.iter().map(|delivery| {
            assert!(delivery.rule.is_some(), "the rule is known");
            self.0.lock().unwrap().push(delivery.finding.rule.clone());
            Ok(())
        });
        told.collect()
    }

    async fn digest(&self, digest: &Digest) -> Result<(), SinkError> {
        self.0.lock().unwrap().push(digest.id.to_string());
        Ok(())
    }
}

#[tokio::test]
async fn a_sweep_tells_each_notice_once() {
    let store = Arc::new(Memory::default());
    let payload =
        fs::read(samples("detect").into_iter().find(|path| path.ends_with("api-call.json")).unwrap())
            .unwrap();
    detect(&store).handle(&payload).await.unwrap();
    let heard = Arc::new(Heard::default());
    let metas = catalog::builtin().rules.into_iter().map(|rule| rule.meta);
    let sinks: Vec<Arc<dyn Sink>> = vec![Arc::clone(&heard) as Arc<dyn Sink>];
    let notify = Notify::new(Notifier::new(
        Arc::clone(&store) as Arc<dyn Store>,
        sinks,
        metas,
        Arc::new(Noon),
        "test",
    ));
    let sample = |name: &str| {
        let path = samples("notify").into_iter().find(|path| path.ends_with(name)).unwrap();
        serde_json::from_slice::<serde_json::Value>(&fs::read(path).unwrap()).unwrap()
    };

    notify.handle(&sample("sweep.json")).await.unwrap();
    notify.handle(&sample("sweep.json")).await.unwrap();

    assert_eq!(*heard.0.lock().unwrap(), ["cloudtrail-logging-stopped"]);
    // A notice that the store does not know, as when its finding has expired, is passed over.
    let response = notify.handle(&sample("stream-notice.json")).await.unwrap();
    assert_eq!(response.failures().count(), 0);
    assert_eq!(samples("notify").len(), 2, "every sample is read above");
}
