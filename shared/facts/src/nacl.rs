//! `nacl`: the entry that a call puts into a network ACL.
//!
//! `CreateNetworkAclEntry` of the EC2 API reference,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>.

use model::Event;

use crate::Fact;
use crate::address::parse_network;
use crate::coverage::is_internet;
use crate::json_out::object;
use crate::loose::{at, first_text, flag, number, same_text, text};
use crate::opening::protocol_name;

/// The entry of a network ACL.
pub static NACL: Fact = Fact {
    name: "nacl",
    about: "The entry that CreateNetworkAclEntry or ReplaceNetworkAclEntry writes: {allow, egress, world, cidr, protocol: \
        tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to 65535), rule_number}; else null.",
    reads: &["eventName", "requestParameters"],
    derive,
};

fn derive(event: Event<'_>, out: &mut String) {
    let writes_entry =
        matches!(event.name().as_deref(), Some("CreateNetworkAclEntry" | "ReplaceNetworkAclEntry"));
    let Some(request) = at(event.root(), "requestParameters").filter(|_| writes_entry) else {
        out.push_str("null");
        return;
    };
    let protocol = protocol_name(&first_text(request, &["aclProtocol", "protocol"]));
    let cidr = first_text(request, &["cidrBlock", "ipv6CidrBlock"]);
    let ported = matches!(protocol.as_str(), "tcp" | "udp");
    let port = |path: &str, all: i64| match (protocol.as_str(), number(request, path)) {
        (_, Some(port)) if ported && port >= 0 => Some(port),
        ("all" | "tcp" | "udp", _) => Some(all),
        ("", port) => port,
        _ => Some(-1),
    };
    object(out, |fact| {
        fact.flag("allow", same_text(&text(request, "ruleAction"), "allow"));
        fact.flag("egress", flag(request, "egress").unwrap_or(false));
        fact.flag("world", parse_network(&cidr).is_some_and(|network| is_internet([network], network)));
        fact.text("cidr", &cidr);
        fact.text("protocol", &protocol);
        fact.number("from", port("portRange.from", 0));
        fact.number("to", port("portRange.to", 65535));
        fact.number("rule_number", number(request, "ruleNumber"));
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::laws::{assert_parts, derived};

    #[test]
    fn entries_are_read() {
        for (request, wanted) in [
            (
                json!({"networkAclId": "acl-1", "ruleNumber": 100, "aclProtocol": "-1", "ruleAction": "allow", "egress": false,
                    "cidrBlock": "0.0.0.0/0", "icmpTypeCode": {}, "portRange": {}}),
                json!({"allow": true, "egress": false, "world": true, "protocol": "all", "from": 0, "to": 65535, "rule_number": 100}),
            ),
            (
                json!({"ruleNumber": "7", "aclProtocol": "6", "ruleAction": "deny", "egress": "true", "ipv6CidrBlock": "::/0",
                    "portRange": {"from": 22, "to": 22}}),
                json!({"allow": false, "egress": true, "world": true, "protocol": "tcp", "from": 22, "to": 22, "rule_number": 7}),
            ),
            (
                json!({"aclProtocol": 1, "ruleAction": "allow", "egress": false, "cidrBlock": "10.0.0.0/8", "icmpTypeCode": {"code": -1, "type": 8}}),
                json!({"world": false, "protocol": "icmp", "from": -1, "to": -1, "rule_number": null}),
            ),
        ] {
            let record = json!({"eventName": "CreateNetworkAclEntry", "requestParameters": request});
            assert_parts(&derived(&NACL, &record), &wanted, &record);
        }
        for record in [
            json!({"eventName": "DeleteNetworkAclEntry", "requestParameters": {}}),
            json!({"eventName": "CreateNetworkAclEntry"}),
        ] {
            assert_eq!(derived(&NACL, &record), json!(null));
        }
    }
}
