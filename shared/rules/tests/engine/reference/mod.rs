//! The language by definition, as docs/writing-rules.md and the Sigma specification have it: slow, plain, and written
//! without a line of the engine, over values instead of compiled rules.

mod condition;
mod forms;
mod globs;
mod paths;
mod values;

use serde_json::Value as Rule;

use crate::document::Json;
use forms::{expanded, forms};
use paths::{Seen, reach, scalars};
use values::{Modifiers, one_fits};

/// Whether something holds; `None`: that depends on what could not be seen.
pub(crate) type Truth = Option<bool>;

pub(crate) fn not(truth: Truth) -> Truth {
    truth.map(|holds| !holds)
}

pub(crate) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    if truths.contains(&Some(false)) {
        Some(false)
    } else if truths.contains(&None) {
        None
    } else {
        Some(true)
    }
}

pub(crate) fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    not(all(truths.into_iter().map(not)))
}

/// Everything that a verdict depends on, apart from the rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) document: &'a Json,
    /// The facts, by name.
    pub(crate) facts: &'a Json,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// All of several members with the same name count.
    pub(crate) twins: bool,
    /// Placeholders and their values.
    pub(crate) placeholders: &'a [(&'a str, &'a [&'a str])],
}

/// Whether a detection holds in the world, or of one element in it.
pub(crate) fn verdict(detection: &Rule, world: World<'_>) -> Truth {
    of_element(detection, None, world)
}

fn of_element(detection: &Rule, element: Option<&Json>, world: World<'_>) -> Truth {
    let names: Vec<&str> = detection
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|name| *name != "condition")
        .collect();
    let conditions = match &detection["condition"] {
        Rule::Array(conditions) => conditions.clone(),
        one => vec![one.clone()],
    };
    any(conditions.iter().map(|condition| {
        condition::holds(condition.as_str().unwrap(), &names, &|name| {
            search(&detection[name], element, world)
        })
    }))
}

fn search(search_: &Rule, element: Option<&Json>, world: World<'_>) -> Truth {
    match search_ {
        Rule::Object(fields) => all(fields.iter().map(|(key, wanted)| field(key, wanted, element, world))),
        Rule::Array(searches) => any(searches.iter().map(|each| search(each, element, world))),
        keyword => keywords(&Modifiers::of("contains"), keyword, element, world),
    }
}

/// One line of a search: a path with modifiers, or the scope of an element, and what is wanted there.
fn field(key: &str, wanted: &Rule, element: Option<&Json>, world: World<'_>) -> Truth {
    for quantifier in ["any", "all", "none"] {
        if let Some(path) = key.strip_suffix(&format!("[{quantifier}]")) {
            return scope(path, quantifier, wanted, element, world);
        }
    }
    let (path, modifiers) = key.split_once('|').unwrap_or((key, ""));
    let modifiers = Modifiers::of(modifiers);
    let wanted = match wanted {
        Rule::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let wanted: Vec<Rule> = wanted.iter().flat_map(|wanted| expanded(wanted, &modifiers, world)).collect();
    let each = |wanted: &Rule| {
        any(forms(wanted, &modifiers).iter().map(|form| {
            if path.is_empty() {
                return keywords(&modifiers.and("contains"), form, element, world);
            }
            at_path(path, form, &modifiers, element, world)
        }))
    };
    // Of an empty list nothing fits, also not all of it.
    let truths = wanted.iter().map(each);
    let truth = if modifiers.has("all") && !wanted.is_empty() { all(truths) } else { any(truths) };
    if modifiers.has("neq") { not(truth) } else { truth }
}

/// What one wanted value is, seen from a path.
fn at_path(
    path: &str,
    wanted: &Rule,
    modifiers: &Modifiers,
    element: Option<&Json>,
    world: World<'_>,
) -> Truth {
    let seen = reach(path, element, world);
    let unseen = seen.iter().any(|each| matches!(each, Seen::Nothing));
    let values: Vec<&Json> = seen.iter().filter_map(|each| each.value()).collect();
    let present = values.iter().any(|value| **value != Json::Null);
    // What could not be seen may be the value that decides.
    let or_unseen = |truth: bool| if !truth && unseen { None } else { Some(truth) };
    if modifiers.has("exists") {
        let exists = or_unseen(present);
        return if values::is_true(wanted) { exists } else { not(exists) };
    }
    if wanted.is_null() {
        return if values.contains(&&Json::Null) {
            Some(true)
        } else if present {
            or_unseen(false)
        } else {
            not(or_unseen(false))
        };
    }
    let known = values.iter().map(|value| one_fits(wanted, value, modifiers, element, world));
    any(known.chain(unseen.then_some(None)))
}

/// Whether a text stands somewhere in the document, or in the element.
fn keywords(modifiers: &Modifiers, wanted: &Rule, element: Option<&Json>, world: World<'_>) -> Truth {
    if wanted.is_null() {
        return Some(false);
    }
    any(scalars(element.unwrap_or(world.document)).into_iter().map(|seen| match seen {
        Seen::Value(value) => one_fits(wanted, value, modifiers, element, world),
        Seen::Nothing => None,
    }))
}

/// How many elements have to satisfy a scope's body.
fn scope(path: &str, quantifier: &str, body: &Rule, element: Option<&Json>, world: World<'_>) -> Truth {
    let truths: Vec<Truth> = reach(path, element, world)
        .into_iter()
        .filter(|seen| seen.value() != Some(&Json::Null))
        .map(|seen| {
            let each = seen.value()?;
            match body.get("condition") {
                Some(_) => of_element(body, Some(each), world),
                None => search(body, Some(each), world),
            }
        })
        .collect();
    match quantifier {
        "any" => any(truths),
        "all" => all(truths),
        _ => not(any(truths)),
    }
}
