//! Warnings about the fields of sentences, and about what tells findings apart.

use super::{About, Warnings, fields};
use crate::code::Code;
use crate::message::split;
use crate::tree::Node;

pub(super) fn check(rule: &Node, about: &About<'_>, warnings: &mut Warnings) {
    let is_correlation = rule.get("correlation").is_some()
        || rule
            .get("detection")
            .and_then(|block| block.get("condition"))
            .and_then(Node::text)
            .is_some_and(|condition| condition.contains('|'));
    if let Some(node) = rule.get("message") {
        let text = node.text().unwrap_or_default();
        for piece in split(&text) {
            let (path, _) = match piece {
                Ok(text) if text.contains('{') => {
                    warnings.add(
                        Code::MessageUnclosed,
                        node.place,
                        "a `{` of the message is not closed",
                        "add `}`",
                    );
                    continue;
                }
                Ok(_) => continue,
                Err(field) => field,
            };
            if path.is_empty() {
                let remedy = "write the path of a field between the braces";
                warnings.add(Code::MessageEmptyField, node.place, "`{}` names no field", remedy);
            } else if path.starts_with("correlation.") && !is_correlation {
                let problem = format!("`{path}` is nothing without a correlation");
                warnings.add(Code::MessageCorrelation, node.place, problem, "name a field of the record");
            } else if let Some((problem, remedy)) = fields::astray(&path, about) {
                warnings.add(Code::MessageField, node.place, problem, remedy);
            }
        }
    }
    for path in rule.get("dedup").map(Node::items).unwrap_or_default() {
        if let Some((problem, remedy)) = fields::astray(&path.text().unwrap_or_default(), about) {
            warnings.add(Code::DedupField, path.place, problem, remedy);
        }
    }
    let Some(block) = rule.get("correlation") else { return };
    let aliases = block.get("aliases").map(Node::members).unwrap_or_default();
    for path in block.get("group-by").map(Node::items).unwrap_or_default() {
        let text = path.text().unwrap_or_default();
        // Rules of other logs have other fields.
        let is_ours = about.is_read && (about.is_own || rule.get("detection").is_some());
        if !is_ours || aliases.iter().any(|(alias, _)| alias.text == text) {
            continue;
        }
        if let Some((problem, remedy)) = fields::astray(&text, about) {
            warnings.add(Code::GroupField, path.place, problem, remedy);
        }
    }
}
