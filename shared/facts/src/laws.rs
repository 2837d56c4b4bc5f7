//! What holds for every fact; and how the tests of one derive it.

use model::Event;
use model::json::{Document, Writer};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{ACTOR, EVENT_FACTS, Fact, event_fact, is_automated};

/// What `fact` says of `record`.
pub(crate) fn derived(fact: &Fact, record: &Value) -> Value {
    let document = Document::parse(record.to_string()).unwrap();
    let mut out = Writer::default();
    (fact.derive)(Event::new(document.root()), &mut out);
    serde_json::from_str(out.json()).unwrap_or_else(|error| panic!("{}: {error}: {}", fact.name, out.json()))
}

/// Asserts that `seen` has every member of `wanted`.
#[track_caller]
pub(crate) fn assert_parts(seen: &Value, wanted: &Value, case: &Value) {
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(&seen[key], value, "{key} of {case}\n{seen:#}");
    }
}

/// Names that facts look for, so that random records reach their inner branches.
const NAMES: &[&str] = &[
    "AccessControlPolicy",
    "Action",
    "AWS",
    "Condition",
    "Effect",
    "Grant",
    "Grantee",
    "ModifySecurityGroupRulesRequest",
    "NotAction",
    "Principal",
    "Resource",
    "SecurityGroupRule",
    "Statement",
    "StringEquals",
    "URI",
    "accountId",
    "add",
    "additionalEventData",
    "arn",
    "attributes",
    "aws:SourceIp",
    "cidrBlock",
    "cidrIp",
    "createVolumePermission",
    "errorCode",
    "eventName",
    "eventSource",
    "eventType",
    "fromPort",
    "ipPermissions",
    "ipProtocol",
    "ipRanges",
    "items",
    "launchPermission",
    "policy",
    "policyDocument",
    "principal",
    "recipientAccountId",
    "requestParameters",
    "responseElements",
    "securityGroupRuleSet",
    "sessionContext",
    "sessionIssuer",
    "sourceIPAddress",
    "toPort",
    "type",
    "userAgent",
    "userIdentity",
    "userName",
    "valuesToAdd",
    "x-amz-acl",
];

/// Texts that facts look for, with some that are nearly right.
const TEXTS: &[&str] = &[
    "",
    "*",
    "-1",
    "0.0.0.0/0",
    "::/0",
    "1.2.3.4/1",
    "22",
    "999999999999999999999",
    "all",
    "tcp",
    "AKIA",
    "é",
    "arn:",
    "arn:aws:iam::123456789012:role/x",
    "123456789012",
    "123456789013",
    "Allow",
    "AssumedRole",
    "Root",
    "AWSAccount",
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "ModifySecurityGroupRules",
    "CreateNetworkAclEntry",
    "ModifySnapshotAttribute",
    "ModifyImageAttribute",
    "ModifyDBSnapshotAttribute",
    "AddPermission20150331v2",
    "CreateGrant",
    "PutBucketAcl",
    "PutBucketReplication",
    "CreateAccessKey",
    "UpdateAccountPasswordPolicy",
    "CreateVpcPeeringConnection",
    "ec2.amazonaws.com",
    "iam.amazonaws.com",
    "s3.amazonaws.com",
    "rds.amazonaws.com",
    "lambda.amazonaws.com",
    "kms.amazonaws.com",
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
    "{\"Statement\":",
    "%7B%22",
    "%",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(TEXTS).prop_map(String::from), 1 => ".{0,12}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Into::into),
        1 => any::<i64>().prop_map(Into::into),
        6 => text().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 80, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::vec((prop::sample::select(NAMES), inner), 0..7)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

/// A record whose outer members have the right names.
fn record() -> impl Strategy<Value = Value> {
    (text(), text(), text(), value(), value(), value(), value()).prop_map(
        |(name, source, account, identity, request, response, more)| {
            json!({"eventName": name, "eventSource": source, "recipientAccountId": account, "userIdentity": identity,
                "requestParameters": request, "responseElements": response, "additionalEventData": more})
        },
    )
}

#[test]
fn every_fact_has_its_own_name_and_is_found_by_it() {
    for fact in EVENT_FACTS {
        assert!(std::ptr::eq(event_fact(fact.name).unwrap(), *fact), "{}", fact.name);
        assert!(fact.about.ends_with('.') && !fact.reads.is_empty(), "{}", fact.name);
    }
    assert!(event_fact("nothing").is_none());
}

#[test]
fn an_empty_record_says_nothing_but_says_it() {
    for record in [json!({}), json!(null), json!([]), json!("text"), json!(1)] {
        for fact in EVENT_FACTS {
            derived(fact, &record);
        }
    }
}

proptest! {
    #[test]
    fn any_json_gives_json(value in value(), record in record()) {
        for fact in EVENT_FACTS {
            derived(fact, &value);
            derived(fact, &record);
        }
    }

    #[test]
    fn the_short_way_to_automation_says_what_the_fact_says(value in value(), record in record()) {
        for record in [value, record] {
            let document = Document::parse(record.to_string()).unwrap();
            let short = is_automated(Event::new(document.root()));
            prop_assert_eq!(Value::from(short), derived(&ACTOR, &record)["automated"].clone());
        }
    }

    /// A fact reads nothing but what it says that it reads.
    #[test]
    fn facts_read_what_they_declare(record in record()) {
        for fact in EVENT_FACTS {
            let mut declared = record.clone();
            declared.as_object_mut().unwrap().retain(|name, _| fact.reads.contains(&name.as_str()));
            prop_assert_eq!(derived(fact, &declared), derived(fact, &record), "{}", fact.name);
        }
    }
}
