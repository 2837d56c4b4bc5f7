//! The law of holes: what a fact says while a member is hidden, it says whatever the member turns out to be.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::RESOURCE_FACTS;
use super::laws::{derived, hole};

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:t";

/// What members may hold, so that each fact has much to say. No policy denies: of what a known policy allows, a
/// hidden one may deny a part, and a fact says that it is allowed all the same.
fn choices() -> Vec<(&'static str, Vec<Value>)> {
    let policy = |action: &str| json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let inline = |action: &str| json!([{"PolicyDocument": policy(action)}]);
    let open = |cidr: &str| json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": cidr}]}]);
    let table =
        |gateway: &str| json!([{"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}]}]);
    let acl = |action: &str| json!([{"Egress": false, "RuleNumber": 1, "RuleAction": action, "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}]);
    let shared = json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": ["*", "444455556666"]}, "Action": "s3:*", "Resource": "*"}});
    let filter = |name: &str, metric: &str| json!({"filterName": name, "logGroupName": "g", "metricTransformations": [{"metricName": metric}]});
    let alarm = |metric: &str, topic: &str| json!({"AlarmArn": format!("a-{metric}"), "MetricName": metric, "AlarmActions": [topic]});
    vec![
        ("$resource", vec![json!({"account": "111122223333"}), json!({"account": "444455556666"})]),
        ("Tags", vec![json!([{"Key": "a", "Value": "b"}]), json!({"a": "c"})]),
        ("Policy", vec![shared.clone(), policy("s3:*")]),
        ("AssumeRolePolicyDocument", vec![shared, json!("")]),
        ("UserPolicyList", vec![inline("*"), inline("iam:PassRole")]),
        ("GroupPolicyList", vec![inline("s3:*"), inline("ec2:RunInstances")]),
        (
            "AttachedPolicies",
            vec![json!([{"PolicyVersionList": [{"Document": policy("sts:*")}]}]), json!([])],
        ),
        ("IpPermissions", vec![open("0.0.0.0/0"), json!([])]),
        ("IpPermissionsEgress", vec![open("10.0.0.0/8"), json!([])]),
        ("Entries", vec![acl("allow"), acl("deny")]),
        ("State", vec![json!({"Name": "stopped"}), json!({"Name": "running"})]),
        (
            "StateTransitionReason",
            vec![json!("User initiated (2026-01-02 03:04:05 GMT)"), json!("User initiated")],
        ),
        ("PublicIpAddress", vec![json!("203.0.113.7"), json!("")]),
        ("PubliclyAccessible", vec![json!(true), json!(false)]),
        (
            "Groups",
            vec![
                json!([{"IpPermissions": open("0.0.0.0/0")}]),
                json!([{"IpPermissions": open("10.0.0.0/8")}]),
            ],
        ),
        ("RouteTables", vec![table("igw-1"), table("vgw-1"), json!([])]),
        (
            "Trails",
            vec![
                json!([{"TrailARN": TRAIL, "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*"}]),
                json!([{"TrailARN": TRAIL}]),
            ],
        ),
        (
            "TrailStatuses",
            vec![json!([{"Of": TRAIL, "IsLogging": true}]), json!([{"Of": TRAIL, "IsLogging": false}])],
        ),
        (
            "TrailSelectors",
            vec![json!([{"Of": TRAIL, "EventSelectors": [{"ReadWriteType": "All"}]}]), json!([])],
        ),
        ("MetricFilters", vec![json!([filter("f", "m"), filter("g", "n")]), json!([])]),
        ("Alarms", vec![json!([alarm("m", TOPIC), alarm("n", TOPIC)]), json!([alarm("m", "")])]),
        (
            "Subscriptions",
            vec![json!([{"TopicArn": TOPIC, "SubscriptionArn": format!("{TOPIC}:1")}]), json!([])],
        ),
    ]
}

/// Whether what was `said` with something hidden holds of what is `seen` without.
fn holds(said: &Value, seen: &Value) -> bool {
    match (said, seen) {
        _ if said == &hole() => true,
        (Value::Object(said), Value::Object(seen)) => {
            said.len() == seen.len()
                && said.iter().all(|(key, said)| seen.get(key).is_some_and(|seen| holds(said, seen)))
        }
        (Value::Array(said), Value::Array(seen)) => {
            said.iter().all(|said| said == &hole() || seen.iter().any(|seen| holds(said, seen)))
                && seen.iter().all(|seen| said.iter().any(|said| holds(said, seen)))
        }
        _ => said == seen,
    }
}

/// A choice for each member, the last of which is to leave it out.
fn chosen() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(0_usize..4, choices().len()).prop_map(|picks| {
        let choices = choices().into_iter().zip(picks);
        choices
            .filter_map(|((name, values), pick)| Some((name.to_owned(), values.get(pick)?.clone())))
            .collect()
    })
}

proptest! {
    #[test]
    fn what_is_said_with_a_hole_holds_without(document in chosen(), hidden in prop::sample::select(choices())) {
        let (name, values) = hidden;
        let with = |value: &Value| {
            let mut document = document.clone();
            document.insert(name.to_owned(), value.clone());
            Value::from(document)
        };
        for fact in RESOURCE_FACTS {
            let said = derived(fact, &with(&hole()));
            for value in values.iter().chain([&Value::Null]) {
                let seen = derived(fact, &with(value));
                prop_assert!(holds(&said, &seen), "{} with {name} hidden: {said:#}\nwith {value}: {seen:#}", fact.name);
            }
        }
    }
}
