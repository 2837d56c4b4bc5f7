//! A small AWS: resources with a history, calls that change them, reads that lag behind, and a record of each call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::ports::Clock;
use model::Timestamp;
use serde_json::{Value, json};

use crate::rule::Rule;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";

/// Numbers that are the same on every run with the same seed: `SplitMix64`.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn hits(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

/// The simulated time.
#[derive(Debug, Clone)]
pub(crate) struct SimulatedClock(pub(crate) Arc<Mutex<Timestamp>>);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Group,
    Bucket,
    Queue,
}

impl Kind {
    pub(crate) const fn resource_type(self) -> &'static str {
        match self {
            Self::Group => "aws.ec2.security_group",
            Self::Bucket => "aws.s3.bucket",
            Self::Queue => "aws.sqs.queue",
        }
    }

    pub(crate) fn arn(self, name: &str) -> String {
        match self {
            Self::Group => format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{name}"),
            Self::Bucket => format!("arn:aws:s3:::{name}"),
            Self::Queue => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
        }
    }
}

/// A call that was made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) time: Timestamp,
    pub(crate) event_id: String,
    pub(crate) arn: String,
    pub(crate) success: bool,
    pub(crate) record: Value,
}

/// The versions of a resource, each with the time from which on it is true; `None`: it is not there.
pub(crate) type History = Vec<(Timestamp, Option<Value>)>;

/// What there is, and was.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// By type and name.
    pub(crate) things: BTreeMap<(Kind, String), History>,
    pub(crate) made: Vec<Made>,
    /// How long reads may lag behind.
    pub(crate) lag: Duration,
    /// Of a hundred reads so many are refused.
    pub(crate) throttled: u64,
    pub(crate) reads: u64,
    /// What the last call was on, and the rule of a group that it put.
    pub(crate) last: Option<((Kind, String), Option<Rule>)>,
    /// The ids of the rules of groups.
    pub(crate) rules: BTreeMap<(String, Rule), String>,
}

impl World {
    /// A resource as a read at `now` shows it.
    pub(crate) fn seen(&self, kind: Kind, name: &str, now: Timestamp) -> Option<&Value> {
        self.version(kind, name, self.shown_at(name, now))
    }

    /// The time whose state a read at `now` shows.
    pub(crate) fn shown_at(&self, name: &str, now: Timestamp) -> Timestamp {
        let seed = name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let mut dice = Dice(seed ^ u64::try_from(now.as_millisecond()).unwrap());
        now - Duration::from_millis(dice.below(1 + u64::try_from(self.lag.as_millis()).unwrap()))
    }

    pub(crate) fn version(&self, kind: Kind, name: &str, time: Timestamp) -> Option<&Value> {
        let versions = self.things.get(&(kind, name.to_owned()))?;
        versions.iter().rfind(|(from, _)| *from <= time)?.1.as_ref()
    }

    fn now_of(&self, kind: Kind, name: &str) -> Option<&Value> {
        self.things.get(&(kind, name.to_owned()))?.last()?.1.as_ref()
    }

    /// Makes a call at random.
    pub(crate) fn act(&mut self, dice: &mut Dice, now: Timestamp, again: bool) {
        let mut kind = *dice.pick(&[Kind::Group, Kind::Bucket, Kind::Queue]);
        let number = dice.below(6);
        let mut name = match kind {
            Kind::Group => format!("sg-0000000{number}"),
            Kind::Bucket => format!("bucket-{number}"),
            Kind::Queue => format!("queue-{number}"),
        };
        let denied = dice.hits(8);
        let mut undoes = None;
        if let (true, Some((last, rule))) = (again, &self.last) {
            (kind, name) = last.clone();
            undoes = rule.filter(|_| dice.hits(50));
        }
        let (service, call, request, response, after) = self.call(dice, kind, &name, undoes);
        let put = Rule::put_by(&response).filter(|_| !denied);
        if let Some((rule, id)) = put.clone() {
            self.rules.insert((name.clone(), rule), id);
        }
        self.last = Some(((kind, name.clone()), put.map(|(rule, _)| rule)));
        let number = self.made.len();
        let mut record = json!({
            "eventVersion": "1.11", "eventCategory": "Management", "eventType": "AwsApiCall",
            "managementEvent": true, "readOnly": false, "awsRegion": REGION, "recipientAccountId": ACCOUNT,
            "eventID": format!("{:08x}-0000-4000-8000-{number:012x}", dice.below(1 << 32)),
            "eventTime": Timestamp::from_second(now.as_second()).unwrap(),
            "eventSource": format!("{service}.amazonaws.com"), "eventName": call,
            "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2",
            "userIdentity": {
                "type": "IAMUser", "principalId": "AIDA", "accountId": ACCOUNT, "userName": "dev",
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/dev-{}", dice.below(4)), "accessKeyId": "AKIA1",
            },
            "requestParameters": request, "responseElements": response,
        });
        if denied {
            record["errorCode"] = "AccessDenied".into();
            record["responseElements"] = Value::Null;
        } else {
            self.things.entry((kind, name.clone())).or_default().push((now, after));
        }
        self.made.push(Made {
            time: now,
            event_id: record["eventID"].as_str().unwrap().to_owned(),
            arn: kind.arn(&name),
            success: !denied,
            record,
        });
    }

