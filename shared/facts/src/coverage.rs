//! Whether networks together are the whole internet.
//!
//! `0.0.0.0/1` and `128.0.0.0/1` are as open as `0.0.0.0/0`, and so is a list that leaves out only what no
//! packet from the internet carries as its source.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::address::PRIVATE;

/// Multicast and class E: what the IPv4 internet does not route besides private networks.
const IPV4_UNROUTED: (u128, u128) = (0xe000_0000, 0xffff_ffff);

/// The IPv6 internet is `2000::/3`: "IANA IPv6 Global Unicast Address Assignments".
const IPV6_INTERNET: (u128, u128) = (0x2000 << 112, (0x4000 << 112) - 1);

/// Whether `networks` of the family of `like` cover the internet of that family.
pub(crate) fn is_internet(networks: impl IntoIterator<Item = IpNet>, like: IpNet) -> bool {
    let same_family = |network: &IpNet| matches!(network, IpNet::V4(_)) == matches!(like, IpNet::V4(_));
    let ranges = networks.into_iter().chain(PRIVATE).filter(same_family).map(bounds);
    match like {
        IpNet::V4(_) => covers(ranges.chain([IPV4_UNROUTED]), (0, u32::MAX.into())),
        IpNet::V6(_) => covers(ranges, IPV6_INTERNET),
    }
}

fn bounds(network: IpNet) -> (u128, u128) {
    (number(network.network()), number(network.broadcast()))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// Whether the union of `ranges` holds all of `wanted`; bounds belong to a range.
fn covers(ranges: impl Iterator<Item = (u128, u128)>, wanted: (u128, u128)) -> bool {
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_unstable();
    // The least number that no range so far is known to hold.
    let mut open = wanted.0;
    for (start, end) in ranges {
        if start > open {
            return false;
        }
        if end >= wanted.1 {
            return true;
        }
        open = open.max(end.saturating_add(1));
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::address::parse_network;

    fn internet(networks: &[&str]) -> bool {
        let networks: Vec<_> = networks.iter().map(|text| parse_network(text).unwrap()).collect();
        is_internet(networks.iter().copied(), networks[0])
    }

    #[test]
    fn halves_make_a_whole() {
        for (networks, whole) in [
            (&["0.0.0.0/0"][..], true),
            (&["208.236.235.254/0"], true),
            (&["0.0.0.0/1", "128.0.0.0/1"], true),
            (&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"], true),
            (&["128.0.0.0/1", "64.0.0.0/2", "0.0.0.0/2"], true),
            // The last eighth is multicast and class E.
            (&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"], true),
            // All but 10.0.0.0/8.
            (
                &[
                    "0.0.0.0/5",
                    "8.0.0.0/7",
                    "11.0.0.0/8",
                    "12.0.0.0/6",
                    "16.0.0.0/4",
                    "32.0.0.0/3",
                    "64.0.0.0/2",
                    "128.0.0.0/1",
                ],
                true,
            ),
            (&["0.0.0.0/1"], false),
            (&["0.0.0.0/1", "128.0.0.0/2"], false),
            (&["0.0.0.0/1", "::/0"], false),
            (&["10.0.0.0/8"], false),
            (&["::/0"], true),
            (&["2000::/3"], true),
            (&["2000::/4", "3000::/4"], true),
            (&["2000::/4"], false),
            (&["::/1", "8000::/1"], true),
        ] {
            assert_eq!(internet(networks), whole, "{networks:?}");
        }
    }

    /// Splits a network again and again, the way `choices` says.
    fn split(network: IpNet, choices: &mut std::vec::IntoIter<bool>) -> Vec<IpNet> {
        let longer = network.prefix_len() + 1;
        match (choices.next(), network.subnets(longer)) {
            (Some(true), Ok(halves)) => halves.flat_map(|half| split(half, choices)).collect(),
            // Not chosen, or a single address.
            _ => vec![network],
        }
    }

    proptest! {
        #[test]
        fn however_it_is_split_the_whole_stays_whole(choices in prop::collection::vec(any::<bool>(), 0..60), v6 in any::<bool>()) {
            let whole = parse_network(if v6 { "::/0" } else { "0.0.0.0/0" }).unwrap();
            let parts = split(whole, &mut choices.into_iter());
            prop_assert!(is_internet(parts.iter().rev().copied(), whole));
        }

        #[test]
        fn with_a_routed_hole_it_is_no_internet(choices in prop::collection::vec(any::<bool>(), 1..60), hole in 1_u8..=9) {
            let whole = parse_network("0.0.0.0/0").unwrap();
            let missing = parse_network(&format!("{hole}.1.2.3")).unwrap();
            let parts = split(whole, &mut choices.into_iter());
            let parts = parts.into_iter().filter(|part| !part.contains(&missing));
            prop_assert!(!is_internet(parts, whole));
        }
    }
}
