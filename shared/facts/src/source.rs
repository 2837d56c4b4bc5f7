//! `source`: where a call came from.
//!
//! `sourceIPAddress` in "CloudTrail record contents for management, data, and network activity events",
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>:
//! an address, the DNS name of an AWS service, or `AWS Internal`.

use std::net::IpAddr;

use model::Event;
use model::json::Writer;

use crate::Fact;
use crate::actor::is_service;
use crate::address::{is_private, parse_address};
use crate::json_out::object;
use crate::loose::{same_text, text};

/// Where a call came from.
pub static SOURCE: Fact = Fact {
    name: "source",
    about: "Where the call came from: {kind: ip|service|internal|none, ip, version: 4|6|null, private, public, vpc_endpoint}; \
        private means RFC 1918, shared (100.64.0.0/10), unique local, link-local, loopback or unspecified.",
    reads: &["sourceIPAddress", "vpcEndpointId"],
    derive,
};

fn derive(event: Event<'_>, out: &mut Writer) {
    let source = event.source_ip().unwrap_or_default();
    let address = parse_address(&source);
    let private = address.is_some_and(|address| is_private(address.into()));
    object(out, |fact| {
        fact.text(
            "kind",
            match address {
                Some(_) => "ip",
                None if same_text(&source, "AWS Internal") => "internal",
                None if is_service(&source) => "service",
                None => "none",
            },
        );
        match address {
            // Nearly every one is written as it is shown.
            Some(IpAddr::V4(v4)) if source.parse() == Ok(v4) => fact.text("ip", &source),
            _ => fact.shown("ip", address),
        }
        fact.number("version", address.map(|address| if address.is_ipv4() { 4 } else { 6 }));
        fact.flag("private", private);
        fact.flag("public", address.is_some() && !private);
        fact.flag("vpc_endpoint", !text(event.root(), "vpcEndpointId").is_empty());
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::laws::{assert_parts, derived};

    #[test]
    fn sources_are_addresses_services_or_aws_itself() {
        for (source, wanted) in [
            (
                json!("198.51.100.7"),
                json!({"kind": "ip", "ip": "198.51.100.7", "version": 4, "public": true, "private": false}),
            ),
            (json!("225.01.00.16"), json!({"kind": "ip", "ip": "225.1.0.16"})),
            (json!("10.1.2.3"), json!({"kind": "ip", "public": false, "private": true})),
            (json!("2600:1f18::1"), json!({"kind": "ip", "version": 6, "public": true})),
            (json!("::ffff:198.51.100.7"), json!({"ip": "198.51.100.7", "version": 4})),
            (json!("fd00::1"), json!({"private": true})),
            (
                json!("cloudformation.amazonaws.com"),
                json!({"kind": "service", "ip": "", "version": null, "public": false}),
            ),
            (json!("AWS Internal"), json!({"kind": "internal"})),
            (json!("amazonaws.com.example.org"), json!({"kind": "none"})),
            (json!(null), json!({"kind": "none", "public": false, "private": false})),
        ] {
            assert_parts(&derived(&SOURCE, &json!({"sourceIPAddress": source})), &wanted, &source);
        }
        let record = json!({"sourceIPAddress": "10.0.0.1", "vpcEndpointId": "vpce-1"});
        assert_parts(&derived(&SOURCE, &record), &json!({"vpc_endpoint": true}), &record);
    }
}
