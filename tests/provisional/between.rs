//! Which call turned a verdict, where several came between two looks: the right one, or each that may have.

use model::{Cause, Untrusted};
use serde_json::{Value, json};

use crate::setting::{Setting, group};

const ANY: &str = "ec2-security-group-high-risk-port-open";
const OPEN: &str = "AuthorizeSecurityGroupIngress";
const CLOSE: &str = "RevokeSecurityGroupIngress";

fn asks(port: u16) -> Value {
    json!({"groupId": "sg-00000001", "ipPermissions": {"items": [
        {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}},
    ]}})
}

/// An account whose group lets everybody reach these ports.
fn shows(setting: &Setting, ports: &[u16]) {
    let open = |port: &u16| json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []});
    let permissions: Vec<Value> = ports.iter().map(open).collect();
    setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&permissions)]}));
}

async fn known(ports: &[u16]) -> Setting {
    let setting = Setting::new(false);
    shows(&setting, ports);
    setting.scan().await;
    setting.pass(600);
    setting
}

/// The record of a call that is made `seconds` after the last one.
fn call(setting: &Setting, seconds: u64, name: &str, request: &Value, answer: &Value) -> String {
    setting.pass(seconds);
    let mut record: Value = serde_json::from_str(&setting.record("ec2", name, request, None)).unwrap();
    record["responseElements"] = answer.clone();
    record.to_string()
}

fn id(record: &str) -> Untrusted {
    let record: Value = serde_json::from_str(record).unwrap();
    Untrusted::new(record["eventID"].as_str().unwrap())
}

async fn told(setting: &Setting, records: &[&String]) {
    for record in records {
        setting.take(record).await;
    }
    setting.harvest(400).await;
}

async fn opening(setting: &Setting, rule: &str) -> Cause {
    let posture = setting.findings().await[rule].posture.clone().unwrap();
    posture.episodes.last().unwrap().cause.clone()
}

async fn ending(setting: &Setting, rule: &str) -> Cause {
    let posture = setting.findings().await[rule].posture.clone().unwrap();
    posture.episodes.last().unwrap().fix.clone().unwrap()
}

/// It names the call, and so no other one for sure.
fn names(cause: &Cause, record: &str) {
    assert!(cause.exact().is_none_or(|culprit| culprit.event_id == id(record)), "{cause:?}");
    assert!(cause.calls.iter().any(|call| call.event_id == id(record)), "{cause:?}");
}

#[tokio::test]
async fn what_was_opened_and_closed_after_another_one_was_closed_counts() {
    for late in [false, true] {
        let setting = known(&[3389]).await;
        let first = call(&setting, 1, CLOSE, &asks(3389), &Value::Null);
        let second = call(&setting, 17, OPEN, &asks(22), &Value::Null);
        let flat = json!({"groupId": "sg-00000001", "ipPermissions": {}, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"});
        let last = call(&setting, 200, CLOSE, &flat, &Value::Null);
        setting.pass(300);
        shows(&setting, &[]);
        if late {
            told(&setting, &[&first]).await;
            told(&setting, &[&last, &second]).await;
        } else {
            told(&setting, &[&first, &second, &last]).await;
        }
        names(&ending(&setting, ANY).await, &last);
    }
}

#[tokio::test]
async fn of_ranges_that_look_alike_in_nothing_the_last_one_counts() {
    let setting = known(&[3389]).await;
    let first = call(&setting, 1, CLOSE, &asks(3389), &Value::Null);
    let all = json!({"groupId": "sg-00000001", "ipPermissions": {"items": [
        {"ipProtocol": "-1", "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}},
    ]}});
    let second = call(&setting, 17, OPEN, &all, &Value::Null);
    let last = call(&setting, 17, CLOSE, &all, &Value::Null);
    setting.pass(3);
    shows(&setting, &[]);
    told(&setting, &[&first, &second, &last]).await;
    names(&ending(&setting, ANY).await, &last);
}

#[tokio::test]
async fn what_was_made_anew_right_after_a_look_did_not_make_what_the_look_saw() {
    let setting = known(&[]).await;
    let open = call(&setting, 1, OPEN, &asks(22), &Value::Null);
    setting.pass(4);
    shows(&setting, &[22]);
    setting.scan().await;
    let this = json!({"groupId": "sg-00000001"});
    let end = call(&setting, 3, "DeleteSecurityGroup", &this, &Value::Null);
    let request = json!({"groupName": "g", "groupDescription": "d", "vpcId": "vpc-1"});
    let made = call(&setting, 0, "CreateSecurityGroup", &request, &this);
    told(&setting, &[&open, &end, &made]).await;
    names(&opening(&setting, ANY).await, &open);
}

#[tokio::test]
async fn what_a_late_record_explains_is_taken_from_nobody_else() {
    let setting = known(&[]).await;
    let open = call(&setting, 1, OPEN, &asks(3389), &Value::Null);
    let close = call(&setting, 86, CLOSE, &asks(3389), &Value::Null);
    let other = call(&setting, 2, OPEN, &asks(443), &Value::Null);
    let closed = call(&setting, 0, CLOSE, &asks(443), &Value::Null);
    setting.pass(4);
    // The look lags behind, and the first records are late.
    shows(&setting, &[3389]);
    for record in [&other, &closed] {
        setting.take(record).await;
    }
    setting.harvest(3).await;
    shows(&setting, &[]);
    setting.pass(12);
    setting.harvest(400).await;
    told(&setting, &[&close]).await;
    told(&setting, &[&open]).await;
    assert_eq!(opening(&setting, ANY).await.calls[0].event_id, id(&open));
    names(&ending(&setting, ANY).await, &close);
}
