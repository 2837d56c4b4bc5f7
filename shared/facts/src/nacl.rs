//! `nacl`: the entry that a call puts into a network ACL.
//!
//! `CreateNetworkAclEntry` of the EC2 API reference,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>.

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::acl_entry::AclEntry;
use crate::json_out::object;
use crate::loose::at;

/// The entry of a network ACL.
pub static NACL: Fact = Fact {
    name: "nacl",
    about: "The entry that CreateNetworkAclEntry or ReplaceNetworkAclEntry writes: {allow, egress, world, cidr, protocol: \
        tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to 65535), rule_number}; else null.",
    reads: &["eventName", "requestParameters"],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let writes_entry =
        matches!(event.name().as_deref(), Some("CreateNetworkAclEntry" | "ReplaceNetworkAclEntry"));
    match at(event.root(), "requestParameters").filter(|_| writes_entry) {
        Some(request) => object(out, |fact| AclEntry::read(request).write(fact)),
        None => out.null(),
    }
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
