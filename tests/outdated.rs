//! Looks that end after newer ones say nothing any more: the real scanner over an AWS whose answers take a while.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::{Operation, Row};
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::ports::{Aws, Clock, FindingQuery, Place, ReadError, Store};
use engine::scan::{Scanner, Selection, plan};
use model::{NoticePolicy, Status, Timestamp};
use rules::{Settings, Target};
use serde_json::{Value, json};
use store::Memory;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const CHECK: &str = "s3-bucket-versioning-off";

#[derive(Debug, Clone)]
struct Hand(Arc<Mutex<Timestamp>>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A bucket, and what somebody else sees of it a minute after it was read, before that look has ended.
struct Slow {
    versioning: &'static str,
    meanwhile: Option<(Arc<Setting>, &'static str)>,
}

#[async_trait]
impl Aws for Slow {
    async fn read(&self, _: &Place, operation: &Operation, _: &Value) -> Result<Value, ReadError> {
        match operation.name.as_str() {
            "ListBuckets" => Ok(json!({"Buckets": [{"Name": "b", "BucketRegion": REGION}]})),
            "GetBucketVersioning" => {
                if let Some((setting, versioning)) = &self.meanwhile {
                    setting.look(versioning, None).await;
                }
                Ok(json!({"Status": self.versioning}))
            }
            _ => Ok(json!({})),
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

struct Setting {
    rows: Arc<Vec<Row>>,
    store: Arc<Memory>,
    clock: Hand,
}

impl Setting {
    fn new() -> Arc<Self> {
        let rows = catalog::builtin().rows.into_iter().filter(|row| row.name == "aws.s3.bucket");
        let clock = Hand(Arc::new(Mutex::new("2026-11-20T08:00:00Z".parse().unwrap())));
        Arc::new(Self { rows: Arc::new(rows.collect()), store: Arc::new(Memory::default()), clock })
    }

    /// Scans a minute after the last look.
    async fn look(self: &Arc<Self>, versioning: &'static str, meanwhile: Option<&'static str>) {
        *self.clock.0.lock().unwrap() += Duration::from_mins(1);
        let meanwhile = meanwhile.map(|versioning| (Arc::clone(self), versioning));
        let aws: Arc<dyn Aws> = Arc::new(Slow { versioning, meanwhile });
        let scene = Scene {
            account: ACCOUNT.into(),
            partition: "aws".into(),
            home: REGION.into(),
            regions: vec![REGION.into()],
        };
        let rules = catalog::builtin().rules.into_iter();
        let rules = rules.filter(|rule| matches!(&rule.target, Target::Resource(_)) && rule.meta.id == CHECK);
        let (checker, _) = Checker::new(rules, &Settings::default());
        let store: Arc<dyn Store> = Arc::clone(&self.store) as _;
        let policy = NoticePolicy::default();
        let scanner =
            Scanner::new(Arc::clone(&self.rows), checker, store, policy, Arc::new(self.clock.clone()));
        let collector = Collector::new(aws, Arc::clone(&self.rows), scene.clone());
        for shard in plan(&self.rows, scanner.checker(), &collector, &scene, &Selection::default()) {
            Box::pin(scanner.shard(&collector, &shard)).await.unwrap();
        }
    }

    async fn status(&self) -> Option<Status> {
        let found = self.store.findings(&FindingQuery::default()).await.unwrap().items;
        found.first().map(|finding| finding.status)
    }
}

#[tokio::test]
async fn what_a_newer_look_saw_standing_is_not_resolved() {
    let setting = Setting::new();
    setting.look("Suspended", None).await;

    setting.look("Enabled", Some("Suspended")).await;

    assert_eq!(setting.status().await, Some(Status::Open));
    setting.look("Enabled", None).await;
    assert_eq!(setting.status().await, Some(Status::Resolved));
}

#[tokio::test]
async fn what_a_newer_look_saw_clean_is_not_opened() {
    let setting = Setting::new();
    setting.look("Enabled", None).await;

    setting.look("Suspended", Some("Enabled")).await;

    assert_eq!(setting.status().await, None);
    setting.look("Suspended", None).await;
    assert_eq!(setting.status().await, Some(Status::Open));
}
