//! Warnings about the values of `each`.

use std::collections::BTreeSet;

use super::Warnings;
use crate::code::Code;
use crate::family::RULE_KEYS;
use crate::near::nearest;
use crate::tree::{Data, Node};

pub(super) fn check(document: &Node, warnings: &mut Warnings) {
    let Some(each) = document.get("each") else { return };
    let mut texts = Vec::new();
    for (key, value) in document.members().iter().filter(|(key, _)| key.text != "each") {
        texts.push((key.text.clone(), key.place));
        below(value, &mut texts);
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (key, _) in each.items().iter().flat_map(Node::members) {
        let name = key.text.as_str();
        let is_used = texts
            .iter()
            .any(|(text, _)| text.contains(&format!("${name}")) || text.contains(&format!("{{{name}}}")));
        if names.insert(name) && !is_used && !RULE_KEYS.contains(&name) {
            let remedy = format!("write `${name}` or `{{{name}}}` where it belongs, or leave it out");
            warnings.add(Code::EachUnused, key.place, format!("nothing uses `{name}`"), remedy);
        }
    }
    for (text, place) in &texts {
        let Some(name) = text.strip_prefix('$').filter(|name| !name.is_empty()) else { continue };
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_known = names.iter().any(|known| name.starts_with(known));
        if is_word && !is_known && name != "unavailable" && name != "resource" {
            let remedy = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `${near}`?"),
                None => "give the entries of `each` a value of that name".to_owned(),
            };
            warnings.add(Code::EachUnknown, *place, format!("no entry of `each` has `{name}`"), remedy);
        }
    }
}

fn below(node: &Node, texts: &mut Vec<(String, crate::error::Place)>) {
    match &node.data {
        Data::Text(text) => texts.push((text.clone(), node.place)),
        Data::List(items) => items.iter().for_each(|item| below(item, texts)),
        Data::Map(members) => {
            for (key, value) in members {
                texts.push((key.text.clone(), key.place));
                below(value, texts);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
}
