//! `ingress`: what a call lets into a security group, or takes from it.

use crate::Fact;
use crate::opening::{self, Direction};

/// What a call lets into a security group.
pub static INGRESS: Fact = Fact {
    name: "ingress",
    about: "What an Authorize, Revoke or Modify call on a security group (EC2, RDS, Redshift, ElastiCache) names as allowed in: \
        [{protocol: tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to 65535; no ports: -1), cidr, prefix_length, world, split_world \
        (world only together with other ranges of the call), ipv6, group, group_account, prefix_list, direction_known (false for \
        ModifySecurityGroupRules, which stands in ingress and egress)}].",
    reads: &["eventName", "requestParameters", "responseElements"],
    derive: |event, out| opening::write_call(event, Direction::Ingress, out),
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::laws::{assert_parts, derived};

    /// What is derived when the request, the response, or both hold the rules.
    fn ingress(name: &str, request: &Value, response: &Value) -> Value {
        derived(
            &INGRESS,
            &json!({"eventName": name, "requestParameters": request, "responseElements": response}),
        )
    }

    fn authorized(request: &Value) -> Value {
        ingress("AuthorizeSecurityGroupIngress", request, &Value::Null)
    }

    /// One permission with ranges of IPv4.
    fn permission(protocol: &str, from: i64, to: i64, ranges: &[&str]) -> Value {
        let ranges: Vec<_> = ranges.iter().map(|cidr| json!({"cidrIp": cidr})).collect();
        json!({"ipProtocol": protocol, "fromPort": from, "toPort": to, "ipRanges": {"items": ranges}, "ipv6Ranges": {},
            "groups": {}, "prefixListIds": {}})
    }

    #[test]
    fn every_way_to_write_a_rule_is_read() {
        let ssh = json!({"protocol": "tcp", "from": 22, "to": 22, "cidr": "0.0.0.0/0", "prefix_length": 0, "world": true,
            "split_world": false, "ipv6": false, "group": "", "group_account": "", "prefix_list": "", "direction_known": true});
        let described = json!({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0", "isEgress": false,
            "groupId": "sg-1", "groupOwnerId": "111122223333"});
        for (case, seen) in [
            (
                "flat",
                authorized(
                    &json!({"groupId": "sg-1", "cidrIp": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipPermissions": {}}),
                ),
            ),
            (
                "numbers as text",
                authorized(
                    &json!({"cidrIp": "0.0.0.0/0", "ipProtocol": "6", "fromPort": "22", "toPort": "22"}),
                ),
            ),
            (
                "nested",
                authorized(
                    &json!({"groupId": "sg-1", "ipPermissions": {"items": [permission("tcp", 22, 22, &["0.0.0.0/0"])]}}),
                ),
            ),
            (
                "nested, alone",
                authorized(&json!({"ipPermissions": {"items": permission("tcp", 22, 22, &["0.0.0.0/0"])}})),
            ),
            (
                "understood",
                ingress(
                    "AuthorizeSecurityGroupIngress",
                    &json!({"groupId": "sg-1", "cidrIp": "9.9.9.9/32", "ipPermissions": {}}),
                    &json!({"_return": true, "securityGroupRuleSet": {"items": [described]}}),
                ),
            ),
            (
                "revoked",
                ingress(
                    "RevokeSecurityGroupIngress",
                    &json!({"groupId": "sg-1"}),
                    &json!({"revokedSecurityGroupRuleSet": {"items": described}}),
                ),
            ),
        ] {
            assert_eq!(seen, json!([ssh]), "{case}");
        }
    }

    #[test]
    fn modified_rules_stand_in_both_directions() {
        let inner = json!({"CidrIpv6": "::/0", "FromPort": 3389, "IpProtocol": "tcp", "ToPort": 3389});
        for entries in [
            json!({"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": inner}),
            json!([{"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": inner, "tag": 1}]),
        ] {
            let record = json!({"eventName": "ModifySecurityGroupRules",
                "requestParameters": {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1", "SecurityGroupRule": entries}}});
            for fact in [&INGRESS, &crate::EGRESS] {
                let seen = derived(fact, &record);
                assert_eq!(seen.as_array().unwrap().len(), 1);
                let wanted = json!({"from": 3389, "cidr": "::/0", "world": true, "ipv6": true, "direction_known": false});
                assert_parts(&seen[0], &wanted, &record);
            }
        }
    }

    #[test]
    fn ports_and_protocols_are_normalised() {
        for (protocol, from, to, wanted) in [
            ("-1", json!(-1), json!(-1), json!({"protocol": "all", "from": 0, "to": 65535})),
            ("-1", json!(null), json!(null), json!({"protocol": "all", "from": 0, "to": 65535})),
            ("tcp", json!(null), json!(null), json!({"from": 0, "to": 65535})),
            ("TCP", json!(80), json!(443), json!({"protocol": "tcp", "from": 80, "to": 443})),
            ("udp", json!(53), json!(null), json!({"from": 53, "to": 53})),
            ("icmp", json!(8), json!(0), json!({"protocol": "icmp", "from": -1, "to": -1})),
            ("58", json!(-1), json!(-1), json!({"protocol": "icmpv6", "from": -1, "to": -1})),
            ("50", json!(null), json!(null), json!({"protocol": "50", "from": -1, "to": -1})),
        ] {
            let request =
                json!({"cidrIp": "10.0.0.0/8", "ipProtocol": protocol, "fromPort": from, "toPort": to});
            assert_parts(&authorized(&request)[0], &wanted, &request);
        }
    }

    #[test]
    fn groups_and_prefix_lists_are_no_ranges() {
        let seen = authorized(
            &json!({"ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
            "groups": {"items": [{"groupId": "sg-2", "userId": "444455556666"}]}, "ipRanges": {},
            "prefixListIds": {"items": [{"prefixListId": "pl-1"}]}}]}}),
        );
        assert_eq!(seen.as_array().unwrap().len(), 2);
        assert_parts(
            &seen[0],
            &json!({"group": "sg-2", "group_account": "444455556666", "cidr": "", "prefix_length": null, "world": false}),
            &seen,
        );
        assert_parts(&seen[1], &json!({"prefix_list": "pl-1", "group": "", "from": 443}), &seen);
    }

    #[test]
    fn the_older_services_are_read_too() {
        for (name, request, wanted) in [
            (
                "AuthorizeDBSecurityGroupIngress",
                json!({"dBSecurityGroupName": "db", "cIDRIP": "0.0.0.0/0"}),
                json!({"world": true, "from": null}),
            ),
            (
                "AuthorizeClusterSecurityGroupIngress",
                json!({"cIDRIP": "1.2.3.4/32"}),
                json!({"world": false, "prefix_length": 32}),
            ),
            (
                "AuthorizeCacheSecurityGroupIngress",
                json!({"eC2SecurityGroupName": "web", "eC2SecurityGroupOwnerId": "444455556666"}),
                json!({"group": "web", "group_account": "444455556666"}),
            ),
        ] {
            assert_parts(&ingress(name, &request, &Value::Null)[0], &wanted, &request);
        }
    }

    #[test]
    fn a_call_that_opens_nothing_gives_nothing() {
        for (name, request) in [
            ("DescribeSecurityGroups", json!({"cidrIp": "0.0.0.0/0"})),
            ("AuthorizeSecurityGroupEgress", json!({"cidrIp": "0.0.0.0/0"})),
            ("AuthorizeSecurityGroupIngress", json!({"groupId": "sg-1", "ipPermissions": {}})),
            ("AuthorizeSecurityGroupIngress", json!(null)),
            (
                "ModifySecurityGroupRules",
                json!({"ModifySecurityGroupRulesRequest": {"SecurityGroupRule": {"SecurityGroupRule": {"Description": "x"}}}}),
            ),
        ] {
            assert_eq!(ingress(name, &request, &Value::Null), json!([]), "{name}");
        }
    }

    #[test]
    fn the_world_in_pieces_is_the_world() {
        let worlds = |permissions: Value| -> Vec<(bool, bool)> {
            let seen = authorized(&json!({"ipPermissions": {"items": permissions}}));
            let pair = |opening: &Value| (opening["world"] == true, opening["split_world"] == true);
            seen.as_array().unwrap().iter().map(pair).collect()
        };
        let halves = ["0.0.0.0/1", "128.0.0.0/1"];
        assert_eq!(worlds(json!([permission("tcp", 22, 22, &halves)])), [(true, true); 2]);
        // A neighbour of the world is no part of it.
        assert_eq!(
            worlds(json!([
                permission("tcp", 443, 443, &["0.0.0.0/0"]),
                permission("-1", -1, -1, &["10.0.0.0/8"])
            ])),
            [(true, false), (false, false)]
        );
        // In two permissions that share port 22, one of them for all protocols.
        assert_eq!(
            worlds(json!([permission("tcp", 20, 22, &halves[..1]), permission("tcp", 22, 30, &halves[1..])])),
            [(true, true); 2]
        );
        assert_eq!(
            worlds(json!([permission("tcp", 22, 22, &halves[..1]), permission("-1", -1, -1, &halves[1..])])),
            [(true, true); 2]
        );
        assert_eq!(
            worlds(json!([permission("tcp", 22, 22, &halves[..1]), permission("tcp", 80, 80, &halves[1..])])),
            [(false, false); 2]
        );
        assert_eq!(
            worlds(json!([permission("tcp", 22, 22, &halves[..1]), permission("udp", 22, 22, &halves[1..])])),
            [(false, false); 2]
        );
    }

    proptest! {
        /// Every address of a network with prefix length 0 is the same network.
        #[test]
        fn any_address_with_length_0_is_the_world(address: std::net::Ipv4Addr) {
            let seen = authorized(&json!({"cidrIp": format!("{address}/0"), "ipProtocol": "tcp", "fromPort": 22, "toPort": 22}));
            prop_assert_eq!(&seen[0]["world"], &json!(true));
        }

        /// One range that is not everything is never the world.
        #[test]
        fn one_shorter_range_is_not_the_world(address: std::net::Ipv4Addr, length in 1_u8..=32) {
            let seen = authorized(&json!({"cidrIp": format!("{address}/{length}"), "ipProtocol": "tcp"}));
            prop_assert_eq!(&seen[0]["world"], &json!(false));
            prop_assert_eq!(&seen[0]["prefix_length"], &json!(length));
        }
    }
}
