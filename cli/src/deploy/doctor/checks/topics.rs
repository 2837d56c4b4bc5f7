//! The topics, who hears of them, and their key.

use serde_json::{Value, json};

use super::super::answers::Hole;
use super::super::check::{Check, Verdict};
use super::super::look::{Look, Resource, at, list, text};
use super::MAKE_AGAIN;

const TOPIC: &str = "AWS::SNS::Topic";
const KEY: &str = "AWS::KMS::Key";

pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "topic-missing",
        title: "every topic is there",
        fix: MAKE_AGAIN,
        judge: |look| {
            look.each(TOPIC, |topic| match attributes(look, topic) {
                Err(Hole::Absent) => Ok(Some("does not exist".into())),
                found => found.map(|_| None),
            })
        },
    },
    Check {
        id: "subscription-unconfirmed",
        title: "somebody confirmed the mails of AWS, and hears of alerts and of Trailpost's own alarms",
        fix: "open the mail \"AWS Notification - Subscription Confirmation\" and confirm; if it is gone, delete the subscription and subscribe again",
        judge: |look| {
            look.each(TOPIC, |topic| {
                if !matches!(topic.logical, "AlertsText" | "OpsAlarms") {
                    return Err(Hole::Absent);
                }
                attributes(look, topic)?;
                let answer =
                    look.read("sns:ListSubscriptionsByTopic", &json!({ "TopicArn": topic.physical }))?;
                let mut waiting = Vec::new();
                for subscription in list(answer, "Subscriptions") {
                    if text(subscription, "SubscriptionArn").starts_with("arn:") {
                        return Ok(None);
                    }
                    waiting.push(text(subscription, "Endpoint"));
                }
                Ok(Some(match waiting.as_slice() {
                    [] => "has no subscriber".to_owned(),
                    waiting => format!("waits for {} to confirm", waiting.join(", ")),
                }))
            })
        },
    },
    Check {
        id: "topic-policy-closed",
        title: "CloudWatch may publish Trailpost's own alarms",
        fix: "aws sns set-topic-attributes with Policy as template.yaml has it under OpsAlarmsPolicy",
        judge: |look| {
            Verdict::one(look.resource("OpsAlarms").and_then(|topic| {
                let policy = text(&attributes(look, topic)?["Attributes"], "Policy");
                Ok((!lets(policy, "cloudwatch.amazonaws.com", &["sns:Publish"]))
                    .then(|| "OpsAlarms does not let CloudWatch publish".into()))
            }))
        },
    },
    Check {
        id: "topic-unencrypted",
        title: "every topic is encrypted with the key of the template",
        fix: "aws sns set-topic-attributes --attribute-name KmsMasterKeyId with the key that template.yaml names",
        judge: |look| {
            look.each(TOPIC, |topic| {
                let key = text(&attributes(look, topic)?["Attributes"], "KmsMasterKeyId");
                let wanted = match topic.logical {
                    "OpsAlarms" => look.resource("OpsAlarmsKey")?.physical,
                    "AlertsText" | "AlertsJson" | "AlertsChat" => "alias/aws/sns",
                    _ => return Err(Hole::Absent),
                };
                Ok((!key.ends_with(wanted)).then(|| match key {
                    "" => "is not encrypted".to_owned(),
                    key => format!("is encrypted with {key}"),
                }))
            })
        },
    },
    Check {
        id: "key-unusable",
        title: "the key of the alarms' topic is switched on",
        fix: "aws kms cancel-key-deletion, then aws kms enable-key",
        judge: |look| {
            look.each(KEY, |key| {
                let found = match look.read("kms:DescribeKey", &json!({ "KeyId": key.physical })) {
                    Err(Hole::Absent) => return Ok(Some("does not exist".into())),
                    found => found?,
                };
                let state = text(&found["KeyMetadata"], "KeyState");
                Ok((state != "Enabled").then(|| format!("is {state}")))
            })
        },
    },
    Check {
        id: "key-policy-closed",
        title: "the key lets CloudWatch encrypt alarms",
        fix: "aws kms put-key-policy with the policy that template.yaml has under OpsAlarmsKey",
        judge: |look| {
            look.each(KEY, |key| {
                let with = json!({ "KeyId": key.physical, "PolicyName": "default" });
                let policy = text(look.read("kms:GetKeyPolicy", &with)?, "Policy");
                let lets = lets(policy, "cloudwatch.amazonaws.com", &["kms:Decrypt", "kms:GenerateDataKey"]);
                Ok((!lets).then(|| "does not let CloudWatch use it: alarms cannot be published".into()))
            })
        },
    },
];

fn attributes<'a>(look: &Look<'a>, topic: Resource<'_>) -> Result<&'a Value, Hole> {
    look.read("sns:GetTopicAttributes", &json!({ "TopicArn": topic.physical }))
}

/// Whether statements of the policy let a service do all of these.
fn lets(policy: &str, service: &str, actions: &[&str]) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = several(at(&policy, "/Statement"));
    let of_service = statements.into_iter().filter(|statement| {
        text(statement, "Effect") == "Allow"
            && several(at(statement, "/Principal/Service")).into_iter().any(|principal| principal == service)
    });
    let allowed: Vec<&Value> = of_service.flat_map(|statement| several(at(statement, "/Action"))).collect();
    actions.iter().all(|action| {
        let (prefix, _) = action.split_once(':').unwrap_or_default();
        allowed.iter().any(|given| {
            let given = given.as_str().unwrap_or_default();
            given.eq_ignore_ascii_case(action)
                || given == format!("{prefix}:*")
                || given == format!("{action}*")
        })
    })
}

/// A list, or the one thing that stands for it.
fn several(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
