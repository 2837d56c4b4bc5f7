//! Reading values as loosely as CloudTrail writes them.
//!
//! One parameter is `cidrIp`, `CidrIpv4` or `cIDRIP`; a boolean is `true` or `"true"`; a number is `22` or
//! `"22"`; a list is an array, its only item alone, or an object that holds the array as `items`.

use std::borrow::Cow;

use model::json::{Kind, Value};

/// The member `name` of an object, letter case aside; a `null` counts as missing.
pub(crate) fn field<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut found = None;
    for (key, member) in value.members() {
        let same = match key.plain_bytes() {
            Some(bytes) if bytes == name.as_bytes() => {
                found = Some(member);
                break;
            }
            Some(bytes) => bytes.eq_ignore_ascii_case(name.as_bytes()),
            None => key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)),
        };
        if same {
            found = Some(member);
        }
    }
    found.filter(|value| !value.is_null())
}

/// The value behind a dotted path, letter case aside.
pub(crate) fn at<'a>(value: Value<'a>, path: &str) -> Option<Value<'a>> {
    path.split('.').try_fold(value, field)
}

/// The text behind a dotted path, or `""`.
pub(crate) fn text<'a>(value: Value<'a>, path: &str) -> Cow<'a, str> {
    at(value, path).and_then(Value::text).unwrap_or_default()
}

/// The first text that is not empty behind any of `paths`, or `""`.
pub(crate) fn first_text<'a>(value: Value<'a>, paths: &[&str]) -> Cow<'a, str> {
    paths.iter().map(|path| text(value, path)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The whole number behind a dotted path.
pub(crate) fn number(value: Value<'_>, path: &str) -> Option<i64> {
    at(value, path)?.as_i64()
}

/// The yes or no behind a dotted path.
pub(crate) fn flag(value: Value<'_>, path: &str) -> Option<bool> {
    let text = at(value, path)?.text()?;
    match text.trim() {
        yes if yes.eq_ignore_ascii_case("true") || yes.eq_ignore_ascii_case("yes") => Some(true),
        no if no.eq_ignore_ascii_case("false") || no.eq_ignore_ascii_case("no") => Some(false),
        _ => None,
    }
}

/// The items behind a dotted path, in whichever way the list is written.
pub(crate) fn list<'a>(value: Value<'a>, path: &str) -> Vec<Value<'a>> {
    at(value, path).map(items).unwrap_or_default()
}

/// The items of a list, in whichever way it is written.
pub(crate) fn items(value: Value<'_>) -> Vec<Value<'_>> {
    if value.kind() != Kind::Object {
        return value.items_or_self().filter(|item| !item.is_null()).collect();
    }
    match ["items", "item", "member"].iter().find_map(|wrapper| field(value, wrapper)) {
        Some(inner) => inner.items_or_self().filter(|item| !item.is_null()).collect(),
        // An empty list is written as an empty object.
        None if value.members().next().is_none() => Vec::new(),
        None => vec![value],
    }
}

/// Whether two texts are the same but for the case of letters; nothing equals `""`.
pub(crate) fn same_text(one: &str, other: &str) -> bool {
    !one.is_empty() && one.eq_ignore_ascii_case(other)
}

/// Whether `text` contains `part`, letter case aside. `part` has to be lower case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use model::json::Document;

    use super::*;

    #[test]
    fn lists_are_read_in_every_way_they_are_written() {
        for (json, count) in [
            (r#"{"l":["a","b"]}"#, 2),
            (r#"{"l":"a"}"#, 1),
            (r#"{"l":{"items":[{"a":1},{"a":2}]}}"#, 2),
            (r#"{"l":{"items":{"a":1}}}"#, 1),
            (r#"{"l":{"a":1}}"#, 1),
            (r#"{"l":{}}"#, 0),
            (r#"{"l":null}"#, 0),
            (r#"{"l":{"items":null}}"#, 1),
            (r#"{"l":[null]}"#, 0),
            ("{}", 0),
        ] {
            let document = Document::parse(json).unwrap();
            assert_eq!(list(document.root(), "l").len(), count, "{json}");
        }
    }

    #[test]
    fn names_numbers_and_flags_are_read_loosely() {
        let document =
            Document::parse(r#"{"cIDRIP":"10.0.0.0/8","n":"22","yes":"Yes","no":false,"x":"maybe"}"#)
                .unwrap();
        let root = document.root();
        assert_eq!(text(root, "cidrIp"), "10.0.0.0/8");
        assert_eq!(number(root, "n"), Some(22));
        assert_eq!([flag(root, "yes"), flag(root, "no"), flag(root, "x")], [Some(true), Some(false), None]);
    }
}
