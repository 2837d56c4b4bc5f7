//! `each:` families: one file that stands for several rules, alike but for a few values.

use std::cmp::Reverse;

use crate::code::Code;
use crate::error::RuleError;
use crate::tree::{Data, Key, Node};

/// The rules that a document stands for: itself, or one for each entry of its `each` list, with `$name` and
/// `{name}` in keys and texts replaced by the entry's values. A text that is only `$name` takes the value's type.
pub(crate) fn members(document: &Node) -> Result<Vec<Node>, RuleError> {
    let Some(each) = document.get("each") else { return Ok(vec![document.clone()]) };
    let Data::List(entries) = &each.data else {
        return Err(RuleError::new(
            Code::EachNotList,
            each.place,
            "`each` is no list",
            "write `each:` and a list of maps",
        ));
    };
    entries
        .iter()
        .map(|entry| {
            if entry.members().is_empty() {
                return Err(RuleError::new(
                    Code::EachEntry,
                    entry.place,
                    "an entry of `each` is no map",
                    "write { name: value, … }",
                ));
            }
            let Data::Map(members) = &document.data else { return Ok(document.clone()) };
            let mut rule: Vec<(Key, Node)> = members
                .iter()
                .filter(|(key, _)| key.text != "each")
                .map(|(key, value)| (key.clone(), filled(value, entry)))
                .collect();
            // A value that is also a key of the rule, such as `severity`, stands in for it.
            for (key, value) in entry.members() {
                if RULE_KEYS.contains(&key.text.as_str()) {
                    rule.retain(|(existing, _)| existing.text != key.text);
                    rule.push((key.clone(), value.clone()));
                }
            }
            Ok(Node { data: Data::Map(rule), place: document.place })
        })
        .collect()
}

/// What an entry of `each` may set of the rule itself.
pub(crate) const RULE_KEYS: &[&str] =
    &["severity", "level", "title", "why", "message", "attack", "equivalents", "tests"];

fn filled(node: &Node, entry: &Node) -> Node {
    let data = match &node.data {
        Data::Text(text) => match text.strip_prefix('$').and_then(|name| entry.get(name)) {
            Some(value) => value.data.clone(),
            None => Data::Text(filled_text(text, entry)),
        },
        Data::List(items) => Data::List(items.iter().map(|item| filled(item, entry)).collect()),
        Data::Map(members) => Data::Map(
            members
                .iter()
                .map(|(key, value)| {
                    let text = filled_text(&key.text, entry);
                    (Key { text, place: key.place }, filled(value, entry))
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node { data, place: node.place }
}

fn filled_text(text: &str, entry: &Node) -> String {
    let mut filled = text.to_owned();
    if !text.contains(['$', '{']) {
        return filled;
    }
    let mut members: Vec<_> = entry.members().iter().collect();
    // Longer names first, so that `$port` leaves `$ports` alone.
    members.sort_by_key(|(key, _)| Reverse(key.text.len()));
    for (key, value) in members {
        if let Some(value) = value.text() {
            filled = filled
                .replace(&format!("{{{}}}", key.text), &value)
                .replace(&format!("${}", key.text), &value);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_a_rule_for_each_entry() {
        let text = "id: open-{name}\nseverity: low\neach:\n  - {name: ssh, port: 22}\n  - {name: rdp, port: 3389, severity: high}\ndetection:\n  a: {to|gte: $port}\n";
        let rules = members(&Node::from_yaml(text).unwrap()[0]).unwrap();
        let summary: Vec<_> = rules
            .iter()
            .map(|rule| {
                let port = rule.get("detection").unwrap().get("a").unwrap().get("to|gte").unwrap();
                (
                    rule.get("id").unwrap().text().unwrap(),
                    rule.get("severity").unwrap().text().unwrap(),
                    port.data.clone(),
                )
            })
            .collect();
        assert_eq!(
            summary,
            [
                ("open-ssh".into(), "low".into(), Data::Number("22".into())),
                ("open-rdp".into(), "high".into(), Data::Number("3389".into())),
            ]
        );
    }
}
