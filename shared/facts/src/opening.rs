//! What the rules of a security group let through, as a call names them.
//!
//! Shapes: `AuthorizeSecurityGroupIngress`, `ModifySecurityGroupRules` and `SecurityGroupRule` of the EC2 API
//! reference,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>. A record
//! holds the rules up to twice: as the caller wrote them, in one of two ways, and as EC2 understood them. The
//! latter is taken where it is there.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::Event;
use model::json::Value;

use crate::address::parse_network;
use crate::coverage::is_internet;
use crate::json_out::{array, object};
use crate::loose::{at, first_text, flag, list, number, text};

/// Which way traffic goes, seen from the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// One range, group or prefix list that may use some ports.
#[derive(Debug)]
struct Opening {
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

/// Writes the openings of a call in one direction.
pub(crate) fn write(event: Event<'_>, direction: Direction, out: &mut String) {
    let mut openings = of(event);
    openings.retain(|opening| opening.direction.is_none_or(|named| named == direction));
    // A range that is the internet by itself makes no pieces of its neighbours.
    let pieces: Vec<_> = openings.iter().filter(|opening| !opening.is_world()).collect();
    // Mostly the pieces are no internet even together, whatever their ports: no need then to compare each
    // with each.
    let all_of = |like: IpNet| is_internet(pieces.iter().filter_map(|piece| piece.network), like);
    let (split_v4, split_v6) = (all_of(Ipv4Net::default().into()), all_of(Ipv6Net::default().into()));
    array(out, &openings, |opening, out| {
        let whole = opening.is_world();
        let ipv6 = matches!(opening.network, Some(IpNet::V6(_)));
        let possible = if ipv6 { split_v6 } else { split_v4 };
        let split = !whole && possible && opening.is_piece_of_world(&pieces);
        object(out, |fact| {
            fact.text("protocol", &opening.protocol);
            fact.number("from", opening.ports.from);
            fact.number("to", opening.ports.to);
            fact.text("cidr", &opening.cidr);
            fact.number("prefix_length", opening.network.map(|network| network.prefix_len().into()));
            fact.flag("world", whole || split);
            fact.flag("split_world", split);
            fact.flag("ipv6", ipv6);
            fact.text("group", &opening.group);
            fact.text("group_account", &opening.group_account);
            fact.text("prefix_list", &opening.prefix_list);
            fact.flag("direction_known", opening.direction.is_some());
        });
    });
}

impl Opening {
    /// Whether this range alone is the internet.
    fn is_world(&self) -> bool {
        self.network.is_some_and(|network| is_internet([network], network))
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

fn of(event: Event<'_>) -> Vec<Opening> {
    let root = event.root();
    let name = event.name().unwrap_or_default();
    let Some(request) = at(root, "requestParameters") else { return Vec::new() };
    match name.as_ref() {
        "ModifySecurityGroupRules" => list(request, "ModifySecurityGroupRulesRequest.SecurityGroupRule")
            .into_iter()
            .filter_map(|entry| at(entry, "SecurityGroupRule"))
            .filter_map(|rule| described(rule, None))
            .collect(),
        // The older services name a network or a group, and no ports.
        "AuthorizeDBSecurityGroupIngress"
        | "RevokeDBSecurityGroupIngress"
        | "AuthorizeClusterSecurityGroupIngress"
        | "RevokeClusterSecurityGroupIngress"
        | "AuthorizeCacheSecurityGroupIngress"
        | "RevokeCacheSecurityGroupIngress" => {
            let mut openings = Vec::new();
            permission(request, Some(Direction::Ingress), &mut openings);
            openings
        }
        "AuthorizeSecurityGroupIngress" | "RevokeSecurityGroupIngress" => {
            group_rules(root, request, Direction::Ingress)
        }
        "AuthorizeSecurityGroupEgress" | "RevokeSecurityGroupEgress" => {
            group_rules(root, request, Direction::Egress)
        }
        _ => Vec::new(),
    }
}

fn group_rules(root: Value<'_>, request: Value<'_>, direction: Direction) -> Vec<Opening> {
    let understood: Vec<_> =
        ["responseElements.securityGroupRuleSet", "responseElements.revokedSecurityGroupRuleSet"]
            .into_iter()
            .flat_map(|path| list(root, path))
            .filter_map(|rule| described(rule, Some(direction)))
            .collect();
    if !understood.is_empty() {
        return understood;
    }
    let mut openings = Vec::new();
    for nested in list(request, "ipPermissions") {
        permission(nested, Some(direction), &mut openings);
    }
    permission(request, Some(direction), &mut openings);
    openings
}

/// A rule as EC2 describes it: one range, group or prefix list.
fn described(rule: Value<'_>, named: Option<Direction>) -> Option<Opening> {
    let direction = match flag(rule, "isEgress") {
        Some(true) => Some(Direction::Egress),
        Some(false) => Some(Direction::Ingress),
        None => named,
    };
    let opening = Opening {
        group: first_text(rule, &["referencedGroupInfo.groupId", "referencedGroupId"]).into_owned(),
        group_account: first_text(rule, &["referencedGroupInfo.userId"]).into_owned(),
        prefix_list: text(rule, "prefixListId").into_owned(),
        ..Opening::of_range(rule, &first_text(rule, &["cidrIpv4", "cidrIpv6"]), direction)
    };
    let names_nothing = opening.cidr.is_empty() && opening.group.is_empty() && opening.prefix_list.is_empty();
    (!names_nothing).then_some(opening)
}

/// A permission as callers write it: ports, and any number of ranges, groups and prefix lists.
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
    for group in list(permission, "groups") {
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
