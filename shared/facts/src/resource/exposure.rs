//! `exposure`: whether the internet reaches a resource.

use ipnet::IpNet;
use model::json::{Value, Writer};

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
    ("NetworkInterfaces.PrivateIpAddresses.Association.PublicIp", Sign::Address),
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

fn derive(document: Value<'_>, out: &mut Writer) {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::laws::{assert_cases, derived, hole};

    fn group(cidr: &str) -> Value {
        json!({"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": cidr}]}]})
    }

    fn table(destination: &str, gateway: &str) -> Value {
        json!({"RouteTableId": "rtb-1", "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
            {"DestinationCidrBlock": destination, "GatewayId": gateway, "State": "active"}]})
    }

    /// An instance with a public address, an open group, and these members in place of some.
    fn open(members: &Value) -> Value {
        let mut document =
            json!({"InstanceId": "i-1", "PublicIpAddress": "203.0.113.7", "Groups": [group("0.0.0.0/0")]});
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        document
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        for (document, address) in [
            (json!({"PublicIpAddress": "203.0.113.7"}), true),
            (json!({"publicIpAddress": "203.0.113.7"}), true),
            (json!({"PublicIpAddress": ""}), false),
            (json!({"PublicIpAddress": null, "PrivateIpAddress": "10.0.0.1"}), false),
            (json!({"Association": {"PublicIp": "203.0.113.7"}}), true),
            (
                json!({"NetworkInterfaces": [{"PrivateIpAddress": "10.0.0.1"}, {"Association": {"PublicIp": "203.0.113.7"}}]}),
                true,
            ),
            (json!({"NetworkInterfaces": [{"Ipv6Addresses": [{"Ipv6Address": "2600::1"}]}]}), true),
            (json!({"NetworkInterfaces": [{"Ipv6Addresses": [{"Ipv6Address": "fd00::1"}]}]}), false),
            (json!({"PubliclyAccessible": true}), true),
            (json!({"publiclyAccessible": true}), true),
            (json!({"PubliclyAccessible": false}), false),
            (json!({"Scheme": "internet-facing"}), true),
            (json!({"Scheme": "internal"}), false),
            (
                json!({"LaunchTemplateData": {"NetworkInterfaces": [{"AssociatePublicIpAddress": true}]}}),
                true,
            ),
            (json!({"resourcesVpcConfig": {"endpointPublicAccess": true}}), true),
            (json!({"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}}), true),
            (
                json!({"BrokerNodeGroupInfo": {"ConnectivityInfo": {"PublicAccess": {"Type": "DISABLED"}}}}),
                false,
            ),
            (json!({"EndpointType": "PUBLIC"}), true),
            (json!({}), false),
        ] {
            assert_eq!(derived(&EXPOSURE, &document)["address"], json!(address), "{document}");
        }
    }

    #[test]
    fn a_route_leads_to_an_internet_gateway_or_not() {
        for (tables, routed) in [
            (json!(null), json!(null)),
            (json!([]), json!(null)),
            (json!([table("0.0.0.0/0", "igw-1")]), json!(true)),
            (json!([table("::/0", "igw-1")]), json!(true)),
            (json!([{"Routes": [{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}]}]), json!(true)),
            (json!([table("0.0.0.0/0", "vgw-1")]), json!(false)),
            (json!([table("10.1.0.0/16", "igw-1")]), json!(false)),
            (
                json!([{"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}]}]),
                json!(false),
            ),
            (
                json!([{"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "blackhole"}]}]),
                json!(false),
            ),
            (json!([table("10.1.0.0/16", "pcx-1"), table("0.0.0.0/0", "igw-1")]), json!(true)),
            (
                json!([{"Routes": [{"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "igw-1"}, {"DestinationCidrBlock": "128.0.0.0/1", "GatewayId": "igw-1"}]}]),
                json!(true),
            ),
            (hole(), hole()),
            (json!([hole(), table("10.1.0.0/16", "igw-1")]), hole()),
            (json!([hole(), table("0.0.0.0/0", "igw-1")]), json!(true)),
        ] {
            assert_eq!(derived(&EXPOSURE, &json!({"RouteTables": tables}))["routed"], routed, "{tables}");
        }
    }

    #[test]
    fn reachable_is_an_address_a_route_and_an_opening() {
        let closed = json!([group("10.0.0.0/8")]);
        assert_cases(
            &EXPOSURE,
            &[
                (
                    open(&json!({})),
                    json!({"address": true, "routed": null, "reachable": true,
                        "openings": [{"protocol": "tcp", "from": 22, "to": 22, "cidr": "0.0.0.0/0", "world": true}]}),
                ),
                (
                    open(&json!({"RouteTables": [table("0.0.0.0/0", "igw-1")]})),
                    json!({"routed": true, "reachable": true}),
                ),
                (
                    open(&json!({"RouteTables": [table("0.0.0.0/0", "vgw-1")]})),
                    json!({"routed": false, "reachable": false}),
                ),
                (open(&json!({"PublicIpAddress": null})), json!({"address": false, "reachable": false})),
                (
                    open(&json!({"Groups": closed})),
                    json!({"reachable": false, "openings": [{"world": false}]}),
                ),
                (open(&json!({"Groups": []})), json!({"reachable": false, "openings": []})),
                (open(&json!({"Groups": null})), json!({"reachable": false, "openings": []})),
                // Two groups, each with one half of the internet.
                (
                    open(&json!({"Groups": [group("0.0.0.0/1"), group("128.0.0.0/1")]})),
                    json!({"reachable": true, "openings": [{"split_world": true}, {"split_world": true}]}),
                ),
                // Nothing of these is changed by what is hidden.
                (
                    open(&json!({"Groups": hole(), "PublicIpAddress": null})),
                    json!({"address": false, "openings": hole(), "reachable": false}),
                ),
                (
                    open(&json!({"PublicIpAddress": hole(), "Groups": closed})),
                    json!({"address": hole(), "reachable": false}),
                ),
                (
                    open(&json!({"Groups": [group("0.0.0.0/0"), hole()]})),
                    json!({"reachable": true, "openings": [{"world": true}, hole()]}),
                ),
                // All of these are.
                (
                    open(&json!({"Groups": hole()})),
                    json!({"address": true, "openings": hole(), "reachable": hole()}),
                ),
                (open(&json!({"Groups": [group("10.0.0.0/8"), hole()]})), json!({"reachable": hole()})),
                (
                    open(&json!({"Groups": [{"GroupId": "sg-1", "IpPermissions": hole()}]})),
                    json!({"reachable": hole()}),
                ),
                (open(&json!({"PublicIpAddress": hole()})), json!({"address": hole(), "reachable": hole()})),
                (open(&json!({"RouteTables": hole()})), json!({"routed": hole(), "reachable": hole()})),
                (json!({"NetworkInterfaces": [hole()]}), json!({"address": hole(), "reachable": false})),
            ],
        );
    }
}
