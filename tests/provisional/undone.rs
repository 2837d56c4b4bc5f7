//! What is opened and closed before anybody looks: it ended by the closing call, if records say so.

use model::{Certainty, Episode, Resolution, Status, Untrusted};
use serde_json::{Value, json};

use crate::setting::{Setting, asks_for_ssh, group, open_ssh};

const RULE: &str = "ec2-security-group-ssh-open";
const OPEN: &str = "AuthorizeSecurityGroupIngress";
const CLOSE: &str = "RevokeSecurityGroupIngress";

fn with_answer(record: &str, answer: &Value) -> String {
    let mut record: Value = serde_json::from_str(record).unwrap();
    record["responseElements"] = answer.clone();
    record.to_string()
}

fn event_id(record: &str) -> Untrusted {
    let record: Value = serde_json::from_str(record).unwrap();
    Untrusted::new(record["eventID"].as_str().unwrap())
}

/// What EC2 answers to the call that opens.
fn gives_an_id() -> Value {
    json!({"_return": true, "securityGroupRuleSet": {"items": [{
        "groupOwnerId": "111122223333", "groupId": "sg-00000001", "securityGroupRuleId": "sgr-0a1b2c3d4e5f60718",
        "description": "for a moment", "isEgress": false, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
        "cidrIpv4": "0.0.0.0/0",
    }]}})
}

fn by_id(id: &str) -> Value {
    json!({"groupId": "sg-00000001", "ipPermissions": {}, "securityGroupRuleIds": {"items": [{"securityGroupRuleId": id}]}})
}

/// An account in which SSH has been opened, on the word of a record; the record.
async fn opened() -> (Setting, String) {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let record = with_answer(&setting.record("ec2", OPEN, &asks_for_ssh(), None), &gives_an_id());
    setting.take(&record).await;
    assert!(setting.provisional().await.iter().any(|rule| rule == RULE));
    (setting, record)
}

async fn end_of(setting: &Setting) -> (Status, Option<Resolution>, Episode) {
    let finding = setting.findings().await[RULE].clone();
    let posture = finding.posture.unwrap();
    assert_eq!(posture.episodes.len(), 1);
    (finding.status, posture.resolution, posture.episodes[0].clone())
}

/// The closing call, made `seconds` after the opening one.
async fn closed(setting: &Setting, seconds: u64, name: &str, request: &Value, answer: &Value) -> String {
    setting.pass(seconds);
    let record = with_answer(&setting.record("ec2", name, request, None), answer);
    setting.take(&record).await;
    record
}

#[tokio::test]
async fn it_ends_with_the_closing_call_in_any_form() {
    let reordered = json!({"groupId": "sg-00000001", "ipPermissions": {"items": [
        {"ipRanges": {"items": [{"cidrIp": "192.0.2.0/24"}]}, "toPort": 443, "fromPort": 443, "ipProtocol": "tcp"},
        {"ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}, {"cidrIp": "0.0.0.0/0", "description": "x"}]}, "toPort": 22, "fromPort": 22, "ipProtocol": "tcp"},
    ]}});
    let flat = json!({"groupId": "sg-00000001", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0", "ipPermissions": {}});
    let revoked = json!({"_return": true, "revokedSecurityGroupRuleSet": {"items": [{
        "securityGroupRuleId": "sgr-of-nobody", "groupId": "sg-00000001", "isEgress": false, "ipProtocol": "tcp",
        "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"}]}});
    for (request, answer) in [
        (asks_for_ssh(), Value::Null),
        (reordered, Value::Null),
        (flat, Value::Null),
        (by_id("sgr-0a1b2c3d4e5f60718"), Value::Null),
        (by_id("sgr-of-nobody"), revoked),
    ] {
        let (setting, _) = opened().await;
        let (alerts, told) = (setting.alerts().await, setting.provisional().await.len());
        let closing = closed(&setting, 7, CLOSE, &request, &answer).await;
        setting.harvest(29).await;

        let (status, resolution, episode) = end_of(&setting).await;
        assert_eq!((status, resolution), (Status::Resolved, Some(Resolution::Clean)), "{request}");
        let fix = episode.fix.clone().unwrap();
        assert_eq!(fix.certainty, Certainty::Exact, "{request}");
        assert_eq!(fix.calls[0].event_id, event_id(&closing));
        assert!(!fix.patch.is_empty(), "what was taken away is told");
        assert_eq!(episode.exposure().unwrap().as_secs(), 7, "from call to call");
        assert!(!episode.is_withdrawn());
        assert_eq!(setting.alerts().await, alerts + told, "who heard of it hears that it is over");
    }
}

#[tokio::test]
async fn a_call_that_closes_something_else_ended_nothing() {
    let other = |port: u16, range: &str| json!({"groupId": "sg-00000001", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": range}]}}]}});
    for (name, request) in [
        (CLOSE, other(443, "0.0.0.0/0")),
        (CLOSE, other(22, "10.0.0.0/8")),
        (CLOSE, by_id("sgr-of-nobody")),
        ("RevokeSecurityGroupEgress", asks_for_ssh()),
        ("ModifySecurityGroupRules", json!({"groupId": "sg-00000001"})),
    ] {
        let (setting, _) = opened().await;
        closed(&setting, 1, name, &request, &Value::Null).await;
        setting.harvest(300).await;

        let (status, resolution, episode) = end_of(&setting).await;
        assert_eq!((status, resolution), (Status::Resolved, Some(Resolution::Withdrawn)), "{name} {request}");
        assert!(episode.is_withdrawn() && episode.fix.is_none(), "{name} {request}");
    }
}

#[tokio::test]
async fn a_refused_closing_call_ended_nothing() {
    let (setting, _) = opened().await;
    setting.pass(1);
    let error = Some("Client.UnauthorizedOperation");
    setting.take(&setting.record("ec2", CLOSE, &asks_for_ssh(), error)).await;
    setting.harvest(300).await;
    assert_eq!(end_of(&setting).await.1, Some(Resolution::Withdrawn));
}

#[tokio::test]
async fn what_is_closed_and_opened_again_is_open() {
    let (setting, _) = opened().await;
    closed(&setting, 2, CLOSE, &asks_for_ssh(), &Value::Null).await;
    setting.pass(2);
    setting.take(&setting.record("ec2", OPEN, &asks_for_ssh(), None)).await;
    // The first read shows neither.
    setting.harvest(3).await;
    assert_eq!(end_of(&setting).await.0, Status::Open);
    setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[open_ssh()])]}));
    setting.harvest(300).await;
    let (status, resolution, episode) = end_of(&setting).await;
    assert_eq!((status, resolution, episode.provisional), (Status::Open, None, false));
}

