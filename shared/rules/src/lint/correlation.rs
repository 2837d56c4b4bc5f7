//! Warnings about rules over several events.

use super::Warnings;
use crate::code::Code;
use crate::tree::{Data, Node};

pub(super) fn check(block: &Node, rule: &Node, warnings: &mut Warnings) {
    let kind = block.get("type").and_then(Node::text).unwrap_or_default();
    let group = block.get("group-by").map(Node::items).unwrap_or_default();
    if group.is_empty() {
        let remedy = "add `group-by:`, such as [userIdentity.arn]";
        warnings.add(
            Code::GroupByMissing,
            block.place,
            "the events of everybody are counted together",
            remedy,
        );
    }
    let counted = || {
        let condition = block.get("condition").and_then(|condition| condition.get("field"));
        [condition, block.get("field")].into_iter().flatten().flat_map(Node::items)
    };
    for (alias, _) in block.get("aliases").map(Node::members).unwrap_or_default() {
        if !group.iter().chain(counted()).any(|node| node.text().as_deref() == Some(alias.text.as_str())) {
            let problem = format!("nothing is grouped by the alias `{}`", alias.text);
            warnings.add(Code::AliasUnused, alias.place, problem, "add it to `group-by`, or remove it");
        }
    }
    for node in [block.get("generate"), rule.get("generate")].into_iter().flatten() {
        if !matches!(node.data, Data::Bool(_)) {
            let problem = format!("`generate: {}` is taken for false", node.text().unwrap_or_default());
            warnings.add(Code::GenerateNotBoolean, node.place, problem, "write true or false");
        }
    }
    let steps = block.get("rules").map(Node::items).unwrap_or_default();
    if kind.starts_with("temporal") && steps.len() == 1 {
        let remedy = "name a second rule, or count with `type: event_count`";
        warnings.add(
            Code::TemporalOfOne,
            block.place,
            format!("a `{kind}` of one rule is that rule"),
            remedy,
        );
    }
    if let Some(condition) = block.get("condition") {
        bounds(condition, warnings);
    }
}

fn bounds(condition: &Node, warnings: &mut Warnings) {
    let number =
        |key: &str| condition.get(key).and_then(Node::text).and_then(|text| text.parse::<f64>().ok());
    // Counts are whole numbers.
    let least = number("gte").or_else(|| number("gt").map(|than| than + 1.0));
    let most = number("lte").or_else(|| number("lt").map(|than| than - 1.0));
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        let remedy = "let the lower bound be below the upper one";
        warnings.add(Code::BoundsContradict, condition.place, "no number is within the bounds", remedy);
    }
    if least.is_some_and(|least| least <= 1.0) && most.is_none() && condition.get("field").is_none() {
        let remedy = "write two or more, or report the rule itself";
        warnings.add(Code::BoundTrivial, condition.place, "a single event is within the bound", remedy);
    }
}
