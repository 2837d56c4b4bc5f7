//! Warnings about conditions: what is never named, never holds, or always does.

use std::collections::BTreeSet;

use super::search::is_setting;
use super::{About, Warnings};
use crate::code::Code;
use crate::condition::{Condition, Pattern, parse};
use crate::error::Place;
use crate::tree::Node;

pub(super) fn check(detection: &Node, rule: &Node, about: &About<'_>, warnings: &mut Warnings) {
    let names: Vec<&str> =
        detection.members().iter().map(|(key, _)| key.text.as_str()).filter(|key| !is_setting(key)).collect();
    let mut texts: Vec<(String, Place)> = Vec::new();
    for node in detection.get("condition").map(Node::items).unwrap_or_default() {
        texts.push((node.text().unwrap_or_default(), node.place));
    }
    if let Some(rules) = rule.get("correlation").and_then(|block| block.get("rules")) {
        texts.extend(rules.items().iter().map(|node| (node.text().unwrap_or_default(), node.place)));
    }
    let counts = texts.iter().any(|(text, _)| text.contains('|'));
    if let Some((key, _)) = detection.members().iter().find(|(key, _)| key.text == "timeframe")
        && !counts
    {
        let remedy = "count in the condition (`search | count() > 5`), or leave it out";
        warnings.add(Code::TimeframeUnused, key.place, "`timeframe` does nothing without a count", remedy);
    }
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (text, place) in &texts {
        let (own, near) = text.split_once('|').unwrap_or((text, ""));
        used.extend(names.iter().copied().filter(|name| near.split_whitespace().any(|word| word == *name)));
        let Ok(condition) = parse(own, *place) else { continue };
        named(&condition, &names, &mut used);
        sense(&condition, &names, *place, warnings);
        let is_filter = rule.get("detection").is_none();
        if is_filter && !says_not(&condition) {
            let remedy = "write `not` before what is to be left out";
            let problem = "the filter keeps what fits it, and leaves everything else out";
            warnings.add(Code::FilterKeeps, *place, problem, remedy);
        }
        let alone = !counts && !is_filter && rule.get("correlation").is_none() && about.resource.is_none();
        if alone && about.is_read && matches!(condition, Condition::Not(_)) {
            let remedy = "name what the rule is about as well: `selection and not …`";
            warnings.add(Code::OnlyNegative, *place, "the condition only says what a record is not", remedy);
        }
    }
    if texts.is_empty() {
        return;
    }
    for (key, _) in detection.members().iter().filter(|(key, _)| !is_setting(&key.text)) {
        if !used.contains(key.text.as_str()) {
            let problem = format!("no condition names the search `{}`", key.text);
            warnings.add(Code::UnusedSearch, key.place, problem, "name it in the condition, or remove it");
        }
    }
}

/// Whether the condition has a `not`.
fn says_not(condition: &Condition) -> bool {
    match condition {
        Condition::Not(_) => true,
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(says_not),
        Condition::Name(_) | Condition::Of(..) => false,
    }
}

fn named<'n>(condition: &Condition, names: &[&'n str], used: &mut BTreeSet<&'n str>) {
    match condition {
        Condition::Name(name) => used.extend(names.iter().copied().filter(|known| known == name)),
        Condition::Of(_, pattern) => used.extend(names.iter().copied().filter(|name| pattern.names(name))),
        Condition::And(parts) | Condition::Or(parts) => {
            for part in parts {
                named(part, names, used);
            }
        }
        Condition::Not(part) => named(part, names, used),
    }
}

fn sense(condition: &Condition, names: &[&str], place: Place, warnings: &mut Warnings) {
    match condition {
        Condition::Of(Some(count), pattern) => {
            let fitting = names.iter().filter(|name| pattern.names(name)).count();
            if fitting > 0 && *count > fitting {
                let shown = match pattern {
                    Pattern::Them => "them",
                    Pattern::Named(text) => text,
                };
                let problem = format!("`{count} of {shown}` of {fitting} searches never holds");
                warnings.add(Code::OfTooMany, place, problem, format!("write at most {fitting}"));
            }
        }
        Condition::And(parts) | Condition::Or(parts) => {
            let is_and = matches!(condition, Condition::And(_));
            for (at, one) in parts.iter().enumerate() {
                for other in parts.iter().skip(at + 1) {
                    let opposite =
                        |a: &Condition, b: &Condition| matches!(a, Condition::Not(inner) if **inner == *b);
                    if one == other {
                        let remedy = "say it once";
                        warnings.add(
                            Code::RepeatedTerm,
                            place,
                            "the condition says the same thing twice",
                            remedy,
                        );
                    } else if opposite(one, other) || opposite(other, one) {
                        let (code, problem) = if is_and {
                            (Code::Contradiction, "the condition wants a search to hold and not to hold")
                        } else {
                            (Code::AlwaysTrue, "the condition holds whether the search does or not")
                        };
                        warnings.add(code, place, problem, "mend one of the two");
                    }
                }
            }
            for part in parts {
                sense(part, names, place, warnings);
            }
        }
        Condition::Not(part) => sense(part, names, place, warnings),
        Condition::Name(_) | Condition::Of(None, _) => {}
    }
}
