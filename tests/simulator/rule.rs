//! The rules of a security group, and the forms in which calls speak of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::{ACCOUNT, Dice};

const RANGES: [&str; 3] = ["0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24"];

/// A range that may reach a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    port: u64,
    range: &'static str,
}

impl Rule {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let port = *dice.pick(&[22, 443, 3389]);
        Self { port, range: *dice.pick::<&str>(&RANGES) }
    }

    /// The rule that a call put, and its id, from the answer.
    pub(crate) fn put_by(answer: &Value) -> Option<(Self, String)> {
        let put = &answer["securityGroupRuleSet"]["items"][0];
        let range = RANGES.into_iter().find(|range| put["cidrIpv4"] == *range)?;
        Some((
            Self { port: put["fromPort"].as_u64()?, range },
            put["securityGroupRuleId"].as_str()?.to_owned(),
        ))
    }

    /// Puts it into a group, or takes it away if it is there. The call, its request and its answer.
    pub(crate) fn turn(
        self,
        dice: &mut Dice,
        group: &str,
        document: &mut Value,
        (ids, fresh): (&BTreeMap<(String, Self), String>, String),
    ) -> (&'static str, Value, Value) {
        let Self { port, range } = self;
        let permissions = document["IpPermissions"].as_array_mut().unwrap();
        let place = permissions.iter().position(|permission| permission["FromPort"] == port);
        let is_it = |entry: &Value| entry["CidrIp"] == range;
        let has =
            place.is_some_and(|place| permissions[place]["IpRanges"].as_array().unwrap().iter().any(is_it));
        let described = |id: &str| {
            json!({"items": [{
                "groupOwnerId": ACCOUNT, "groupId": group, "securityGroupRuleId": id, "isEgress": false,
                "ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": range,
            }]})
        };
        let nested = |range: Value| {
            json!({"groupId": group, "ipPermissions": {"items": [
                {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [range]}},
            ]}})
        };
        match (has, place) {
            (true, Some(place)) => {
                let ranges = permissions[place]["IpRanges"].as_array_mut().unwrap();
                ranges.retain(|entry| !is_it(entry));
                if ranges.is_empty() {
                    permissions.remove(place);
                }
                let id = &ids[&(group.to_owned(), self)];
                let by_id = json!({"groupId": group, "ipPermissions": {}, "securityGroupRuleIds": {"items": [{"securityGroupRuleId": id}]}});
                let plain = json!({"_return": true});
                let (request, answer) = match dice.below(6) {
                    0 => (by_id, plain),
                    1 => (by_id, json!({"_return": true, "revokedSecurityGroupRuleSet": described(id)})),
                    2 => (
                        json!({"groupId": group, "ipPermissions": {}, "ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIp": range}),
                        plain,
                    ),
                    _ => (nested(json!({ "cidrIp": range })), plain),
                };
                ("RevokeSecurityGroupIngress", request, answer)
            }
            (_, place) => {
                let mut asked = json!({ "cidrIp": range });
                let mut entry = json!({ "CidrIp": range });
                if dice.hits(25) {
                    asked["description"] = "for a moment".into();
                    entry["Description"] = "for a moment".into();
                }
                match place {
                    Some(place) => permissions[place]["IpRanges"].as_array_mut().unwrap().push(entry),
                    None => permissions.push(json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [entry], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []})),
                }
                let answer = json!({"_return": true, "securityGroupRuleSet": described(&fresh)});
                ("AuthorizeSecurityGroupIngress", nested(asked), answer)
            }
        }
    }
}
