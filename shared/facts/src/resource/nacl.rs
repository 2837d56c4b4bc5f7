//! `nacl`: what a network ACL lets through.

use model::json::Value;

use super::ResourceFact;
use crate::acl_entry::AclEntry;
use crate::hole::Gathered;
use crate::json_out::object;

/// The entries of a network ACL.
pub(super) static NACL: ResourceFact = ResourceFact {
    name: "nacl",
    about: "The entries of a network ACL: [{allow, egress, world, cidr, protocol: tcp|udp|icmp|icmpv6|all|…, from, to (all: 0 to \
        65535; no ports: -1), rule_number, effective: no entry with a lower number denies all that this one is about}].",
    reads: &["Entries"],
    derive,
};

fn derive(document: Value<'_>, out: &mut String) {
    let entries = Gathered::list(document, "Entries").flat_map(|entry| vec![AclEntry::read(entry)]);
    entries.write(out, |entry, out| {
        let shadowed = entries.any(|earlier| !earlier.allow && earlier.shadows(entry));
        object(out, |fact| {
            entry.write(fact);
            fact.known_flag("effective", shadowed.map(|shadowed| !shadowed));
        });
    });
}
