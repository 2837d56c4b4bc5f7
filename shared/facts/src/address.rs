//! Addresses and networks, as records write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Reads an address. Leading zeros are decimal, as some logs write them; an IPv4 address inside IPv6 is IPv4.
pub(crate) fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let octets = text.split('.').map(octet).collect::<Option<Vec<u8>>>()?;
    <[u8; 4]>::try_from(octets).ok().map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
}

fn octet(text: &str) -> Option<u8> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Reads a network such as `10.0.0.0/8`. Bits behind the prefix do not matter (`208.236.235.254/0` is
/// everything), and an address alone is a network of one.
pub(crate) fn parse_network(text: &str) -> Option<IpNet> {
    let (address, length) = match text.trim().split_once('/') {
        Some((address, length)) => (parse_address(address)?, Some(length.trim().parse().ok()?)),
        None => (parse_address(text)?, None),
    };
    let whole = if address.is_ipv4() { 32 } else { 128 };
    IpNet::new(address, length.unwrap_or(whole)).ok().map(|network| network.trunc())
}

const fn v4(octets: [u8; 4], length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), length))
}

const fn v6(first: u16, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0), length))
}

/// The networks that no packet from the internet has its source in: this network, private, shared, loopback,
/// link-local, unique local and unspecified. IANA special-purpose address registries (RFC 6890); in VPCs AWS
/// hands out 100.64.0.0/10 too.
pub(crate) const PRIVATE: [IpNet; 10] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 168, 0, 0], 16),
    v6(0xfc00, 7),
    v6(0xfe80, 10),
    // `::` and `::1`
    v6(0, 127),
];

/// Whether all of `network` is private.
pub(crate) fn is_private(network: IpNet) -> bool {
    PRIVATE.iter().any(|private| private.contains(&network))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_loosely() {
        for (text, network) in [
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("208.236.235.254/0", Some("0.0.0.0/0")),
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            (" 10.0.0.1 ", Some("10.0.0.1/32")),
            ("225.01.00.16/32", Some("225.1.0.16/32")),
            ("::/0", Some("::/0")),
            ("2001:db8::1", Some("2001:db8::1/128")),
            ("10.0.0.0/33", None),
            ("10.0.0/8", None),
            ("1.2.3.4.5", None),
            ("1.2.3.+4", None),
            ("sg-1234", None),
            ("", None),
        ] {
            assert_eq!(parse_network(text).map(|network| network.to_string()).as_deref(), network, "{text}");
        }
    }

    #[test]
    fn private_networks_are_told_from_public_ones() {
        for (text, private) in [
            ("10.0.0.1", true),
            ("172.31.255.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("127.0.0.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("8.8.8.8", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("::1", true),
            ("2600::1", false),
            ("::", true),
            ("::ffff:10.0.0.1", true),
            // Both ends are private, what lies between is not.
            ("0.0.0.0/1", false),
            ("172.16.0.0/12", true),
            ("172.16.0.0/11", false),
        ] {
            assert_eq!(parse_network(text).map(is_private), Some(private), "{text}");
        }
    }
}