    /// A change that no record tells of.
    pub(crate) fn drift(&mut self, now: Timestamp) -> Option<String> {
        let open: Vec<_> = self.things.keys().filter(|(kind, _)| *kind == Kind::Bucket).cloned().collect();
        let (kind, name) = open.into_iter().find(|(kind, name)| self.now_of(*kind, name).is_some())?;
        let mut after = self.now_of(kind, &name)?.clone();
        after["Logging"] = json!({ "TargetBucket": format!("by-nobody-{now}"), "TargetPrefix": "" });
        self.things.entry((kind, name.clone())).or_default().push((now, Some(after)));
        Some(kind.arn(&name))
    }

    /// Service, name, request, answer, and the resource afterwards.
    fn call(
        &self,
        dice: &mut Dice,
        kind: Kind,
        name: &str,
        undoes: Option<Rule>,
    ) -> (&'static str, &'static str, Value, Value, Option<Value>) {
        let before = self.now_of(kind, name).cloned();
        let gone = before.is_none();
        let deletes = dice.hits(8);
        let mut after = before.unwrap_or_default();
        match kind {
            Kind::Group if gone => {
                let fresh = json!({"GroupId": name, "GroupName": format!("group {name}"), "OwnerId": ACCOUNT, "VpcId": "vpc-1", "Description": "d", "IpPermissions": [], "IpPermissionsEgress": []});
                let request =
                    json!({"groupName": format!("group {name}"), "groupDescription": "d", "vpcId": "vpc-1"});
                ("ec2", "CreateSecurityGroup", request, json!({"groupId": name}), Some(fresh))
            }
            Kind::Group if deletes => {
                ("ec2", "DeleteSecurityGroup", json!({"groupId": name}), json!({"_return": true}), None)
            }
            Kind::Group => {
                let rule = undoes.unwrap_or_else(|| Rule::any(dice));
                let fresh = format!("sgr-{:017x}", self.made.len());
                let (call, request, response) = rule.turn(dice, name, &mut after, (&self.rules, fresh));
                ("ec2", call, request, response, Some(after))
            }
            Kind::Bucket if gone => {
                ("s3", "CreateBucket", json!({"bucketName": name}), Value::Null, Some(json!({"Name": name})))
            }
            Kind::Bucket if deletes => ("s3", "DeleteBucket", json!({"bucketName": name}), Value::Null, None),
            Kind::Bucket => match dice.below(4) {
                0 => {
                    let on = *dice.pick(&["Enabled", "Suspended"]);
                    after["Versioning"] = json!({ "Status": on });
                    let request = json!({"bucketName": name, "VersioningConfiguration": {"Status": on}});
                    ("s3", "PutBucketVersioning", request, Value::Null, Some(after))
                }
                1 => {
                    let on = dice.hits(50);
                    let block = json!({"BlockPublicAcls": on, "IgnorePublicAcls": on, "BlockPublicPolicy": on, "RestrictPublicBuckets": on});
                    after["PublicAccessBlock"] = block.clone();
                    let request = json!({"bucketName": name, "PublicAccessBlockConfiguration": block});
                    ("s3", "PutBucketPublicAccessBlock", request, Value::Null, Some(after))
                }
                2 => {
                    after.as_object_mut().unwrap().remove("PublicAccessBlock");
                    (
                        "s3",
                        "DeleteBucketPublicAccessBlock",
                        json!({"bucketName": name}),
                        Value::Null,
                        Some(after),
                    )
                }
                _ => {
                    let team = *dice.pick(&["red", "blue"]);
                    after["Tags"] = json!([{"Key": "team", "Value": team}]);
                    let request = json!({"bucketName": name, "Tagging": {"TagSet": {"Tag": {"Key": "team", "Value": team}}}});
                    ("s3", "PutBucketTagging", request, Value::Null, Some(after))
                }
            },
            Kind::Queue if gone => {
                let request = json!({"queueName": name});
                (
                    "sqs",
                    "CreateQueue",
                    request,
                    json!({"queueUrl": url(name)}),
                    Some(json!({"QueueArn": kind.arn(name)})),
                )
            }
            Kind::Queue if deletes => {
                ("sqs", "DeleteQueue", json!({"queueUrl": url(name)}), Value::Null, None)
            }
            Kind::Queue => {
                let key = *dice.pick(&["", "alias/aws/sqs", "alias/own"]);
                after["KmsMasterKeyId"] = key.into();
                after["SqsManagedSseEnabled"] = if key.is_empty() { "false" } else { "true" }.into();
                let attributes =
                    json!({"KmsMasterKeyId": key, "SqsManagedSseEnabled": after["SqsManagedSseEnabled"]});
                let request = json!({"queueUrl": url(name), "attributes": attributes});
                ("sqs", "SetQueueAttributes", request, Value::Null, Some(after))
            }
        }
    }
}

pub(crate) fn url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}
