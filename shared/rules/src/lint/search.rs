//! Warnings about searches: their fields and how they are compared.

use std::collections::BTreeMap;

use super::values::{self, Leaf};
use super::{About, Warnings, fields};
use crate::code::Code;
use crate::error::Place;
use crate::tree::{Data, Node};

/// Words of conditions, which no search can be called.
const RESERVED: &[&str] = &["and", "or", "not", "of", "them", "all", "any"];

pub(super) fn check(detection: &Node, about: &About<'_>, warnings: &mut Warnings) {
    let searches = || detection.members().iter().filter(|(key, _)| !is_setting(&key.text));
    let mut earlier: Vec<(&str, serde_json::Value)> = Vec::new();
    for (key, node) in searches() {
        if RESERVED.contains(&key.text.to_lowercase().as_str()) {
            let problem = format!("the search `{}` is called like a word of conditions", key.text);
            warnings.add(Code::ReservedName, key.place, problem, "give it another name");
        }
        let same = node.to_json();
        if let Some((other, _)) = earlier.iter().find(|(_, known)| *known == same) {
            let problem = format!("the search `{}` is the same as {other}", key.text);
            warnings.add(Code::DuplicateSearch, key.place, problem, "keep one of them");
        }
        earlier.push((&key.text, same));
        search(node, false, about, warnings);
    }
}

pub(super) fn is_setting(key: &str) -> bool {
    key == "condition" || key == "timeframe"
}

fn search(node: &Node, in_scope: bool, about: &About<'_>, warnings: &mut Warnings) {
    match &node.data {
        Data::List(items) => items.iter().for_each(|item| search(item, in_scope, about, warnings)),
        Data::Map(members) => {
            let mut leaves: Vec<Leaf<'_>> = Vec::new();
            for (key, value) in members {
                if let Some((path, _)) = key.text.split_once('[') {
                    exists(path, key.place, in_scope, about, warnings);
                    scope(value, about, warnings);
                    continue;
                }
                let leaf = Leaf::new(&key.text, key.place, value, in_scope);
                exists(leaf.path, key.place, in_scope, about, warnings);
                values::check(&leaf, about, warnings);
                leaves.push(leaf);
            }
            together(&leaves, about, warnings);
        }
        _ => {}
    }
}

fn scope(body: &Node, about: &About<'_>, warnings: &mut Warnings) {
    if body.get("condition").is_none() {
        return search(body, true, about, warnings);
    }
    for (key, node) in body.members().iter().filter(|(key, _)| !is_setting(&key.text)) {
        let _ = key;
        search(node, true, about, warnings);
    }
}

fn exists(path: &str, place: Place, in_scope: bool, about: &About<'_>, warnings: &mut Warnings) {
    if in_scope && !path.starts_with("$.") {
        return;
    }
    if let Some((problem, remedy)) = fields::astray(path, about) {
        let code = if about.resource.is_some() { Code::UnknownMember } else { Code::UnknownField };
        warnings.add(code, place, problem, remedy);
    }
}

/// Fields of one search that exclude each other.
fn together(leaves: &[Leaf<'_>], about: &About<'_>, warnings: &mut Warnings) {
    let mut by_path: BTreeMap<&str, Vec<&Leaf<'_>>> = BTreeMap::new();
    for leaf in leaves {
        by_path.entry(leaf.path).or_default().push(leaf);
    }
    for same in by_path.values().filter(|same| same.len() > 1) {
        for (at, one) in same.iter().enumerate() {
            for other in same.iter().skip(at + 1).filter(|other| one.excludes(other)) {
                let problem = format!("`{}` excludes what another key wants of the same field", other.key);
                warnings.add(
                    Code::ImpossibleSearch,
                    other.place,
                    problem,
                    "put one of them into a search of its own",
                );
            }
        }
    }
    if about.resource.is_some() || !about.is_read {
        return;
    }
    let Some(source) = leaves.iter().find(|leaf| leaf.path == "eventSource" && leaf.modifiers.is_empty())
    else {
        return;
    };
    let Some(name) = leaves.iter().find(|leaf| leaf.path == "eventName" && leaf.modifiers.is_empty()) else {
        return;
    };
    let sources = source.texts();
    let [(_, source)] = sources.as_slice() else { return };
    let Some(known) = about.world.events.get(source.as_str()) else { return };
    for (node, event) in name.texts() {
        if let Some(near) = values::misspelt_event(&event, known) {
            let problem = format!("{source} has no event `{event}`");
            warnings.add(Code::UnknownEvent, node.place, problem, format!("did you mean `{near}`?"));
        }
    }
}
