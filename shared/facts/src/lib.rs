//! Facts: what a CloudTrail record, or the document of a resource, means, derived from what it says.
//!
//! A fact is a pure function from a document to a JSON value. Rules read it as `facts.<name>.…`, such as
//! `facts.actor.kind` or `facts.ingress[any]: {world: true}`. A fact describes and never judges: whether a
//! thing is bad stands in a rule. No I/O, no clock; nothing here fails or panics on any JSON.
//!
//! Conventions of all facts: text that is not known is `""`, a number or a yes-or-no that is not known is
//! `null`, and a fact that has nothing to say of a call is `null` (of one thing) or `[]` (of several).
//!
//! To add a fact: one file that exports a [`Fact`], one line in [`EVENT_FACTS`]; of a resource, a [`ResourceFact`] and a line in
//! [`RESOURCE_FACTS`]. What both kinds read, such as policies and openings, is read by one core.

mod acl_entry;
mod actor;
mod address;
mod arn;
mod call;
mod coverage;
mod egress;
mod glob;
mod hole;
mod ingress;
mod json_out;
mod loose;
mod nacl;
mod opening;
mod password_policy;
mod policy;
mod policy_document;
mod resource;
mod shared_with;
mod source;
mod target;

#[cfg(test)]
mod laws;

pub use actor::{ACTOR, is_automated};
pub use call::{CALL, family, is_write, service};
pub use egress::EGRESS;
pub use ingress::INGRESS;
pub use nacl::NACL;
pub use password_policy::PASSWORD_POLICY;
pub use policy::POLICY;
pub use resource::{RESOURCE_FACTS, ResourceFact, canonical_pattern, resource_fact};
pub use shared_with::SHARED_WITH;
pub use source::SOURCE;
pub use target::TARGET;

/// One derivation over a record.
#[derive(Debug)]
pub struct Fact {
    /// The name that rules use.
    pub name: &'static str,
    /// What it says, and its shape.
    pub about: &'static str,
    /// The paths of the record that it reads.
    pub reads: &'static [&'static str],
    /// Writes the value.
    pub derive: fn(model::Event<'_>, &mut model::json::Writer),
}

/// Every fact about an event.
pub static EVENT_FACTS: &[&Fact] =
    &[&ACTOR, &SOURCE, &CALL, &INGRESS, &EGRESS, &NACL, &POLICY, &SHARED_WITH, &TARGET, &PASSWORD_POLICY];

/// The fact called `name`.
pub fn event_fact(name: &str) -> Option<&'static Fact> {
    EVENT_FACTS.iter().copied().find(|fact| fact.name == name)
}
