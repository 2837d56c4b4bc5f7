//! Findings that DETECT opens on the word of a call's record, and what reads make of them: the real use cases over an
//! AWS that answers what the test says.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use catalog::resource::{Operation, Row};
use engine::check::Checker;
use engine::collect::{Collector, Scene};
use engine::detect::Detector;
use engine::intake::{Intake, Message};
use engine::ports::{Aws, Cause, Clock, FindingQuery, Place, ReadError, Store, StoreError};
use engine::scan::{Scanner, Selection, plan};
use engine::track::{Harvests, Target, Tracker};
use model::{Certainty, Finding, NoticePolicy, Resolution, Status, Timestamp};
use rules::{Settings, Target as Judges};
use serde_json::{Value, json};
use store::Memory;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const TYPES: [&str; 4] =
    ["aws.ec2.security_group", "aws.s3.bucket", "aws.cloudtrail.account", "aws.rds.instance"];

static ROWS: LazyLock<Arc<Vec<Row>>> = LazyLock::new(|| {
    Arc::new(catalog::builtin().rows.into_iter().filter(|row| TYPES.contains(&row.name.as_str())).collect())
});

/// Answers by the name of the operation; what it does not know is empty.
#[derive(Debug, Default)]
struct Answers {
    by_name: Mutex<BTreeMap<String, Value>>,
    refuses: Mutex<bool>,
    reads: Mutex<usize>,
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

#[derive(Debug, Clone)]
struct Hand(Arc<Mutex<Timestamp>>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Debug, Default)]
struct Asked(Mutex<Vec<(Target, Duration)>>);

#[async_trait]
impl Harvests for Asked {
    async fn ask(&self, targets: &[Target], delay: Duration) -> Result<(), StoreError> {
        self.0.lock().unwrap().extend(targets.iter().map(|target| (target.clone(), delay)));
        Ok(())
    }
}

struct Setting {
    aws: Arc<Answers>,
    clock: Hand,
    asked: Arc<Asked>,
    store: Arc<Memory>,
    intake: Intake,
    scanner: Scanner,
    scene: Scene,
}

impl Setting {
    fn new(predicts: bool) -> Self {
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

    fn answer(&self, operation: &str, answer: Value) {
        self.aws.by_name.lock().unwrap().insert(operation.into(), answer);
    }

    fn pass(&self, seconds: u64) {
        let mut now = self.clock.0.lock().unwrap();
        *now += Duration::from_secs(seconds);
    }

    async fn scan(&self) {
        let collector = self.collector();
        for shard in plan(&ROWS, self.scanner.checker(), &collector, &self.scene, &Selection::default()) {
            self.scanner.shard(&collector, &shard).await.unwrap();
        }
    }

    fn collector(&self) -> Collector {
        let aws: Arc<dyn Aws> = Arc::clone(&self.aws) as _;
        Collector::new(aws, Arc::clone(&ROWS), self.scene.clone())
    }

    /// A record of a call that was made a second ago.
    fn record(&self, source: &str, name: &str, request: &Value, error: Option<&str>) -> String {
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

    async fn take(&self, record: &str) {
        self.intake.take(Message { body: record.as_bytes(), lane: "bus" }).await.unwrap();
    }

    /// Reads what was asked for, each after its delay, and what has to be read again, until `until` seconds have gone by.
    async fn harvest(&self, until: u64) {
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

    async fn findings(&self) -> BTreeMap<String, Finding> {
        let query = FindingQuery { limit: 500, ..FindingQuery::default() };
        let found = self.store.findings(&query).await.unwrap().items;
        found.into_iter().map(|finding| (finding.rule.clone(), finding)).collect()
    }

    async fn provisional(&self) -> Vec<String> {
        let found = self.findings().await.into_values();
        found.filter(Finding::is_provisional).map(|finding| finding.rule).collect()
    }

    async fn alerts(&self) -> usize {
        self.store.due_notices(self.clock.now(), 500).await.unwrap().len()
    }
}

fn policy() -> NoticePolicy {
    NoticePolicy { channels: vec!["text".into()], minimum: None }
}

fn group(permissions: &[Value]) -> Value {
    json!({"GroupId": "sg-00000001", "GroupName": "g", "OwnerId": ACCOUNT, "VpcId": "vpc-1", "IpPermissions": permissions, "IpPermissionsEgress": []})
}

fn database(public: bool) -> Value {
    json!({"DBInstanceIdentifier": "db", "DBInstanceArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:db"), "Engine": "postgres", "PubliclyAccessible": public, "DeletionProtection": true})
}

fn open_ssh() -> Value {
    json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []})
}

