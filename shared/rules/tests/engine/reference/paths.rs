//! Paths by definition: names joined by dots, through lists to any of their elements.

use super::World;
use crate::document::Json;

/// What stands at the end of a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen<'a> {
    Value(&'a Json),
    /// It could not be seen.
    Nothing,
}

impl<'a> Seen<'a> {
    pub(super) fn value(self) -> Option<&'a Json> {
        match self {
            Seen::Value(value) => Some(value),
            Seen::Nothing => None,
        }
    }
}

/// All that a path leads to, from the element of the scope around, the facts or the document.
pub(super) fn reach<'a>(path: &str, element: Option<&'a Json>, world: World<'a>) -> Vec<Seen<'a>> {
    let (element, path) = match path.strip_prefix("$.") {
        Some(path) => (None, path),
        None => (element, path),
    };
    let (start, path) = match (element, path.strip_prefix("facts.")) {
        (Some(element), _) if path == "." => (element, ""),
        (Some(element), _) => (element, path),
        (None, Some(fact)) => (world.facts, fact),
        (None, None) => (world.document, path),
    };
    let names: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('.').collect() };
    follow(start, &names, world.twins)
}

fn follow<'a>(value: &'a Json, names: &[&str], twins: bool) -> Vec<Seen<'a>> {
    if let Json::List(items) = value {
        return items.iter().flat_map(|item| follow(item, names, twins)).collect();
    }
    let [name, rest @ ..] = names else {
        return vec![if value.is_hole() { Seen::Nothing } else { Seen::Value(value) }];
    };
    let mut members = value.all(name);
    let mut rest = rest;
    if members.is_empty() && !rest.is_empty() {
        // A flattened record has the rest of the path as one key.
        members = value.all(&names.join("."));
        rest = &[];
    }
    match (members.last(), twins) {
        (Some(last), false) => follow(last, rest, twins),
        (Some(_), true) => members.into_iter().flat_map(|member| follow(member, rest, twins)).collect(),
        (None, _) if value.is_hole() => vec![Seen::Nothing],
        (None, _) => Vec::new(),
    }
}

/// Every value beneath this one that is no list and no object.
pub(super) fn scalars(value: &Json) -> Vec<Seen<'_>> {
    match value {
        Json::Null => Vec::new(),
        Json::List(items) => items.iter().flat_map(scalars).collect(),
        hole if hole.is_hole() => vec![Seen::Nothing],
        Json::Map(members) => members.iter().flat_map(|(_, member)| scalars(member)).collect(),
        scalar => vec![Seen::Value(scalar)],
    }
}
