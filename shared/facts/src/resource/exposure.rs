//! `exposure`: whether the internet reaches a resource.

use ipnet::IpNet;
use model::json::Value;

use super::ResourceFact;
use crate::address::{is_private, parse_network};
use crate::coverage::is_internet;
use crate::hole::{Gathered, Known, both, either};
use crate::json_out::object;
use crate::loose::{first_text, flag_of, same_text, text};
use crate::opening::{Direction, Opening, Reach, group_openings, write_group};

/// Whether the internet reaches a resource.
pub(super) static EXPOSURE: ResourceFact = ResourceFact {
    name: "exposure",
    about: "Whether the internet reaches a resource: {address: it has or asks for a public address, routed: one of the RouteTables that \
        apply leads the internet to an internet gateway (null where no table is known), openings: the ingress of all its Groups (the \
        shape of ingress), reachable: it has an address, is not known to have no route, and an opening is the world}.",
    reads: &[
        "AssociatePublicIpAddress",
        "Association",
        "BrokerNodeGroupInfo",
        "EndpointType",
        "Groups",
        "Ipv6Address",
        "Ipv6Addresses",
        "LaunchTemplateData",
        "NetworkConfiguration",
        "NetworkInterfaces",
        "Provisioned",
        "PublicIpAddress",
        "PubliclyAccessible",
        "ResourcesVpcConfig",
        "RouteTables",
        "Scheme",
    ],
    derive,
};

/// How a member says that there is a public address.
#[derive(Debug, Clone, Copy)]
enum Sign {
    /// It is an address, and no private one.
    Address,
    /// It is true.
    Yes,
    /// It is this word.
    Word(&'static str),
}

/// Where descriptions say that a resource has, or asks for, a public address.
const SIGNS: &[(&str, Sign)] = &[
    // Instances, network interfaces and launch templates:
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>. An IPv6 address is as public
    // as a route makes it.
    ("PublicIpAddress", Sign::Address),
    ("Association.PublicIp", Sign::Address),
    ("NetworkInterfaces.Association.PublicIp", Sign::Address),
    ("Ipv6Address", Sign::Address),
    ("Ipv6Addresses.Ipv6Address", Sign::Address),
    ("NetworkInterfaces.Ipv6Addresses.Ipv6Address", Sign::Address),
    ("AssociatePublicIpAddress", Sign::Yes),
    ("LaunchTemplateData.NetworkInterfaces.AssociatePublicIpAddress", Sign::Yes),
    // RDS, Redshift, Amazon MQ, DMS:
    // <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html>
    ("PubliclyAccessible", Sign::Yes),
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html>
    ("Scheme", Sign::Word("internet-facing")),
    // <https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigResponse.html>
    ("ResourcesVpcConfig.EndpointPublicAccess", Sign::Yes),
    // <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html>
    ("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", Sign::Word("ENABLED")),
    // <https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html>
    ("BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", Sign::Word("SERVICE_PROVIDED_EIPS")),
    (
        "Provisioned.BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type",
        Sign::Word("SERVICE_PROVIDED_EIPS"),
    ),
    // <https://docs.aws.amazon.com/transfer/latest/APIReference/API_DescribedServer.html>
    ("EndpointType", Sign::Word("PUBLIC")),
];

fn derive(document: Value<'_>, out: &mut String) {
    let openings = Gathered::shallow_list(document, "Groups")
        .and_then(|group| group_openings(group, Direction::Ingress));
    let (address, routed) = (has_address(document), is_routed(document));
    let reach = Reach::of(&openings.items);
    let open = openings.any(|opening: &Opening| reach.is_world(opening));
    let reachable = both(both(address, routed.map(|routed| routed != Some(false))), open);
    object(out, |fact| {
        fact.known_flag("address", address);
        fact.known_maybe_flag("routed", routed);
        write_group(&openings, fact.value("openings"));
        fact.known_flag("reachable", reachable);
    });
}

fn has_address(document: Value<'_>) -> Known<'_, bool> {
    SIGNS
        .iter()
        .map(|(path, sign)| Gathered::at(document, path).any(|value| sign.is_shown_by(*value)))
        .reduce(either)
        .unwrap_or(Ok(false))
}

impl Sign {
    fn is_shown_by(self, value: Value<'_>) -> bool {
        match self {
            Self::Address => value
                .text()
                .filter(|text| !text.is_empty())
                .is_some_and(|text| parse_network(&text).is_none_or(|address| !is_private(address))),
            Self::Yes => flag_of(Some(value)) == Some(true),
            Self::Word(word) => value.text().is_some_and(|text| same_text(&text, word)),
        }
    }
}

/// Whether the internet is routed to and from an internet gateway; `None` where no table is known. A subnet has
/// always one: an empty list says only that none names the subnet, as with the main table of a VPC. `Route`,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>.
fn is_routed(document: Value<'_>) -> Known<'_, Option<bool>> {
    let tables = Gathered::shallow_list(document, "RouteTables");
    if let (true, None) = (tables.items.is_empty(), tables.hole) {
        return Ok(None);
    }
    let tables = tables.and_then(|table| {
        let routes = Gathered::list(table, "Routes");
        let to_gateway = routes.flat_map(|route| network_to_gateway(route).into_iter().collect());
        Gathered { items: vec![to_gateway.items], hole: to_gateway.hole }
    });
    tables.any(|networks| leads_to_internet(networks)).map(Some)
}

fn leads_to_internet(networks: &[IpNet]) -> bool {
    networks.iter().any(|network| is_internet(networks.iter().copied(), *network))
}

/// What a route sends to an internet gateway.
fn network_to_gateway(route: Value<'_>) -> Option<IpNet> {
    let works = !same_text(&text(route, "State"), "blackhole");
    let to_gateway = text(route, "GatewayId").starts_with("igw-");
    let destination = first_text(route, &["DestinationCidrBlock", "DestinationIpv6CidrBlock"]);
    parse_network(&destination).filter(|_| works && to_gateway)
}
