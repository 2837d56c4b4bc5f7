//! What holds for any record.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ACCOUNT, MAPPING, ROWS, mapped, mapped_with};
use model::Event;
use model::json::Document;
use trailpost_engine::mapping::{Affected, Mapped, Unmapped};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            ".*",
            "arn:aws:[a-z0-9]{0,6}:[a-z0-9-]{0,9}:[0-9]{0,12}:[a-zA-Z/:*-]{0,12}",
            "(i|sg|vpc)-[0-9a-f]{8}",
            "[éß/:*{}-]{0,8}",
        ]
        .prop_map(Value::from),
    ];
    let keys = "items|item|member|content|XRequest|groupId|instanceId|instancesSet|resourceName|bucketName|userName|\
        functionName|keyId|resourceARNList|typeName|identifier|engine|[a-z]{1,3}";
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_record() -> impl Strategy<Value = Value> {
    let calls = prop::sample::select(vec![
        ("ec2", "CreateTags"),
        ("ec2", "RunInstances"),
        ("ec2", "DeleteFlowLogs"),
        ("iam", "UpdateUser"),
        ("s3", "CreateBucket"),
        ("lambda", "DeleteFunction20150331"),
        ("kms", "PutKeyPolicy"),
        ("rds", "AddTagsToResource"),
        ("tagging", "TagResources"),
        ("cloudcontrolapi", "DeleteResource"),
        ("events", "PutRule"),
        ("sqs", "DeleteQueue"),
        ("apigateway", "CreateStage"),
        ("elasticloadbalancing", "AddTags"),
        ("x", "Unheard"),
    ]);
    (calls, any_json(), any_json(), any_json()).prop_map(|((source, name), request, response, resources)| {
        json!({
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
            "recipientAccountId": ACCOUNT, "readOnly": false, "requestParameters": request, "responseElements": response,
            "resources": resources,
        })
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(record in any_json()) {
        let _ = mapped(&record);
    }

    #[test]
    fn records_name_each_resource_once_and_always_alike(record in any_record()) {
        let know_all = |text: &str| Some(("aws.s3.bucket".to_owned(), text.to_owned()));
        let first = mapped_with(&record, &know_all);
        prop_assert_eq!(&first, &mapped_with(&record, &know_all));
        let mut keys: Vec<_> = first.affected().iter().map(|one| (&one.resource_type, &one.account, &one.region, &one.which)).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), all);
    }

    #[test]
    fn lists_may_be_shuffled_and_hold_an_item_twice(ids in prop::collection::vec("[a-z]{1,2}", 1..8)) {
        let record = |ids: &[String]| json!({
            "eventSource": "monitoring.amazonaws.com", "eventName": "DeleteAlarms", "awsRegion": "eu-west-1",
            "recipientAccountId": ACCOUNT, "readOnly": false, "requestParameters": {"alarmNames": ids},
        });
        let mut turned: Vec<String> = ids.iter().rev().cloned().collect();
        turned.extend(ids.first().cloned());
        prop_assert_eq!(mapped(&record(&ids)), mapped(&record(&turned)));
    }

    #[test]
    fn counts_do_not_depend_on_the_order(names in prop::collection::vec("[A-C][a-c]", 0..30)) {
        let count = |names: &mut dyn Iterator<Item = &String>| {
            let mut counted = Unmapped::default();
            for name in names {
                let record = json!({"eventSource": "x.amazonaws.com", "eventName": name}).to_string();
                counted.add(Event::new(Document::parse(record).unwrap().root()));
            }
            counted
        };
        let forth = count(&mut names.iter());
        prop_assert_eq!(&forth, &count(&mut names.iter().rev()));
        let (front, back) = names.split_at(names.len() / 2);
        let mut joined = count(&mut front.iter());
        joined.extend(&count(&mut back.iter()));
        prop_assert_eq!(&forth, &joined);
        prop_assert_eq!(forth.iter().map(|(_, _, count)| count).sum::<u64>(), names.len() as u64);
    }
}

#[test]
fn every_entry_that_was_derived_is_read() {
    let derived = catalog::derived_changes();
    let calls: usize = derived.values().flatten().map(|change| change.events.len()).sum();
    println!("{calls} calls of {} types were derived", derived.len());
    assert!(calls > 200);
    for (name, changes) in &derived {
        let row = ROWS.iter().find(|row| row.name == *name).unwrap();
        assert!(!changes.is_empty(), "{name}");
        for change in changes {
            let source = change.source.as_deref().unwrap_or_else(|| row.event_source());
            assert!(change.events.iter().all(|event| MAPPING.knows(source, event)), "{name} {change:?}");
        }
    }
}

#[test]
fn an_unknown_call_is_matched_or_unmapped() {
    let record = json!({
        "eventSource": "new.amazonaws.com", "eventName": "ReshapeThing", "awsRegion": "eu-west-1", "recipientAccountId": ACCOUNT,
        "readOnly": false, "requestParameters": {"deep": [{"target": "arn:aws:sns:eu-central-1:444455556666:t"}], "sg": "sg-0a1b2c3d"},
    });
    assert_eq!(mapped(&record), Mapped::Unmapped);
    let known = |text: &str| match text {
        "arn:aws:sns:eu-central-1:444455556666:t" => Some(("aws.sns.topic".to_owned(), text.to_owned())),
        "sg-0a1b2c3d" => Some(("aws.ec2.security_group".to_owned(), text.to_owned())),
        _ => None,
    };
    let found = mapped_with(&record, &known);
    let place = |one: &Affected| (one.resource_type.clone(), one.account.clone(), one.region.clone());
    let places: Vec<_> = found.affected().iter().map(place).collect();
    let is =
        |kind: &str, account: &str, region: &str| (kind.to_owned(), account.to_owned(), region.to_owned());
    assert_eq!(
        places,
        [
            is("aws.ec2.security_group", ACCOUNT, "eu-west-1"),
            is("aws.sns.topic", "444455556666", "eu-central-1")
        ]
    );
}
