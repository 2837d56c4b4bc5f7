//! Reading one resource: which call is made for it, and when it is there, gone, or not known.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use catalog::resource::{Listing, Operation, Row, Source, Which};
use model::Event;
use model::json::Document;
use serde_json::{Value, json};
use trailpost_engine::collect::{Collector, One, Scene};
use trailpost_engine::mapping::{Mapping, Reference, affected};
use trailpost_engine::ports::{Aws, Cause, Place, ReadError};

const ACCOUNT: &str = "111122223333";

/// Answers by operation; what it was asked for is kept.
#[derive(Default)]
struct Answers {
    answers: BTreeMap<String, Result<Value, ReadError>>,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Answers {
    fn with(mut self, operation: &str, answer: Value) -> Self {
        self.answers.insert(operation.to_owned(), Ok(answer));
        self
    }

    fn failing(mut self, operation: &str, cause: Cause, code: &str) -> Self {
        let error = ReadError { cause, code: code.to_owned(), message: String::new() };
        self.answers.insert(operation.to_owned(), Err(error));
        self
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Aws for Answers {
    async fn read(&self, _: &Place, operation: &Operation, parameters: &Value) -> Result<Value, ReadError> {
        self.asked.lock().unwrap().push((operation.to_string(), parameters.clone()));
        self.answers.get(&operation.to_string()).cloned().unwrap_or_else(|| {
            Err(ReadError { cause: Cause::Denied, code: "AccessDenied".into(), message: String::new() })
        })
    }
}

async fn one(kind: &str, key: &str, facets: &[&str], answers: Answers) -> (One, Vec<(String, Value)>) {
    let rows: Arc<Vec<Row>> = Arc::new(catalog::builtin().rows);
    let row = rows.iter().find(|row| row.name == kind).unwrap();
    let aws = Arc::new(answers);
    let scene = Scene {
        account: ACCOUNT.into(),
        partition: "aws".into(),
        home: "us-east-1".into(),
        regions: vec!["eu-west-1".into()],
    };
    let collector = Collector::new(Arc::clone(&aws) as Arc<dyn Aws>, Arc::clone(&rows), scene);
    let wanted: BTreeSet<String> = facets.iter().map(|facet| (*facet).to_owned()).collect();
    let place = collector.place(row, "eu-west-1");
    let one = collector.one(row, &place, key, &wanted).await;
    (one, aws.asked())
}

fn id(one: &One) -> &str {
    match one {
        One::Present(resource) => &resource.id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listing_is_asked_for_one_id() {
    let listed = json!({"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "g"}]});
    let (found, asked) = one(
        "aws.ec2.security_group",
        "sg-1",
        &[],
        Answers::default().with("ec2:DescribeSecurityGroups", listed),
    )
    .await;
    assert_eq!(id(&found), "sg-1");
    let [(operation, parameters)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(operation, "ec2:DescribeSecurityGroups");
    assert_eq!(parameters["GroupIds"], json!(["sg-1"]));
    assert!(parameters["Filters"].is_array(), "the listing's own parameters stay");
}

#[tokio::test]
async fn an_arn_is_as_good_as_an_id() {
    let listed = json!({"DBInstances": [{"DBInstanceIdentifier": "db", "Engine": "mysql", "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:db"}]});
    let answers = Answers::default().with("rds:DescribeDBInstances", listed);
    let (found, asked) =
        one("aws.rds.instance", "arn:aws:rds:eu-west-1:111122223333:db:db", &[], answers).await;
    assert_eq!(id(&found), "db");
    assert_eq!(asked[0].1, json!({"DBInstanceIdentifier": "db"}));
}

#[tokio::test]
async fn what_is_not_found_is_gone() {
    let answers =
        || Answers::default().failing("ec2:DescribeInstances", Cause::Failed, "InvalidInstanceID.NotFound");
    assert_eq!(one("aws.ec2.instance", "i-1", &[], answers()).await.0, One::Gone);
    let empty = Answers::default().with("ec2:DescribeInstances", json!({"Reservations": []}));
    assert_eq!(one("aws.ec2.instance", "i-1", &[], empty).await.0, One::Gone);
    let terminated =
        json!({"Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "terminated"}}]}]});
    let terminated = Answers::default().with("ec2:DescribeInstances", terminated);
    assert_eq!(one("aws.ec2.instance", "i-1", &[], terminated).await.0, One::Gone);
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_gone() {
    for (cause, code) in [
        (Cause::Denied, "UnauthorizedOperation"),
        (Cause::Throttled, "RequestLimitExceeded"),
        (Cause::Unsupported, "OptInRequired"),
        (Cause::Failed, "InternalError"),
    ] {
        let answers = Answers::default().failing("ec2:DescribeInstances", cause, code);
        let (found, _) = one("aws.ec2.instance", "i-1", &[], answers).await;
        let One::Unknown(hole) = found else { panic!("{found:?}") };
        assert_eq!(hole["$unavailable"], cause.as_str());
    }
}

#[tokio::test]
async fn an_id_may_be_enough() {
    let answers = Answers::default()
        .with("kms:DescribeKey", json!({"KeyMetadata": {"KeyId": "k-1", "KeyManager": "CUSTOMER"}}))
        .with("kms:GetKeyRotationStatus", json!({"KeyRotationEnabled": true}));
    let (found, asked) = one("aws.kms.key", "k-1", &["Rotation"], answers).await;
    let One::Present(key) = found else { panic!("{found:?}") };
    assert_eq!(key.arn, "arn:aws:kms:eu-west-1:111122223333:key/k-1");
    assert_eq!(key.document["Rotation"]["KeyRotationEnabled"], true);
    assert_eq!(asked.len(), 2, "no listing: {asked:?}");
    let gone = Answers::default().failing("kms:DescribeKey", Cause::Failed, "NotFoundException");
    assert_eq!(one("aws.kms.key", "k-1", &[], gone).await.0, One::Gone);
    let (denied, _) = one("aws.kms.key", "k-1", &[], Answers::default()).await;
    assert!(matches!(denied, One::Unknown(_)), "{denied:?}");
}

#[tokio::test]
async fn deleted_things_that_can_still_be_described_are_gone() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/c";
    for (status, is_gone) in [("INACTIVE", true), ("ACTIVE", false)] {
        let described = json!({"clusters": [{"clusterArn": arn, "clusterName": "c", "status": status}]});
        let answers = Answers::default().with("ecs:DescribeClusters", described);
        assert_eq!(one("aws.ecs.cluster", arn, &[], answers).await.0 == One::Gone, is_gone);
    }
    let missing = Answers::default().with("ecs:DescribeClusters", json!({"clusters": []}));
    assert_eq!(one("aws.ecs.cluster", arn, &[], missing).await.0, One::Gone);
}

#[tokio::test]
async fn a_whole_listing_is_searched_where_nothing_else_helps() {
    let listed = json!({"RoleDetailList": [
        {"RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/team/r"}, {"RoleName": "s", "Arn": "arn:aws:iam::111122223333:role/s"},
    ]});
    let answers = || Answers::default().with("iam:GetAccountAuthorizationDetails", listed.clone());
    assert_eq!(id(&one("aws.iam.role", "r", &[], answers()).await.0), "r");
    assert_eq!(
        id(&one("aws.iam.role", "arn:aws:iam::111122223333:role/team/r", &[], answers()).await.0),
        "r"
    );
    assert_eq!(one("aws.iam.role", "t", &[], answers()).await.0, One::Gone);
}

#[tokio::test]
async fn a_prefix_is_not_the_name() {
    let listed = json!({"Buckets": [{"Name": "b-logs", "BucketRegion": "eu-west-1"}, {"Name": "b", "BucketRegion": "eu-west-1"}]});
    let (found, asked) =
        one("aws.s3.bucket", "b", &[], Answers::default().with("s3:ListBuckets", listed.clone())).await;
    assert_eq!(id(&found), "b");
    assert_eq!(asked[0].1, json!({"MaxBuckets": 1000, "Prefix": "b"}));
    assert_eq!(
        one("aws.s3.bucket", "b-", &[], Answers::default().with("s3:ListBuckets", listed)).await.0,
        One::Gone
    );
}

#[tokio::test]
async fn a_child_is_read_without_its_parents() {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/a/0/1";
    let listed = json!({"Listeners": [{"ListenerArn": arn, "Port": 80}]});
    let (found, asked) =
        one("aws.elbv2.listener", arn, &[], Answers::default().with("elbv2:DescribeListeners", listed)).await;
    let One::Present(listener) = found else { panic!("{found:?}") };
    assert_eq!(listener.document["LoadBalancerName"], "a", "what a parent lends is told by the ARN");
    assert_eq!(asked, [("elbv2:DescribeListeners".to_owned(), json!({"ListenerArns": [arn]}))]);
}

#[tokio::test]
async fn ids_that_are_not_enough_are_no_answer() {
    let stages = json!({"item": [{"stageName": "prod"}]});
    let answers = Answers::default()
        .with(
            "apigateway:GetRestApis",
            json!({"items": [{"id": "a", "name": "a"}, {"id": "b", "name": "b"}]}),
        )
        .with("apigateway:GetStages", stages);
    let (found, _) = one("aws.apigateway.stage", "prod", &[], answers).await;
    let One::Unknown(hole) = found else { panic!("{found:?}") };
    assert_eq!(hole["code"], "Ambiguous");
}

#[tokio::test]
async fn settings_are_read_as_one() {
    let answers =
        Answers::default().with("ec2:GetEbsEncryptionByDefault", json!({"EbsEncryptionByDefault": true}));
    let (found, _) = one("aws.ec2.region_settings", "eu-west-1", &["EbsEncryptionByDefault"], answers).await;
    let One::Present(settings) = found else { panic!("{found:?}") };
    assert_eq!(settings.document["EbsEncryptionByDefault"], true);
}

#[tokio::test]
async fn what_there_is_once_is_kept_under_the_id_that_calls_on_it_have() {
    let rows: Arc<Vec<Row>> = Arc::new(catalog::builtin().rows);
    let mapping = Mapping::new(Arc::clone(&rows), &catalog::derived_changes());
    let mut seen = 0;
    for row in rows.iter().filter(|row| row.listing == Listing::Single) {
        let key = if row.id == Source::Region { "eu-west-1" } else { ACCOUNT };
        let (found, _) = one(&row.name, key, &[], Answers::default()).await;
        let One::Present(resource) = found else { panic!("{}: {found:?}", row.name) };
        for change in row.changed_by.iter().filter(|change| change.which == Which::Own) {
            for event in change.events.iter().filter(|_| change.when.is_empty() && change.unless.is_empty()) {
                let source = change.source.as_deref().unwrap_or(row.event_source());
                let record = json!({
                    "eventSource": source, "eventName": event, "awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT,
                    "eventType": "AwsApiCall", "eventCategory": "Management", "readOnly": false,
                });
                let document = Document::parse(record.to_string()).unwrap();
                let mapped = affected(&mapping, Event::new(document.root()), &|_: &str| None);
                let on_it: Vec<_> =
                    mapped.affected().iter().filter(|affected| affected.resource_type == row.name).collect();
                let [only] = on_it.as_slice() else { panic!("{event} on {}: {mapped:?}", row.name) };
                assert_eq!(only.which, Reference::Id(resource.id.clone()), "{event} on {}", row.name);
                assert_eq!(
                    (&only.account, &only.region),
                    (&resource.account, &resource.region),
                    "{event} on {}",
                    row.name
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}
