//! What holds for every fact about a resource; and how the tests of one derive it.

use model::json::{Document, Writer};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{RESOURCE_FACTS, ResourceFact, resource_fact};

/// What `fact` says of `document`.
pub(crate) fn derived(fact: &ResourceFact, document: &Value) -> Value {
    let document = Document::parse(document.to_string()).unwrap();
    let mut out = Writer::default();
    (fact.derive)(document.root(), &mut out);
    serde_json::from_str(out.json()).unwrap_or_else(|error| panic!("{}: {error}: {}", fact.name, out.json()))
}

/// Asserts that the fact of each document has every part of what is wanted.
#[track_caller]
pub(crate) fn assert_cases(fact: &ResourceFact, cases: &[(Value, Value)]) {
    for (document, wanted) in cases {
        let seen = derived(fact, document);
        assert!(has(&seen, wanted), "{document:#}\nwanted {wanted:#}\nseen {seen:#}");
    }
}

/// Whether `seen` has every member that `wanted` has, and lists of the same length.
fn has(seen: &Value, wanted: &Value) -> bool {
    match (seen, wanted) {
        (Value::Object(seen), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| seen.get(key).is_some_and(|seen| has(seen, wanted)))
        }
        (Value::Array(seen), Value::Array(wanted)) => {
            seen.len() == wanted.len() && seen.iter().zip(wanted).all(|(seen, wanted)| has(seen, wanted))
        }
        _ => seen == wanted,
    }
}

/// A hole, as a scan writes it.
pub(crate) fn hole() -> Value {
    json!({"$unavailable": "Denied", "call": "x:Y"})
}

/// Names that facts look for beneath the outer members.
const NAMES: &[&str] = &[
    "$unavailable",
    "AWS",
    "Action",
    "ActionsEnabled",
    "AdvancedEventSelectors",
    "AlarmActions",
    "AlarmArn",
    "Association",
    "Bool",
    "CidrBlock",
    "CidrIp",
    "CloudWatchLogsLogGroupArn",
    "Condition",
    "DestinationCidrBlock",
    "Document",
    "Effect",
    "EventSelectors",
    "FieldSelectors",
    "FromPort",
    "GatewayId",
    "IpPermissions",
    "IpProtocol",
    "IpRanges",
    "Key",
    "MetricName",
    "NotAction",
    "Of",
    "PolicyDocument",
    "PolicyVersionList",
    "PortRange",
    "Principal",
    "Protocol",
    "PublicIp",
    "Resource",
    "Routes",
    "RuleAction",
    "RuleNumber",
    "Service",
    "Statement",
    "TagList",
    "ToPort",
    "TopicArn",
    "TrailARN",
    "Value",
    "account",
    "arn",
    "aws:SecureTransport",
    "logGroupName",
    "metricName",
    "metricTransformations",
];

/// Texts that facts look for, with some that are nearly right.
const TEXTS: &[&str] = &[
    "",
    "*",
    "-1",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "::/0",
    "6",
    "22",
    "999999999999999999999",
    "é",
    "arn:",
    "111122223333",
    "444455556666",
    "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
    "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:sns:eu-west-1:111122223333:t",
    "Allow",
    "Deny",
    "deny",
    "enabled",
    "false",
    "g",
    "iam:*",
    "igw-1",
    "internet-facing",
    "m",
    "s3:*",
    "tcp",
    "true",
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
    "%7B%22Statement%22",
];

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![8 => prop::sample::select(TEXTS).prop_map(String::from), 1 => ".{0,8}"];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Into::into),
        1 => any::<i16>().prop_map(Into::into),
        6 => text.prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::vec((prop::sample::select(NAMES), inner), 0..7)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

/// The members that some fact reads.
fn read_names() -> Vec<&'static str> {
    let mut names: Vec<_> = RESOURCE_FACTS.iter().flat_map(|fact| fact.reads).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A document whose outer members have the right names.
fn document() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((prop::sample::select(read_names()), value()), 0..8)
        .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[test]
fn every_fact_has_its_own_name_and_is_found_by_it() {
    for fact in RESOURCE_FACTS {
        assert!(std::ptr::eq(resource_fact(fact.name).unwrap(), *fact), "{}", fact.name);
        assert!(fact.about.ends_with('.') && !fact.reads.is_empty(), "{}", fact.name);
    }
    assert!(resource_fact("nothing").is_none());
}

#[test]
fn an_empty_document_says_nothing_but_says_it() {
    for document in [json!({}), json!(null), json!([]), json!("text"), json!(1)] {
        for fact in RESOURCE_FACTS {
            derived(fact, &document);
        }
    }
}

/// A fact of which all that it reads is hidden is hidden too, or each of its parts is.
#[test]
fn where_nothing_is_seen_nothing_is_said() {
    fn is_hidden(value: &Value) -> bool {
        value == &hole() || value.as_object().is_some_and(|members| members.values().all(is_hidden))
    }
    for fact in RESOURCE_FACTS {
        let document: Value = fact.reads.iter().map(|name| ((*name).to_owned(), hole())).collect();
        let seen = derived(fact, &document);
        assert!(is_hidden(&seen), "{}: {seen:#}", fact.name);
    }
}

proptest! {
    #[test]
    fn any_json_gives_json(value in value(), document in document()) {
        let document = Value::from(document);
        for fact in RESOURCE_FACTS {
            derived(fact, &value);
            derived(fact, &document);
        }
    }

    /// A fact reads nothing but what it says that it reads.
    #[test]
    fn facts_read_what_they_declare(document in document()) {
        for fact in RESOURCE_FACTS {
            let mut declared = document.clone();
            declared.retain(|name, _| fact.reads.contains(&name.as_str()));
            let (declared, document) = (Value::from(declared), Value::from(document.clone()));
            prop_assert_eq!(derived(fact, &declared), derived(fact, &document), "{}", fact.name);
        }
    }
}
