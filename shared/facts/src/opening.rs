//! What the rules of a security group let through, be they named by a call or described.

mod call;
mod group;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::json::Value;

use crate::address::parse_network;
use crate::coverage::is_internet;
use crate::json_out::Members;
use crate::loose::{first_text, list, number, text};

pub(crate) use call::write as write_call;
pub(crate) use group::{openings as group_openings, write as write_group};

/// Which way traffic goes, seen from the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// One range, group or prefix list that may use some ports.
#[derive(Debug)]
pub(crate) struct Opening {
    protocol: String,
    ports: Ports,
    cidr: String,
    network: Option<IpNet>,
    group: String,
    group_account: String,
    prefix_list: String,
    /// `None` where the call does not say it.
    direction: Option<Direction>,
}

/// The ports that a rule names, `-1..=-1` for a protocol that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ports {
    from: Option<i64>,
    to: Option<i64>,
}

const ALL_PORTS: Ports = Ports { from: Some(0), to: Some(65535) };
const NO_PORTS: Ports = Ports { from: Some(-1), to: Some(-1) };

/// Which openings are the internet, by themselves or together with the others.
#[derive(Debug)]
pub(crate) struct Reach<'o> {
    /// A range that is the internet by itself makes no pieces of its neighbours.
    pieces: Vec<&'o Opening>,
    /// Mostly the pieces are no internet even together, whatever their ports: no need then to compare each
    /// with each.
    possible_v4: bool,
    possible_v6: bool,
}

impl<'o> Reach<'o> {
    pub(crate) fn of(openings: &'o [Opening]) -> Self {
        let pieces: Vec<_> = openings.iter().filter(|opening| !opening.is_world()).collect();
        let all_of = |like: IpNet| is_internet(pieces.iter().filter_map(|piece| piece.network), like);
        let (v4, v6) = (all_of(Ipv4Net::default().into()), all_of(Ipv6Net::default().into()));
        Self { pieces, possible_v4: v4, possible_v6: v6 }
    }

    /// Whether `opening`, with others of them, is the internet.
    pub(crate) fn is_world(&self, opening: &Opening) -> bool {
        opening.is_world() || self.is_split(opening)
    }

    fn is_split(&self, opening: &Opening) -> bool {
        let possible = if opening.is_ipv6() { self.possible_v6 } else { self.possible_v4 };
        possible && !opening.is_world() && opening.is_piece_of_world(&self.pieces)
    }

    /// Writes what `opening`, one of them, lets through.
    pub(crate) fn write(&self, opening: &Opening, fact: &mut Members<'_>) {
        let split = self.is_split(opening);
        fact.text("protocol", &opening.protocol);
        fact.number("from", opening.ports.from);
        fact.number("to", opening.ports.to);
        fact.text("cidr", &opening.cidr);
        fact.number("prefix_length", opening.network.map(|network| network.prefix_len().into()));
        fact.flag("world", split || opening.is_world());
        fact.flag("split_world", split);
        fact.flag("ipv6", opening.is_ipv6());
        fact.text("group", &opening.group);
        fact.text("group_account", &opening.group_account);
        fact.text("prefix_list", &opening.prefix_list);
    }
}

impl Opening {
    /// Whether this range alone is the internet.
    fn is_world(&self) -> bool {
        self.network.is_some_and(|network| is_internet([network], network))
    }

    pub(crate) fn is_ipv6(&self) -> bool {
        matches!(self.network, Some(IpNet::V6(_)))
    }

    /// Whether this piece and those of the call that share a port with it are the internet together.
    ///
    /// Sharing one port is enough: nobody writes half the internet into a rule but to have the other half in
    /// another.
    fn is_piece_of_world(&self, pieces: &[&Self]) -> bool {
        let Some(network) = self.network else { return false };
        let shares = |piece: &&&Self| self.protocol_meets(piece) && self.ports.meets(piece.ports);
        is_internet(pieces.iter().filter(shares).filter_map(|piece| piece.network), network)
    }

    fn protocol_meets(&self, other: &Self) -> bool {
        self.protocol == other.protocol || self.protocol == "all" || other.protocol == "all"
    }
}

impl Ports {
    /// The ports of a rule for `protocol`: all of them where the rule names none.
    fn of(protocol: &str, from: Option<i64>, to: Option<i64>) -> Self {
        match protocol {
            "all" => ALL_PORTS,
            "tcp" | "udp" => match (from, to) {
                (None | Some(-1), None | Some(-1)) => ALL_PORTS,
                (from, to) => Self { from: from.or(to), to: to.or(from) },
            },
            "" => Self { from, to },
            // Of ICMP the fields hold type and code.
            _ => NO_PORTS,
        }
    }

    fn meets(self, other: Self) -> bool {
        match (self.from, self.to, other.from, other.to) {
            (Some(from), Some(to), Some(other_from), Some(other_to)) => from <= other_to && other_from <= to,
            _ => true,
        }
    }
}

/// A protocol by name, `all` for every one. `IpPermission`,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>; numbers are IANA's.
pub(crate) fn protocol_name(text: &str) -> String {
    match text.trim() {
        "-1" => "all".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

/// A permission as callers write it and as groups are described: ports, and any number of ranges, groups and
/// prefix lists. `IpPermission`, <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>.
fn permission(permission: Value<'_>, direction: Option<Direction>, openings: &mut Vec<Opening>) {
    let empty = || Opening::of_range(permission, "", direction);
    let ranges = [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")];
    for (range_list, cidr) in ranges {
        openings.extend(
            list(permission, range_list)
                .into_iter()
                .map(|range| Opening::of_range(permission, &text(range, cidr), direction)),
        );
    }
    let flat = first_text(permission, &["cidrIp", "cidrIpv6"]);
    if !flat.is_empty() {
        openings.push(Opening::of_range(permission, &flat, direction));
    }
    let groups = ["groups", "userIdGroupPairs"].into_iter().flat_map(|name| list(permission, name));
    for group in groups {
        openings.push(Opening {
            group: first_text(group, &["groupId", "groupName"]).into_owned(),
            group_account: text(group, "userId").into_owned(),
            ..empty()
        });
    }
    let flat_group = first_text(
        permission,
        &["sourceSecurityGroupId", "sourceSecurityGroupName", "eC2SecurityGroupId", "eC2SecurityGroupName"],
    );
    if !flat_group.is_empty() {
        openings.push(Opening {
            group: flat_group.into_owned(),
            group_account: first_text(permission, &["sourceSecurityGroupOwnerId", "eC2SecurityGroupOwnerId"])
                .into_owned(),
            ..empty()
        });
    }
    for prefix_list in list(permission, "prefixListIds") {
        openings.push(Opening { prefix_list: text(prefix_list, "prefixListId").into_owned(), ..empty() });
    }
}

impl Opening {
    /// The ports of `rule` for the range `cidr`.
    fn of_range(rule: Value<'_>, cidr: &str, direction: Option<Direction>) -> Self {
        let protocol = protocol_name(&text(rule, "ipProtocol"));
        Self {
            ports: Ports::of(&protocol, number(rule, "fromPort"), number(rule, "toPort")),
            protocol,
            cidr: cidr.to_owned(),
            network: parse_network(cidr),
            group: String::new(),
            group_account: String::new(),
            prefix_list: String::new(),
            direction,
        }
    }
}
