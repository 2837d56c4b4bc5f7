//! What becomes of documents when a description fails: nothing that hangs on it is taken for absent.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use catalog::resource::{Operation, Row, read_rows};
use serde_json::{Value, json};
use trailpost_engine::collect::{Collector, Listed, Portion, Resource, Scene};
use trailpost_engine::ports::{Aws, Cause, Place, ReadError};

const ROWS: &str = "
aws.x.parent:
  list: { call: x:ListParents, items: Parents, as: Name }
  describe:
    - { call: x:DescribeParent, with: { Name: Name }, take: Parent }
    - { call: x:DescribeMore, with: { Name: Name } }
  id: Name
  arn: 'arn:{partition}:x:{region}:{account}:parent/{Name}'
  facets:
    Parts: { call: x:DescribePart, each: PartIds, with: { PartId: . } }
aws.x.child:
  list: { for: aws.x.parent, carry: [Secret.Key], call: x:ListChildren, with: { Parent: Name }, items: Children }
  id: Id
  arn: 'arn:{partition}:x:{region}:{account}:child/{Id}'
aws.x.described:
  list: { call: x:ListParents, items: Parents, as: Name }
  describe: { call: x:DescribeParent, with: { Name: Name }, take: Parent }
  id: Name
  arn: '{Arn}'
aws.x.far:
  scope: global
  list: { call: x:ListFar, items: Far, as: Name, region: us-west-2 }
  id: Name
  arn: 'arn:{partition}:x::{account}:far/{Name}'
";

/// Answers by operation; the rest is denied.
struct Answers(BTreeMap<&'static str, Value>);

#[async_trait]
impl Aws for Answers {
    async fn read(&self, place: &Place, operation: &Operation, _: &Value) -> Result<Value, ReadError> {
        if operation.name == "ListFar" {
            return Ok(json!({"Far": [place.region]}));
        }
        let denied = ReadError { cause: Cause::Denied, code: "AccessDenied".into(), message: String::new() };
        self.0.get(operation.name.as_str()).cloned().ok_or(denied)
    }
}

async fn collected(kind: &str, answers: &[(&'static str, Value)]) -> Vec<Resource> {
    let (rows, errors) = read_rows(ROWS, "x/resources.yaml");
    assert_eq!(errors, []);
    let rows: Arc<Vec<Row>> = Arc::new(rows);
    let scene = Scene {
        account: "111122223333".into(),
        partition: "aws".into(),
        home: "us-east-1".into(),
        regions: vec!["us-east-1".into()],
    };
    let aws = Answers(answers.iter().cloned().collect());
    let collector = Collector::new(Arc::new(aws), Arc::clone(&rows), scene);
    let row = rows.iter().find(|row| row.name == kind).unwrap();
    let place = Place { account: "111122223333".into(), region: "us-east-1".into() };
    let all = Portion { keep: &|_| true, limit: None };
    match collector.collect(row, &place, &BTreeSet::from(["Parts".to_owned()]), all).await {
        Listed::Resources(resources) => resources,
        other => panic!("{other:?}"),
    }
}

fn listed() -> (&'static str, Value) {
    ("ListParents", json!({"Parents": ["p"]}))
}

#[tokio::test]
async fn what_is_asked_for_each_value_of_a_failed_description_is_a_hole() {
    let parent = &collected("aws.x.parent", &[listed(), ("DescribePart", json!({"Good": true}))]).await[0];
    assert_eq!(parent.document["Parts"]["$unavailable"], "Denied");
    assert_eq!(parent.document["Parts"]["operation"], "x:DescribeParent");

    let described = ("DescribeParent", json!({"Parent": {"PartIds": []}}));
    let more = ("DescribeMore", json!({}));
    let parent = &collected("aws.x.parent", &[listed(), described, more]).await[0];
    assert_eq!(parent.document["Parts"], json!([]), "there are none, and that is known");
}

#[tokio::test]
async fn of_two_failed_descriptions_the_first_says_why() {
    let parent = &collected("aws.x.parent", &[listed()]).await[0];
    assert_eq!(parent.document["operation"], "x:DescribeParent");
    assert_eq!(parent.document["permission"], "x:DescribeParent");

    let described = ("DescribeParent", json!({"Parent": {"Arn": "a", "PartIds": ["1"]}}));
    let parent = &collected("aws.x.parent", &[listed(), described]).await[0];
    assert_eq!(parent.document["operation"], "x:DescribeMore");
    assert_eq!(parent.document["Arn"], "a");
}

#[tokio::test]
async fn children_take_over_that_a_parent_is_not_known() {
    let children = ("ListChildren", json!({"Children": [{"Id": "c"}]}));
    let child = &collected("aws.x.child", &[listed(), children.clone()]).await[0];
    assert_eq!(child.document["Key"]["$unavailable"], "Denied");

    let described = ("DescribeParent", json!({"Parent": {"Secret": {"Key": "k"}}}));
    let child = &collected("aws.x.child", &[listed(), children, described]).await[0];
    assert_eq!(child.document["Key"], "k");
}

#[tokio::test]
async fn a_resource_without_a_whole_arn_has_no_name() {
    let failed = &collected("aws.x.described", &[listed()]).await[0];
    assert_eq!(failed.nameless.as_ref().unwrap()["operation"], "x:DescribeParent");

    let silent = ("DescribeParent", json!({"Parent": {"Other": 1}}));
    let blank = &collected("aws.x.described", &[listed(), silent]).await[0];
    assert_eq!(blank.nameless.as_ref().unwrap()["code"], "NoName");

    let said = ("DescribeParent", json!({"Parent": {"Arn": "arn:aws:x:::p"}}));
    let whole = &collected("aws.x.described", &[listed(), said]).await[0];
    assert_eq!((&whole.nameless, whole.arn.as_str()), (&None, "arn:aws:x:::p"));
}

#[tokio::test]
async fn what_is_managed_in_one_region_is_asked_for_there() {
    let far = &collected("aws.x.far", &[]).await[0];
    assert_eq!(far.document["Name"], "us-west-2", "the region that was asked");
    assert_eq!(far.region, "us-east-1", "the region that it is kept under");
}

#[test]
fn nothing_is_asked_for_in_another_partition() {
    let (rows, _) = read_rows(ROWS, "x/resources.yaml");
    let far = rows.iter().find(|row| row.name == "aws.x.far").unwrap();
    for (partition, home, absent) in [("aws", "us-east-1", false), ("aws-cn", "cn-north-1", true)] {
        let scene = Scene {
            account: "111122223333".into(),
            partition: partition.into(),
            home: home.into(),
            regions: vec![home.into()],
        };
        let collector = Collector::new(Arc::new(Answers(BTreeMap::new())), Arc::new(rows.clone()), scene);
        assert_eq!(collector.is_absent(far, &collector.place(far, home)), absent, "{partition}");
    }
}
