//! What is likely to be a mistake in a rule that can be used.
//!
//! Reading and compiling refuse what cannot be used; what is said here besides are warnings. What exists elsewhere,
//! such as types of resources and names of events, is handed in as a [`World`].

mod condition;
mod correlation;
mod family;
mod fields;
mod message;
mod meta;
mod record;
mod search;
mod source;
mod tests;
mod text;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Code;
use crate::error::{Place, RuleError};
use crate::family as each;
use crate::filter;
use crate::tree::Node;

pub use record::IDENTITY as IDENTITY_FIELDS;
pub use record::RECORD as RECORD_FIELDS;
pub use source::{Said, locate};
pub use text::decoded;

/// Whether a document of this type of resource can have a value at this path.
pub type Yields<'w> = &'w dyn Fn(&str, &str) -> bool;

/// What exists outside of a rule.
#[derive(Clone, Default)]
pub struct World<'w> {
    /// The types of resources, each with the members that its documents are known to have; empty: not known.
    pub resources: BTreeMap<String, BTreeSet<String>>,
    /// Whether documents can have a path; `None`: nobody knows.
    pub yields: Option<Yields<'w>>,
    /// The sources of events, each with names of events that it is known to write.
    pub events: BTreeMap<String, BTreeSet<String>>,
    /// The placeholders that are set, or that the catalogue asks for.
    pub placeholders: BTreeSet<String>,
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (resources, events) = (self.resources.len(), self.events.len());
        write!(formatter, "World({resources} types of resources, {events} sources of events)")
    }
}

/// A list of warnings that grows.
#[derive(Debug, Default)]
struct Warnings {
    found: Vec<RuleError>,
}

impl Warnings {
    fn add(&mut self, code: Code, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.found.push(RuleError::new(code, place, problem, remedy));
    }
}

/// What the warnings are about.
#[derive(Debug, Clone, Copy)]
struct About<'a> {
    world: &'a World<'a>,
    /// The type of the resources, of a check.
    resource: Option<&'a str>,
    /// Whether the rule is read here at all.
    is_read: bool,
    /// Whether it has the keys of Trailpost, and not Sigma's alone.
    is_own: bool,
    /// Whether the rule is one of a family, whose lists may differ in length.
    is_family: bool,
}

/// Warnings about the text of a file, whatever it holds.
pub fn text(text: &str, origin: &str) -> Vec<RuleError> {
    let mut warnings = Warnings::default();
    text::check(text, &mut warnings);
    warnings.found.into_iter().map(|warning| warning.in_file(origin)).collect()
}

/// Warnings about one document of a file of rules. `alone`: the file holds no other.
pub fn document(document: &Node, origin: &str, alone: bool, world: &World<'_>) -> Vec<RuleError> {
    let mut warnings = Warnings::default();
    family::check(document, &mut warnings);
    let members = each::members(document).unwrap_or_default();
    let alone = alone && document.get("each").is_none();
    for rule in &members {
        let is_family = document.get("each").is_some();
        self::rule(rule, origin, alone, is_family, world, &mut warnings);
    }
    // The rules of a family are alike.
    let mut seen = BTreeSet::new();
    warnings.found.retain(|warning| seen.insert((warning.code, warning.place, warning.problem.clone())));
    warnings.found.into_iter().map(|warning| warning.in_file(origin)).collect()
}

fn rule(rule: &Node, origin: &str, alone: bool, is_family: bool, world: &World<'_>, warnings: &mut Warnings) {
    let resource = rule.get("resource").and_then(Node::text);
    let is_own = resource.is_some() || rule.get("severity").is_some();
    let is_read = resource.is_some() || meta::reads_cloudtrail(rule);
    let about = About { world, resource: resource.as_deref(), is_read, is_own, is_family };
    meta::check(rule, origin, alone, &about, warnings);
    message::check(rule, &about, warnings);
    tests::check(rule, &about, warnings);
    if let Some(detection) = rule.get("detection") {
        search::check(detection, &about, warnings);
        condition::check(detection, rule, &about, warnings);
    }
    if let (Some(block), None) = (rule.get("filter"), rule.get("detection")) {
        let searches = filter::searches(block);
        search::check(&searches, &about, warnings);
        condition::check(&searches, rule, &about, warnings);
    }
    if let Some(block) = rule.get("correlation") {
        correlation::check(block, rule, warnings);
    }
}
