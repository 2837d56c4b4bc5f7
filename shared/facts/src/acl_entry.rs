//! One entry of a network ACL, be it named by a call or described.
//!
//! `NetworkAclEntry`, <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclEntry.html>.

use ipnet::IpNet;
use model::json::Value;

use crate::address::parse_network;
use crate::coverage::is_internet;
use crate::json_out::Members;
use crate::loose::{first_text, flag, number, same_text, text};
use crate::opening::protocol_name;

/// Which traffic an entry is about, and whether it passes.
#[derive(Debug)]
pub(crate) struct AclEntry {
    pub(crate) allow: bool,
    pub(crate) egress: bool,
    pub(crate) rule_number: Option<i64>,
    cidr: String,
    network: Option<IpNet>,
    protocol: String,
    from: Option<i64>,
    to: Option<i64>,
    /// Type and code of ICMP; -1 or none is any.
    icmp: (Option<i64>, Option<i64>),
}

impl AclEntry {
    pub(crate) fn read(entry: Value<'_>) -> Self {
        let protocol = protocol_name(&first_text(entry, &["aclProtocol", "protocol"]));
        let cidr = first_text(entry, &["cidrBlock", "ipv6CidrBlock"]);
        let ported = matches!(protocol.as_str(), "tcp" | "udp");
        let port = |path: &str, all: i64| match (protocol.as_str(), number(entry, path)) {
            (_, Some(port)) if ported && port >= 0 => Some(port),
            ("all" | "tcp" | "udp", _) => Some(all),
            ("", port) => port,
            _ => Some(-1),
        };
        let icmp = |path: &str| number(entry, path).filter(|number| *number != -1);
        Self {
            allow: same_text(&text(entry, "ruleAction"), "allow"),
            egress: flag(entry, "egress").unwrap_or(false),
            rule_number: number(entry, "ruleNumber"),
            network: parse_network(&cidr),
            cidr: cidr.into_owned(),
            from: port("portRange.from", 0),
            to: port("portRange.to", 65535),
            icmp: (icmp("icmpTypeCode.type"), icmp("icmpTypeCode.code")),
            protocol,
        }
    }

    pub(crate) fn write(&self, fact: &mut Members<'_>) {
        fact.flag("allow", self.allow);
        fact.flag("egress", self.egress);
        fact.flag("world", self.network.is_some_and(|network| is_internet([network], network)));
        fact.text("cidr", &self.cidr);
        fact.text("protocol", &self.protocol);
        fact.number("from", self.from);
        fact.number("to", self.to);
        fact.number("rule_number", self.rule_number);
    }

    /// Whether everything that `other` is about meets this entry first, the numbers being in order: "Network
    /// ACL rules", <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>.
    pub(crate) fn shadows(&self, other: &Self) -> bool {
        let earlier = self.rule_number.zip(other.rule_number).is_some_and(|(own, others)| own < others);
        let all_networks = self.network.zip(other.network).is_some_and(|(own, others)| own.contains(&others));
        earlier && self.egress == other.egress && all_networks && self.covers_protocol(other)
    }

    fn covers_protocol(&self, other: &Self) -> bool {
        let covers = |own: Option<i64>, others: Option<i64>| own.is_none() || own == others;
        let ports = || {
            let bounds = (self.from.zip(self.to), other.from.zip(other.to));
            matches!(bounds, (Some((from, to)), Some((first, last))) if from <= first && last <= to)
        };
        let icmp = || covers(self.icmp.0, other.icmp.0) && covers(self.icmp.1, other.icmp.1);
        match self.protocol.as_str() {
            "all" => true,
            "" => false,
            own => own == other.protocol && ports() && icmp(),
        }
    }
}
