//! An account of four resources, whose AWS and whose clock a test holds in its hand.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catalog::resource::{Operation, Row};
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::detect::Detector;
use engine::intake::{Intake, Message};
use engine::ports::{Aws, Cause, Clock, FindingQuery, Place, ReadError, Store, StoreError};
use engine::scan::{Scanner, Selection, plan};
use engine::track::{Harvests, Target, Tracker};
use model::{Finding, NoticePolicy, Timestamp};
use rules::{Settings, Target as Judges};
use serde_json::{Value, json};
use store::Memory;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const TYPES: [&str; 4] =
    ["aws.ec2.security_group", "aws.s3.bucket", "aws.cloudtrail.account", "aws.rds.instance"];

pub(crate) static ROWS: LazyLock<Arc<Vec<Row>>> = LazyLock::new(|| {
    Arc::new(catalog::builtin().rows.into_iter().filter(|row| TYPES.contains(&row.name.as_str())).collect())
});

/// Answers by the name of the operation; what it does not know is empty.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) by_name: Mutex<BTreeMap<String, Value>>,
    pub(crate) refuses: Mutex<bool>,
    pub(crate) reads: Mutex<usize>,
}

#[async_trait]
impl Aws for Answers {
    async fn read(&self, _: &Place, operation: &Operation, _: &Value) -> Result<Value, ReadError> {
        *self.reads.lock().unwrap() += 1;
        if *self.refuses.lock().unwrap() {
            let (code, message) = ("AccessDenied".into(), String::new());
            return Err(ReadError { cause: Cause::Denied, code, message });
        }
        Ok(self.by_name.lock().unwrap().get(&operation.name).cloned().unwrap_or_else(|| json!({})))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Hand(Arc<Mutex<Timestamp>>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<Vec<(Target, Duration)>>);

#[async_trait]
impl Harvests for Asked {
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError> {
        self.0.lock().unwrap().extend(targets.iter().map(|target| (target.clone(), delay)));
        Ok(())
    }
}

pub(crate) struct Setting {
    pub(crate) aws: Arc<Answers>,
    pub(crate) clock: Hand,
    pub(crate) asked: Arc<Asked>,
    pub(crate) store: Arc<Memory>,
    pub(crate) intake: Intake,
    pub(crate) scanner: Scanner,
    pub(crate) scene: Scene,
}

impl Setting {
    pub(crate) fn new(predicts: bool) -> Self {
        let aws = Arc::new(Answers::default());
        let clock = Hand(Arc::new(Mutex::new("2026-11-20T08:00:00Z".parse().unwrap())));
        let asked = Arc::new(Asked::default());
        let store = Arc::new(Memory::default());
        let scanner = || {
            let rules = catalog::builtin().rules.into_iter();
            let rules = rules.filter(
                |rule| matches!(&rule.target, Judges::Resource(kind) if TYPES.contains(&kind.as_str())),
            );
            let (checker, errors) = Checker::new(rules, &Settings::default());
            assert!(errors.is_empty(), "{errors:?}");
            let shared = Arc::clone(&store) as Arc<dyn Store>;
            Scanner::new(Arc::clone(&ROWS), checker, shared, policy(), Arc::new(clock.clone()))
        };
        let harvests = Arc::clone(&asked) as Arc<dyn Harvests>;
        let mut tracker = Tracker::new(Arc::clone(&ROWS)).harvesting(harvests, Duration::from_secs(3));
        if predicts {
            tracker = tracker.predicting(Arc::new(scanner()));
        }
        let (detector, _) = Detector::new([], &Settings::default());
        let shared = Arc::clone(&store) as Arc<dyn Store>;
        let intake = Intake::new(detector, shared, policy(), Arc::new(clock.clone())).tracking(tracker);
        let scanner = scanner();
        let scene = Scene {
            account: ACCOUNT.into(),
            partition: "aws".into(),
            home: REGION.into(),
            regions: vec![REGION.into()],
        };
        let setting = Self { aws, clock, asked, store, intake, scanner, scene };
        setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[])]}));
        setting.answer("ListBuckets", json!({"Buckets": [{"Name": "b", "BucketRegion": REGION}]}));
        setting.answer("GetBucketVersioning", json!({"Status": "Enabled", "MFADelete": "Enabled"}));
        let trail = json!({"Name": "t", "TrailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"), "HomeRegion": REGION, "S3BucketName": "b", "IsMultiRegionTrail": true, "HasCustomEventSelectors": false});
        setting.answer("DescribeTrails", json!({ "trailList": [trail] }));
        setting.answer("GetTrailStatus", json!({"IsLogging": true}));
        setting.answer(
            "GetEventSelectors",
            json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]}),
        );
        setting.answer("DescribeDBInstances", json!({"DBInstances": [database(false)]}));
        setting
    }

    pub(crate) fn answer(&self, operation: &str, answer: Value) {
        self.aws.by_name.lock().unwrap().insert(operation.into(), answer);
    }

    pub(crate) fn pass(&self, seconds: u64) {
        let mut now = self.clock.0.lock().unwrap();
        *now += Duration::from_secs(seconds);
    }

    pub(crate) async fn scan(&self) {
        let collector = self.collector();
        for shard in plan(&ROWS, self.scanner.checker(), &collector, &self.scene, &Selection::default()) {
            self.scanner.shard(&collector, &shard).await.unwrap();
        }
    }

    pub(crate) fn collector(&self) -> Collector {
        let aws: Arc<dyn Aws> = Arc::clone(&self.aws) as _;
        Collector::new(aws, Arc::clone(&ROWS), self.scene.clone())
    }

    /// A record of a call that was made a second ago.
    pub(crate) fn record(&self, source: &str, name: &str, request: &Value, error: Option<&str>) -> String {
        let time = self.clock.now() - Duration::from_secs(1);
        json!({
            "eventVersion": "1.11", "eventID": format!("e-{name}-{time}"), "eventTime": time.to_string(),
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": REGION,
            "eventType": "AwsApiCall", "managementEvent": true, "eventCategory": "Management", "readOnly": false,
            "recipientAccountId": ACCOUNT, "sourceIPAddress": "203.0.113.7",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u", "accountId": ACCOUNT},
            "requestParameters": request, "errorCode": error,
        })
        .to_string()
    }

    pub(crate) async fn take(&self, record: &str) {
        self.intake.take(Message { body: record.as_bytes(), lane: "bus" }).await.unwrap();
    }

    /// Reads what was asked for, each after its delay, and what has to be read again, until `until` seconds have gone by.
    pub(crate) async fn harvest(&self, until: u64) {
        let mut due: Vec<(u64, Target)> = Vec::new();
        let mut gone = 0;
        loop {
            for (target, delay) in self.asked.0.lock().unwrap().drain(..) {
                due.push((gone + delay.as_secs(), target));
            }
            due.sort();
            if due.first().is_none_or(|(time, _)| *time > until) {
                break;
            }
            let (time, target) = due.remove(0);
            self.pass(time - gone);
            gone = time;
            let harvested = self.scanner.harvest(&self.collector(), &self.scene, &target).await.unwrap();
            if let Some((target, delay)) = harvested.again {
                due.push((gone + delay.as_secs(), target));
            }
        }
        let mut asked = self.asked.0.lock().unwrap();
        asked.extend(due.into_iter().map(|(time, target)| (target, Duration::from_secs(time - gone))));
    }

    pub(crate) async fn findings(&self) -> BTreeMap<String, Finding> {
        let query = FindingQuery { limit: 500, ..FindingQuery::default() };
        let found = self.store.findings(&query).await.unwrap().items;
        found.into_iter().map(|finding| (finding.rule.clone(), finding)).collect()
    }

    pub(crate) async fn provisional(&self) -> Vec<String> {
        let found = self.findings().await.into_values();
        found.filter(Finding::is_provisional).map(|finding| finding.rule).collect()
    }

    pub(crate) async fn alerts(&self) -> usize {
        self.store.due_notices(self.clock.now(), 500).await.unwrap().len()
    }
}

pub(crate) fn policy() -> NoticePolicy {
    NoticePolicy { channels: vec!["text".into()], minimum: None }
}

pub(crate) fn group(permissions: &[Value]) -> Value {
    json!({"GroupId": "sg-00000001", "GroupName": "g", "OwnerId": ACCOUNT, "VpcId": "vpc-1", "IpPermissions": permissions, "IpPermissionsEgress": []})
}

pub(crate) fn database(public: bool) -> Value {
    json!({"DBInstanceIdentifier": "db", "DBInstanceArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:db"), "Engine": "postgres", "PubliclyAccessible": public, "DeletionProtection": true})
}

pub(crate) fn open_ssh() -> Value {
    json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []})
}

pub(crate) fn asks_for_ssh() -> Value {
    json!({"groupId": "sg-00000001", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
        "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {}, "prefixListIds": {}}]}})
}
