//! Facts about a resource, derived from the document that a scan makes of it.
//!
//! A document is an object as the AWS CLI prints it: the members of the listed item, one member for each
//! further call, and `$resource`, which says what it is about. Where something could not be read stands
//! `{"$unavailable": reason}`; a fact that depends on it is that hole, in whole or in the part that does (see
//! [`crate::hole`]).
//!
//! To add a fact: one file that has a [`ResourceFact`], one line in [`RESOURCE_FACTS`].

mod egress;
mod event_pattern;
mod exposure;
mod identity;
mod ingress;
mod monitoring;
mod nacl;
mod permissions;
mod policy;
mod stopped;
mod trust;

#[cfg(test)]
mod hidden;
#[cfg(test)]
pub(crate) mod laws;

use model::json::{Value, Writer};

pub use event_pattern::canonical_pattern;

/// One derivation over the document of a resource.
#[derive(Debug)]
pub struct ResourceFact {
    /// The name that rules use.
    pub name: &'static str,
    /// What it says, and its shape.
    pub about: &'static str,
    /// The members of the document that it may read, of any type of resource and letter case aside: what a scan
    /// has to ask for. `$resource` is always there.
    pub reads: &'static [&'static str],
    /// Writes the value.
    pub derive: fn(Value<'_>, &mut Writer),
}

/// Every fact about a resource.
pub static RESOURCE_FACTS: &[&ResourceFact] = &[
    &identity::RESOURCE,
    &policy::POLICY,
    &trust::TRUST,
    &permissions::PERMISSIONS,
    &ingress::INGRESS,
    &egress::EGRESS,
    &nacl::NACL,
    &exposure::EXPOSURE,
    &monitoring::MONITORING,
    &stopped::STOPPED,
    &event_pattern::EVENT_PATTERN,
];

/// The fact called `name`.
pub fn resource_fact(name: &str) -> Option<&'static ResourceFact> {
    RESOURCE_FACTS.iter().copied().find(|fact| fact.name == name)
}
