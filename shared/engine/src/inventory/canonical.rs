//! The form in which documents are kept and compared: without what changes by itself, without what may be secret, and
//! with lists in one order, since AWS answers them in any.

use std::collections::BTreeSet;

use model::json::Document;
use serde_json::{Map, Value, json};

use crate::redact;

/// Members that hold what people write themselves, and where they now and then put secrets.
const PRIVATE: &[&str] = &[
    "content",
    "defaultarguments",
    "environment",
    "environmentvariables",
    "hyperparameters",
    "outputs",
    "parameters",
    "userdata",
    "variables",
];

/// The most bytes of a document that is kept, as JSON. Deflated it fits into an item of `DynamoDB`, which takes 400 KB; a
/// credential report of some thousand users does not.
const MOST: usize = 800_000;

/// The document of a resource as it is kept, without its `volatile` members.
pub(super) fn kept(document: &Map<String, Value>, volatile: &[String]) -> Map<String, Value> {
    let mut whole = Value::Object(document.clone());
    if let Value::Object(members) = &mut whole {
        members.remove("$resource");
    }
    drop_all(&mut whole, volatile);
    withhold(&mut whole, &|| json!({ "$unavailable": "Withheld" }));
    let text = Document::parse(whole.to_string()).unwrap_or_default();
    let redacted = redact::evidence(text.root(), usize::MAX);
    let mut whole: Value = serde_json::from_str(&redacted).unwrap_or_default();
    sort(&mut whole);
    match whole {
        Value::Object(members) if redacted.len() <= MOST => members,
        Value::Object(members) => fitting(members, MOST),
        _ => Map::new(),
    }
}

/// A document that was kept, without what has been named volatile since.
pub(super) fn kept_before(document: Map<String, Value>, volatile: &[String]) -> Map<String, Value> {
    let mut steady = Value::Object(document.clone());
    drop_all(&mut steady, volatile);
    match steady {
        Value::Object(members) if members == document => document,
        mut steady => {
            sort(&mut steady);
            if let Value::Object(members) = steady { members } else { document }
        }
    }
}

/// The members without the largest, where they are too many bytes: those are judged, and neither kept nor compared.
fn fitting(mut members: Map<String, Value>, most: usize) -> Map<String, Value> {
    let mut sizes: Vec<(usize, String)> =
        members.iter().map(|(key, value)| (value.to_string().len(), key.clone())).collect();
    sizes.sort();
    let mut bytes: usize = sizes.iter().map(|(size, _)| size).sum();
    while bytes > most
        && let Some((size, key)) = sizes.pop()
    {
        members.insert(key, json!({ "$unavailable": "TooLarge" }));
        bytes = bytes.saturating_sub(size);
    }
    members
}

/// Replaces every text beneath private members.
pub(crate) fn withhold(value: &mut Value, instead: &dyn Fn() -> Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| {
            let is_private = PRIVATE.iter().any(|private| key.eq_ignore_ascii_case(private));
            if is_private { withhold_texts(value, instead) } else { withhold(value, instead) }
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| withhold(item, instead)),
        _ => {}
    }
}

fn withhold_texts(value: &mut Value, instead: &dyn Fn() -> Value) {
    match value {
        Value::String(_) => *value = instead(),
        Value::Object(members) => members.values_mut().for_each(|value| withhold_texts(value, instead)),
        Value::Array(items) => items.iter_mut().for_each(|item| withhold_texts(item, instead)),
        _ => {}
    }
}

/// Leaves out volatile members: each at its dotted path, or of its name wherever it stands.
fn drop_all(document: &mut Value, volatile: &[String]) {
    for member in volatile {
        if member.contains('.') { drop_at(document, member) } else { drop_named(document, member) }
    }
}

/// Leaves out what stands at a dotted path, in every element of the lists on the way.
fn drop_at(value: &mut Value, path: &str) {
    match value {
        Value::Object(members) => match path.split_once('.') {
            Some((first, rest)) => {
                let inner = members.iter_mut().filter(|(key, _)| key.eq_ignore_ascii_case(first));
                inner.for_each(|(_, value)| drop_at(value, rest));
            }
            None => members.retain(|key, _| !key.eq_ignore_ascii_case(path)),
        },
        Value::Array(items) => items.iter_mut().for_each(|item| drop_at(item, path)),
        _ => {}
    }
}

