//! Reading values as loosely as CloudTrail writes them.
//!
//! One parameter is `cidrIp`, `CidrIpv4` or `cIDRIP`; a boolean is `true` or `"true"`; a number is `22` or
//! `"22"`; a list is an array, its only item alone, or an object that holds the array as `items`.

use std::borrow::Cow;

use model::json::{Kind, Value};

/// The member `name` of an object, letter case aside; a `null` counts as missing.
pub(crate) fn field<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    let [found] = fields(value, [name]);
    found
}

/// The members `names` of an object, each as [`field`] finds it, in one pass over the object.
pub(crate) fn fields<'a, const N: usize>(
    object: impl Into<Option<Value<'a>>>,
    names: [&str; N],
) -> [Option<Value<'a>>; N] {
    let Some(object) = object.into() else { return [None; N] };
    let lengths = names.iter().fold(0, |lengths, name| lengths | length(name.len()));
    let mut wanted = names.map(|name| Wanted { name, found: None, exact: false });
    let mut open = N;
    for (key, member) in object.members() {
        let decoded;
        let key = match key.plain_bytes() {
            Some(bytes) => bytes,
            None => {
                decoded = key.as_str().unwrap_or_default();
                decoded.as_bytes()
            }
        };
        // Most keys do not have the length of any name.
        if lengths & length(key.len()) == 0 {
            continue;
        }
        for each in &mut wanted {
            open -= usize::from(each.see(key, member));
        }
        if open == 0 {
            break;
        }
    }
    wanted.map(|each| each.found.filter(|value| !value.is_null()))
}

/// A set of one length; lengths that are 64 apart count as the same.
#[inline]
fn length(length: usize) -> u64 {
    1 << (length % 64)
}

/// A member that is looked for: the first that is spelt like its name, else the last that is but for letter case.
struct Wanted<'n, 'a> {
    name: &'n str,
    found: Option<Value<'a>>,
    exact: bool,
}

impl<'a> Wanted<'_, 'a> {
    /// Takes `member` if it is a better one, and says whether none can be better from now on.
    #[inline]
    fn see(&mut self, key: &[u8], member: Value<'a>) -> bool {
        let name = self.name.as_bytes();
        if key.len() != name.len() || self.exact {
            return false;
        }
        self.exact = key == name;
        if self.exact || key.eq_ignore_ascii_case(name) {
            self.found = Some(member);
        }
        self.exact
    }
}

/// The value behind a dotted path, letter case aside.
pub(crate) fn at<'a>(value: Value<'a>, path: &str) -> Option<Value<'a>> {
    path.split('.').try_fold(value, field)
}

/// The text behind a dotted path, or `""`.
pub(crate) fn text<'a>(value: Value<'a>, path: &str) -> Cow<'a, str> {
    text_of(at(value, path))
}

/// The text of a value, or `""`.
pub(crate) fn text_of(value: Option<Value<'_>>) -> Cow<'_, str> {
    value.and_then(Value::text).unwrap_or_default()
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
    flag_of(at(value, path))
}

/// The yes or no that a value says.
pub(crate) fn flag_of(value: Option<Value<'_>>) -> Option<bool> {
    let text = value?.text()?;
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
    fn the_first_member_with_the_very_name_wins_then_the_last_but_for_case() {
        for (json, found) in [
            (r#"{"a":1,"A":2}"#, Some("1")),
            (r#"{"A":1,"a":2,"a":3}"#, Some("2")),
            (r#"{"A":1,"A":2,"b":0}"#, Some("2")),
            (r#"{"\u0061":1,"a":2}"#, Some("1")),
            (r#"{"\u0041":1}"#, Some("1")),
            (r#"{"A":1,"a":null}"#, None),
            (r#"{"ab":1}"#, None),
            ("[]", None),
        ] {
            let document = Document::parse(json).unwrap();
            let root = document.root();
            let text = |value: Option<Value<'_>>| value.map(Value::to_json);
            assert_eq!(text(field(root, "a")).as_deref(), found, "{json}");
            let [before, same, after] = fields(root, ["x", "a", "B"]);
            assert_eq!((text(before), text(same)), (None, text(field(root, "a"))), "{json}");
            assert_eq!(text(after), text(field(root, "b")), "{json}");
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