fn asks_for_ssh() -> Value {
    json!({"groupId": "sg-00000001", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
        "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {}, "prefixListIds": {}}]}})
}

const SSH: (&str, &str) = ("ec2", "AuthorizeSecurityGroupIngress");

#[tokio::test]
async fn a_right_prediction_is_confirmed_by_the_read() {
    let setting = Setting::new(true);
    setting.scan().await;
    let (before, alerts) = (setting.findings().await, setting.alerts().await);
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;

    let told = setting.findings().await;
    let provisional = setting.provisional().await;
    assert!(provisional.iter().any(|rule| rule == "ec2-security-group-ssh-open"), "{provisional:?}");
    assert!(provisional.iter().all(|rule| !before.contains_key(rule)));
    for rule in &provisional {
        let episode = told[rule].posture.as_ref().unwrap().episode().unwrap().clone();
        assert_eq!(episode.cause.certainty, Certainty::Exact);
        assert!(!episode.cause.patch.is_empty(), "{rule} shows the difference");
        assert_eq!(episode.time_to_detect().unwrap().as_secs(), 1);
    }
    assert_eq!(setting.alerts().await, alerts + provisional.len());

    setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[open_ssh()])]}));
    setting.harvest(400).await;

    let seen = setting.findings().await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
    for rule in &provisional {
        let (was, is) = (&told[rule], &seen[rule]);
        let episodes = &is.posture.as_ref().unwrap().episodes;
        assert_eq!((&was.id, is.status, episodes.len()), (&is.id, Status::Open, 1), "{rule}");
        assert!(episodes[0].confirmed_at.is_some());
        assert_eq!(episodes[0].cause.certainty, Certainty::Exact);
    }
    let opened_by_read = seen.keys().filter(|rule| !told.contains_key(*rule)).count();
    assert_eq!(setting.alerts().await, alerts + provisional.len() + opened_by_read, "no second alert");
}

#[tokio::test]
async fn a_wrong_prediction_is_withdrawn_with_the_reason() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    let provisional = setting.provisional().await;
    assert!(!provisional.is_empty());

    // Nothing of it is to be seen, now or later.
    setting.harvest(3).await;
    assert_eq!(setting.provisional().await, provisional, "the first read may come too early");
    setting.harvest(300).await;

    let seen = setting.findings().await;
    for rule in &provisional {
        let posture = seen[rule].posture.as_ref().unwrap();
        assert_eq!((seen[rule].status, posture.resolution), (Status::Resolved, Some(Resolution::Withdrawn)));
    }
}

#[tokio::test]
async fn what_nobody_can_read_is_withdrawn_as_unconfirmed_within_five_minutes() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;
    let provisional = setting.provisional().await;
    *setting.aws.refuses.lock().unwrap() = true;
    setting.harvest(300).await;

    let seen = setting.findings().await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
    for rule in &provisional {
        let posture = seen[rule].posture.as_ref().unwrap();
        assert_eq!(posture.resolution, Some(Resolution::Unconfirmed), "{rule}");
    }
    setting.take(&record).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new(), "told again, it opens nothing");
}

#[tokio::test]
async fn a_scan_withdraws_what_no_harvest_came_for() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    let provisional = setting.provisional().await;
    setting.pass(2);
    setting.scan().await;
    assert_eq!(setting.provisional().await, provisional, "a scan may come too early");
    setting.pass(300);
    setting.scan().await;
    let seen = setting.findings().await;
    let resolution = seen[&provisional[0]].posture.as_ref().unwrap().resolution;
    assert_eq!(resolution, Some(Resolution::Withdrawn));
}