/// Leaves out every member of a name.
fn drop_named(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !key.eq_ignore_ascii_case(name));
            members.values_mut().for_each(|value| drop_named(value, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_named(item, name)),
        _ => {}
    }
}

/// Puts lists in order.
pub(crate) fn sort(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(sort),
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(Value::to_string);
        }
        _ => {}
    }
}

/// Whether a value is a hole, or has one in it that a failed read left.
pub(super) fn has_hole(value: &Value) -> bool {
    match value {
        Value::Object(members) => match members.get("$unavailable") {
            Some(why) => why != "Withheld" && why != "TooLarge",
            None => members.values().any(has_hole),
        },
        Value::Array(items) => items.iter().any(has_hole),
        _ => false,
    }
}

/// The scalars in a value, as texts.
pub(super) fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| texts(value, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::String(text) => {
            found.insert(text.clone());
            // Policies are written as JSON in text, and read as JSON.
            if text.starts_with(['{', '['])
                && let Ok(inner) = serde_json::from_str::<Value>(text)
            {
                texts(&inner, found);
            }
        }
        Value::Number(number) => {
            found.insert(number.to_string());
        }
        Value::Bool(holds) => {
            found.insert(holds.to_string());
        }
        Value::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &Value) -> Value {
        let volatile = ["RoleLastUsed", "A.at", "C.D.n"].map(str::to_owned);
        Value::Object(kept(value.as_object().unwrap(), &volatile))
    }

    #[test]
    fn what_changes_by_itself_is_left_out_at_its_path_or_by_its_name_anywhere() {
        let one = of(
            &json!({"A": [{"b": 1, "at": 7}], "at": 8, "C": {"D": [{"n": 1}, {"m": 2}], "n": 3}, "E": [{"rolelastused": 1}]}),
        );
        assert_eq!(one, json!({"A": [{"b": 1}], "at": 8, "C": {"D": [{"m": 2}, {}], "n": 3}, "E": [{}]}));
    }

    #[test]
    fn what_has_been_named_volatile_since_is_left_out_of_what_was_kept() {
        let of = |document: Value| kept_before(document.as_object().cloned().unwrap(), &["at".to_owned()]);
        let kept = of(json!({"A": [{"at": 1, "b": 2}, {"at": 2, "b": 1}]}));
        assert_eq!(Value::Object(kept.clone()), json!({"A": [{"b": 1}, {"b": 2}]}));
        assert_eq!(of(Value::Object(kept.clone())), kept);
    }

    #[test]
    fn the_order_of_lists_and_what_changes_by_itself_do_not_count() {
        let one = of(&json!({"A": [{"b": 2}, {"b": 1}], "RoleLastUsed": {"Region": "x"}, "$resource": {}}));
        let other = of(&json!({"A": [{"b": 1}, {"b": 2}]}));
        assert_eq!(one, other);
    }

    #[test]
    fn what_may_be_secret_is_withheld() {
        let kept =
            of(&json!({"Environment": {"Variables": {"TOKEN": "t"}}, "Runtime": "x", "Password": "p"}));
        assert_eq!(
            kept,
            json!({"Environment": {"Variables": {"TOKEN": {"$unavailable": "Withheld"}}}, "Runtime": "x", "Password": "[secret]"})
        );
        assert!(!has_hole(&kept));
        assert!(has_hole(&json!({"a": [{"$unavailable": "Denied"}]})));
    }

    #[test]
    fn policies_in_text_have_texts_too() {
        let mut found = BTreeSet::new();
        texts(&json!({"policy": "{\"Effect\":\"Allow\"}", "n": 22, "b": true}), &mut found);
        assert!(["Allow", "22", "true"].iter().all(|text| found.contains(*text)), "{found:?}");
    }

    #[test]
    fn of_what_is_too_large_the_largest_members_are_left_out() {
        let document = json!({"Report": vec!["x"; 90], "Name": "n", "Tags": ["a", "b"]});

        let kept = fitting(document.as_object().cloned().unwrap(), 40);

        assert_eq!(
            Value::Object(kept.clone()),
            json!({"Report": {"$unavailable": "TooLarge"}, "Name": "n", "Tags": ["a", "b"]})
        );
        assert!(!has_hole(&Value::Object(kept.clone())), "no read failed");
        assert_eq!(fitting(kept.clone(), 60), kept);
    }
}