#[tokio::test]
async fn of_two_closing_calls_of_one_second_either_may_have_ended_it() {
    let (setting, _) = opened().await;
    let first = closed(&setting, 5, CLOSE, &asks_for_ssh(), &Value::Null).await;
    let mut second: Value = serde_json::from_str(&first).unwrap();
    second["eventID"] = "e-other".into();
    setting.take(&second.to_string()).await;
    setting.harvest(29).await;
    let (_, resolution, episode) = end_of(&setting).await;
    let fix = episode.fix.unwrap();
    assert_eq!(
        (resolution, fix.certainty, fix.calls.len()),
        (Some(Resolution::Clean), Certainty::Several, 2)
    );
}

#[tokio::test]
async fn opened_and_closed_within_one_second_a_late_read_decides() {
    let (setting, _) = opened().await;
    closed(&setting, 0, CLOSE, &asks_for_ssh(), &Value::Null).await;
    setting.harvest(3).await;
    assert_eq!(end_of(&setting).await.0, Status::Open, "it may have been opened after it was closed");
    setting.harvest(300).await;
    let (_, resolution, episode) = end_of(&setting).await;
    assert_eq!((resolution, episode.exposure().unwrap().as_secs()), (Some(Resolution::Clean), 0));
}

#[tokio::test]
async fn a_closing_call_that_is_told_late_takes_back_that_it_was_withdrawn() {
    let (setting, _) = opened().await;
    setting.pass(9);
    let closing = setting.record("ec2", CLOSE, &asks_for_ssh(), None);
    setting.harvest(300).await;
    assert_eq!(end_of(&setting).await.1, Some(Resolution::Withdrawn));

    setting.take(&closing).await;
    setting.harvest(30).await;

    let (status, resolution, episode) = end_of(&setting).await;
    assert_eq!((status, resolution), (Status::Resolved, Some(Resolution::Clean)));
    assert_eq!(episode.fix.clone().unwrap().calls[0].event_id, event_id(&closing));
    assert_eq!(episode.exposure().unwrap().as_secs(), 9);
}

#[tokio::test]
async fn a_setting_that_is_put_back_ends_it_too() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let versioning = |status: &str| json!({"bucketName": "b", "VersioningConfiguration": {"Status": status}});
    setting.take(&setting.record("s3", "PutBucketVersioning", &versioning("Suspended"), None)).await;
    setting.pass(4);
    let closing = setting.record("s3", "PutBucketVersioning", &versioning("Enabled"), None);
    setting.take(&closing).await;
    setting.harvest(29).await;
    let finding = setting.findings().await["s3-bucket-versioning-off"].clone();
    let posture = finding.posture.unwrap();
    let episode = posture.episode().unwrap();
    assert_eq!(posture.resolution, Some(Resolution::Clean));
    assert_eq!(episode.fix.clone().unwrap().exact().unwrap().event_id, event_id(&closing));
    assert_eq!(episode.exposure().unwrap().as_secs(), 4);
}