#[tokio::test]
async fn a_refused_call_and_an_unknown_resource_predict_nothing() {
    let setting = Setting::new(true);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    assert_eq!(setting.findings().await.len(), 0, "nobody has read it");
    setting.scan().await;
    setting.pass(60);
    let refused = setting.record(SSH.0, SSH.1, &asks_for_ssh(), Some("Client.UnauthorizedOperation"));
    setting.take(&refused).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_call_that_cannot_make_a_resource_is_not_blamed_for_its_making() {
    let setting = Setting::new(false);
    setting.scan().await;
    setting.pass(60);
    let buckets = json!([{"Name": "b", "BucketRegion": REGION}, {"Name": "c", "BucketRegion": REGION}]);
    setting.answer("ListBuckets", json!({ "Buckets": buckets }));
    let request = json!({"bucketName": "c", "Tagging": {"TagSet": {"Tag": {"Key": "team", "Value": "red"}}}});
    setting.take(&setting.record("s3", "PutBucketTagging", &request, None)).await;
    setting.harvest(3).await;

    let query = FindingQuery { limit: 500, ..FindingQuery::default() };
    let found = setting.store.findings(&query).await.unwrap().items;
    let of_it = found.iter().filter(|finding| finding.scope == "arn:aws:s3:::c".into());
    let causes: Vec<_> =
        of_it.map(|finding| finding.posture.as_ref().unwrap().episodes[0].cause.certainty).collect();
    assert!(causes.len() > 3, "{causes:?}");
    assert!(causes.iter().all(|certainty| *certainty == Certainty::None), "{causes:?}");
}

#[tokio::test]
async fn a_record_that_comes_twice_has_one_effect() {
    let setting = Setting::new(true);
    setting.scan().await;
    let alerts = setting.alerts().await;
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;
    let once = setting.findings().await;
    setting.take(&record).await;
    assert_eq!(setting.findings().await, once);
    assert_eq!(setting.alerts().await, alerts + setting.provisional().await.len());
}

#[tokio::test]
async fn a_call_that_is_told_after_a_later_one_predicts_nothing() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let opens = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.pass(5);
    setting.take(&setting.record("ec2", "RevokeSecurityGroupIngress", &asks_for_ssh(), None)).await;
    setting.take(&opens).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
}

#[tokio::test]
async fn calls_of_many_services_are_foretold() {
    let trail = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t");
    for (source, name, request, wanted) in [
        (
            "s3",
            "PutBucketVersioning",
            json!({"bucketName": "b", "VersioningConfiguration": {"xmlns": "x", "Status": "Suspended"}}),
            "s3-bucket-versioning-off",
        ),
        (
            "rds",
            "ModifyDBInstance",
            json!({"dBInstanceIdentifier": "db", "publiclyAccessible": true}),
            "rds-instance-public",
        ),
        ("cloudtrail", "StopLogging", json!({ "name": trail }), "cloudtrail-account-no-multi-region-trail"),
    ] {
        let setting = Setting::new(true);
        setting.scan().await;
        setting.pass(60);
        setting.take(&setting.record(source, name, &request, None)).await;
        let provisional = setting.provisional().await;
        assert!(provisional.iter().any(|rule| rule == wanted), "{name}: {provisional:?}");
    }
}

#[tokio::test]
async fn what_it_costs_to_predict() {
    let mut took = Vec::new();
    for predicts in [false, true] {
        let setting = Setting::new(predicts);
        setting.scan().await;
        let mut each = Vec::new();
        for _ in 0..100 {
            setting.pass(60);
            setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[])]}));
            setting.scan().await;
            setting.pass(10);
            let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
            let began = Instant::now();
            setting.take(&record).await;
            each.push(began.elapsed());
        }
        each.sort();
        took.push((each[49], each[94]));
    }
    println!("a record without prediction: median {:?}, 95 of 100 within {:?}", took[0].0, took[0].1);
    println!("a record with prediction: median {:?}, 95 of 100 within {:?}", took[1].0, took[1].1);
    assert!(took[1].0 < Duration::from_millis(500), "{took:?}");
}
