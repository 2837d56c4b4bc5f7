//! `ingress`: what a security group lets in.

use super::ResourceFact;
use crate::opening::{Direction, group_openings, write_group};

/// What a security group lets in.
pub(super) static INGRESS: ResourceFact = ResourceFact {
    name: "ingress",
    about: "What a security group lets in: [{protocol: tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to 65535; no ports: -1), cidr, \
        prefix_length, world, split_world (world only together with other ranges of the group), ipv6, group, group_account, \
        prefix_list}].",
    reads: &["IpPermissions"],
    derive: |document, out| write_group(&group_openings(document, Direction::Ingress), out),
};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::laws::{assert_cases, hole};

    /// A rule for some ports of TCP, as `DescribeSecurityGroups` prints it.
    fn tcp(from: i64, to: i64, ranges: &[&str]) -> Value {
        let ranges: Vec<_> = ranges.iter().map(|cidr| json!({"CidrIp": cidr, "Description": "x"})).collect();
        json!({"IpProtocol": "tcp", "FromPort": from, "ToPort": to, "IpRanges": ranges, "Ipv6Ranges": [], "PrefixListIds": [],
            "UserIdGroupPairs": []})
    }

    fn group(rules: &Value) -> Value {
        json!({"GroupId": "sg-1", "IpPermissions": rules, "IpPermissionsEgress": [tcp(1, 1, &["1.1.1.1/32"])]})
    }

    #[test]
    fn rules_are_read_as_they_are_described() {
        let halves = ["0.0.0.0/1", "128.0.0.0/1"];
        assert_cases(
            &INGRESS,
            &[
                (
                    group(&json!([tcp(22, 22, &["0.0.0.0/0"])])),
                    json!([{"protocol": "tcp", "from": 22, "to": 22, "cidr": "0.0.0.0/0", "prefix_length": 0, "world": true,
                        "split_world": false, "ipv6": false, "group": "", "group_account": "", "prefix_list": ""}]),
                ),
                (
                    group(
                        &json!([{"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]),
                    ),
                    json!([{"protocol": "all", "from": 0, "to": 65535, "world": true, "ipv6": true}]),
                ),
                (
                    group(&json!([tcp(443, 443, &["10.0.0.0/8", "203.0.113.0/24"])])),
                    json!([{"cidr": "10.0.0.0/8", "world": false}, {"prefix_length": 24, "world": false}]),
                ),
                (
                    group(
                        &json!([{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]),
                    ),
                    json!([{"protocol": "icmp", "from": -1, "to": -1, "world": true}]),
                ),
                (
                    group(&json!([{"IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
                        "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "444455556666"}], "PrefixListIds": [{"PrefixListId": "pl-1"}]}])),
                    json!([{"protocol": "udp", "group": "sg-2", "group_account": "444455556666", "cidr": "", "prefix_length": null},
                        {"prefix_list": "pl-1", "group": "", "world": false}]),
                ),
                (
                    group(&json!([tcp(22, 22, &halves)])),
                    json!([{"world": true, "split_world": true}, {"world": true, "split_world": true}]),
                ),
                (
                    group(&json!([tcp(22, 22, &halves[..1]), tcp(80, 80, &halves[1..])])),
                    json!([{"world": false}, {"world": false}]),
                ),
                (
                    group(&json!([{"IpProtocol": "50", "IpRanges": [{"CidrIp": "1.2.3.4/32"}]}])),
                    json!([{"protocol": "50", "from": -1}]),
                ),
                (group(&json!([])), json!([])),
                (group(&json!(null)), json!([])),
                (json!({"GroupId": "sg-1"}), json!([])),
                (group(&hole()), hole()),
                (
                    group(&json!([tcp(22, 22, &["0.0.0.0/0"]), hole()])),
                    json!([{"from": 22, "world": true}, hole()]),
                ),
                (
                    group(&json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": hole()}])),
                    hole(),
                ),
                // What it says of other things hides nothing.
                (
                    json!({"IpPermissions": [tcp(1, 2, &["1.2.3.4/32"])], "Tags": hole()}),
                    json!([{"from": 1, "to": 2}]),
                ),
            ],
        );
    }
}
