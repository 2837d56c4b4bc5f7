//! `nacl`: what a network ACL lets through.

use model::json::{Value, Writer};

use super::ResourceFact;
use crate::acl_entry::AclEntry;
use crate::hole::Gathered;
use crate::json_out::object;

/// The entries of a network ACL.
pub(super) static NACL: ResourceFact = ResourceFact {
    name: "nacl",
    about: "The entries of a network ACL: [{allow, egress, world, cidr, protocol: tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to \
        65535; no ports: -1), rule_number, effective: no entry with a lower number denies all that this one is about}].",
    reads: &["Entries"],
    derive,
};

fn derive(document: Value<'_>, out: &mut Writer) {
    let entries = Gathered::list(document, "Entries").flat_map(|entry| vec![AclEntry::read(entry)]);
    entries.write(out, |entry, out| {
        let shadowed = entries.any(|earlier| !earlier.allow && earlier.shadows(entry));
        object(out, |fact| {
            entry.write(fact);
            fact.known_flag("effective", shadowed.map(|shadowed| !shadowed));
        });
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::laws::{assert_cases, derived, hole};

    /// An entry for incoming TCP, as `DescribeNetworkAcls` prints it.
    fn tcp(number: i64, action: &str, cidr: &str, from: i64, to: i64) -> Value {
        json!({"Egress": false, "RuleNumber": number, "RuleAction": action, "Protocol": "6", "CidrBlock": cidr,
            "PortRange": {"From": from, "To": to}})
    }

    fn all(number: i64, action: &str, egress: bool) -> Value {
        json!({"Egress": egress, "RuleNumber": number, "RuleAction": action, "Protocol": "-1", "CidrBlock": "0.0.0.0/0"})
    }

    #[test]
    fn entries_are_read_as_they_are_described() {
        assert_cases(
            &NACL,
            &[
                (
                    json!({"Entries": [all(100, "allow", false), all(32767, "deny", true)]}),
                    json!([{"allow": true, "egress": false, "world": true, "cidr": "0.0.0.0/0", "protocol": "all", "from": 0,
                        "to": 65535, "rule_number": 100, "effective": true}, {"allow": false, "egress": true, "effective": true}]),
                ),
                (
                    json!({"Entries": [tcp(7, "allow", "10.0.0.0/8", 22, 22)]}),
                    json!([{"protocol": "tcp", "from": 22, "to": 22, "world": false, "rule_number": 7}]),
                ),
                (
                    json!({"Entries": [{"Egress": false, "RuleNumber": 1, "RuleAction": "allow", "Protocol": "58", "Ipv6CidrBlock": "::/0",
                        "IcmpTypeCode": {"Type": -1, "Code": -1}}]}),
                    json!([{"protocol": "icmpv6", "from": -1, "to": -1, "world": true, "cidr": "::/0"}]),
                ),
                (json!({"Entries": []}), json!([])),
                (json!({}), json!([])),
                (json!({"Entries": hole()}), hole()),
                // What is hidden may deny what is seen, but not allow what a seen entry denies.
                (
                    json!({"Entries": [tcp(1, "deny", "0.0.0.0/0", 0, 65535), tcp(2, "allow", "0.0.0.0/0", 22, 22), all(3, "allow", true), hole()]}),
                    json!([{"allow": false}, {"allow": true, "effective": false}, {"allow": true, "effective": hole()}, hole()]),
                ),
            ],
        );
    }

    #[test]
    fn an_earlier_denial_of_all_of_it_shadows_an_entry() {
        let ssh = tcp(100, "allow", "0.0.0.0/0", 22, 22);
        let icmp = |number: i64, action: &str, kind: i64| {
            json!({"Egress": false, "RuleNumber": number, "RuleAction": action, "Protocol": "1", "CidrBlock": "0.0.0.0/0",
                "IcmpTypeCode": {"Type": kind, "Code": -1}})
        };
        for (earlier, entry, effective) in [
            (tcp(99, "deny", "0.0.0.0/0", 22, 22), ssh.clone(), false),
            (tcp(99, "deny", "0.0.0.0/0", 0, 1024), ssh.clone(), false),
            (all(99, "deny", false), ssh.clone(), false),
            (tcp(101, "deny", "0.0.0.0/0", 22, 22), ssh.clone(), true),
            (tcp(99, "deny", "10.0.0.0/8", 22, 22), ssh.clone(), true),
            (tcp(99, "deny", "0.0.0.0/0", 23, 1024), ssh.clone(), true),
            (tcp(99, "allow", "0.0.0.0/0", 22, 22), ssh.clone(), true),
            (all(99, "deny", true), ssh.clone(), true),
            (all(100, "deny", false), ssh.clone(), true),
            (tcp(99, "deny", "0.0.0.0/0", 0, 65535), all(100, "allow", false), true),
            (
                json!({"Egress": false, "RuleNumber": 99, "RuleAction": "deny", "Protocol": "-1", "Ipv6CidrBlock": "::/0"}),
                ssh.clone(),
                true,
            ),
            (
                json!({"Egress": false, "RuleNumber": 99, "RuleAction": "deny", "Protocol": "17", "CidrBlock": "0.0.0.0/0"}),
                ssh,
                true,
            ),
            (icmp(99, "deny", -1), icmp(100, "allow", 8), false),
            (icmp(99, "deny", 8), icmp(100, "allow", -1), true),
        ] {
            // The order in which they are listed does not matter.
            let seen = derived(&NACL, &json!({"Entries": [entry, earlier]}));
            assert_eq!(seen[0]["effective"], json!(effective), "{entry} after {earlier}");
        }
    }
}
