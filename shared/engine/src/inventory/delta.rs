//! What differs between two documents, as JSON Patch.
//!
//! RFC 6902, <https://www.rfc-editor.org/rfc/rfc6902>. Lists are sets here: an element that is in both does not differ
//! wherever it stands, and what a patch makes has to be put in order again.

use serde_json::{Map, Value, json};

/// One difference: what stood there, and what stands there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delta {
    /// Where it is in the earlier document, as a JSON Pointer.
    before_at: String,
    /// Where it is in the later one.
    after_at: String,
    /// Its place is in a list.
    in_list: bool,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    /// The plain members of the element of a list that it is in: the ports of a range, the name of a rule.
    pub(super) around: Map<String, Value>,
}

impl Delta {
    /// The member of the document that it is in.
    pub(crate) fn member(&self) -> String {
        let path = self.before_at.trim_start_matches('/');
        path.split('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~")
    }

    /// Where it is, or was: a JSON Pointer.
    pub(super) fn path(&self) -> &str {
        if self.after.is_some() { &self.after_at } else { &self.before_at }
    }

    /// The position in the list at the top of the member, in the earlier and the later document.
    pub(super) fn positions(&self) -> [Option<usize>; 2] {
        [&self.before_at, &self.after_at]
            .map(|path| path.split('/').nth(2).and_then(|part| part.parse().ok()))
    }

    /// Whether this is a part of what `other` says stands there now.
    pub(crate) fn is_within_after(&self, other: &Self) -> bool {
        is_beneath(&self.after_at, &other.after_at)
    }

    /// Whether this is a part of what `other` says stood there before.
    pub(crate) fn is_within_before(&self, other: &Self) -> bool {
        is_beneath(&self.after_at, &other.before_at)
    }

    /// What was added, as what was taken away from where it stood.
    pub(crate) fn reversed(self) -> Self {
        Self {
            before_at: self.after_at,
            after_at: self.before_at,
            before: self.after,
            after: self.before,
            ..self
        }
    }

    /// The elements of the lists in an element of a list that is new, each as an addition; none if it has but one, since
    /// that and the element are the same.
    pub(super) fn inner(&self) -> Vec<Self> {
        let (None, Some(Value::Object(members)), true) = (&self.before, &self.after, self.in_list) else {
            return Vec::new();
        };
        let lists = members.iter().filter_map(|(key, value)| Some((key, value.as_array()?)));
        let inner: Vec<Self> = lists
            .flat_map(|(key, items)| {
                let step = key.replace('~', "~0").replace('/', "~1");
                let list = format!("{}/{step}", self.after_at);
                items.iter().enumerate().map(move |(index, item)| Self {
                    before_at: format!("{list}/-"),
                    after_at: format!("{list}/{index}"),
                    in_list: true,
                    before: None,
                    after: Some(item.clone()),
                    around: plain_members(self.after.as_ref().unwrap_or(&Value::Null)),
                })
            })
            .collect();
        if inner.len() > 1 { inner } else { Vec::new() }
    }

    fn operation(at: &str, in_list: bool, from: Option<&Value>, to: Option<&Value>) -> Value {
        match (from, to) {
            (None, Some(value)) if in_list => {
                let list = at.rsplit_once('/').map_or("", |(list, _)| list);
                json!({ "op": "add", "path": format!("{list}/-"), "value": value })
            }
            (None, Some(value)) => json!({ "op": "add", "path": at, "value": value }),
            (Some(_), Some(value)) => json!({ "op": "replace", "path": at, "value": value }),
            (_, None) => json!({ "op": "remove", "path": at }),
        }
    }
}

/// Whether a path leads to `top` or beneath it.
fn is_beneath(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The patch that makes the earlier document the later one, once lists are put in order. Beside what RFC 6902 asks for,
/// `was` says what stood there, and `in` which element of a list it is a part of.
pub(super) fn patch(deltas: &[Delta]) -> Value {
    let operation = |delta: &Delta| {
        let (before, after) = (delta.before.as_ref(), delta.after.as_ref());
        let mut operation = Delta::operation(&delta.before_at, delta.in_list, before, after);
        if let (Some(before), Value::Object(members)) = (before, &mut operation) {
            members.insert("was".to_owned(), before.clone());
        }
        if let (false, Value::Object(members)) = (delta.around.is_empty(), &mut operation) {
            members.insert("in".to_owned(), Value::Object(delta.around.clone()));
        }
        operation
    };
    Value::Array(deltas.iter().map(operation).collect())
}

/// The patch that makes the later document the earlier one, once lists are put in order.
pub(super) fn undo(deltas: &[Delta]) -> Value {
    let operation = |delta: &Delta| {
        Delta::operation(&delta.after_at, delta.in_list, delta.after.as_ref(), delta.before.as_ref())
    };
    Value::Array(deltas.iter().map(operation).collect())
}

/// The document that a patch makes of another; `None` where it does not fit.
pub(super) fn applied(mut document: Value, patch: &Value) -> Option<Value> {
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).ok()?;
    json_patch::patch(&mut document, &patch).ok()?;
    super::canonical::sort(&mut document);
    Some(document)
}

/// The differences between documents whose lists are in order.
pub(super) fn between(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Delta> {
    let mut found = Vec::new();
    members(before, after, "", "", &mut found);
    found
}

fn members(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    before_at: &str,
    after_at: &str,
    found: &mut Vec<Delta>,
) {
    let mut keys: Vec<&String> =
        before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))).collect();
    keys.sort_unstable();
    for key in keys {
        let step = key.replace('~', "~0").replace('/', "~1");
        let (before_at, after_at) = (format!("{before_at}/{step}"), format!("{after_at}/{step}"));
        compare(before.get(key), after.get(key), before_at, after_at, false, found);
    }
}

fn compare(
    before: Option<&Value>,
    after: Option<&Value>,
    before_at: String,
    after_at: String,
    in_list: bool,
    found: &mut Vec<Delta>,
) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            members(old, new, &before_at, &after_at, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => items(old, new, &before_at, &after_at, found),
        (before, after) => found.push(Delta {
            before_at,
            after_at,
            in_list,
            before: before.cloned(),
            after: after.cloned(),
            around: Map::new(),
        }),
    }
}

/// Elements that are in one list only; those that are nearly alike are one element that changed.
fn items(before: &[Value], after: &[Value], before_at: &str, after_at: &str, found: &mut Vec<Delta>) {
    let mut left: Vec<(usize, &Value)> = Vec::new();
    let mut new: Vec<(usize, &Value)> = after.iter().enumerate().collect();
    for (index, value) in before.iter().enumerate() {
        match new.iter().position(|(_, other)| *other == value) {
            Some(same) => drop(new.remove(same)),
            None => left.push((index, value)),
        }
    }
    let mut gone = Vec::new();
    for (index, value) in left {
        let like = new.iter().enumerate().map(|(at, (_, other))| (likeness(value, other), at)).max();
        match like.filter(|(likeness, _)| *likeness >= ALIKE) {
            Some((_, at)) => {
                let (new_index, other) = new.remove(at);
                let (old_at, new_at) = (format!("{before_at}/{index}"), format!("{after_at}/{new_index}"));
                let first = found.len();
                compare(Some(value), Some(other), old_at, new_at, true, found);
                for delta in found.iter_mut().skip(first).filter(|delta| delta.around.is_empty()) {
                    delta.around = plain_members(other);
                }
            }
            None => gone.push((index, value)),
        }
    }
    // From the end, so that places before them stay what they are.
    for (index, value) in gone.into_iter().rev() {
        found.push(Delta {
            before_at: format!("{before_at}/{index}"),
            after_at: format!("{after_at}/-"),
            in_list: true,
            before: Some(value.clone()),
            after: None,
            around: Map::new(),
        });
    }
    for (index, value) in new.into_iter().rev() {
        found.push(Delta {
            before_at: format!("{before_at}/-"),
            after_at: format!("{after_at}/{index}"),
            in_list: true,
            before: None,
            after: Some(value.clone()),
            around: Map::new(),
        });
    }
}

/// The members of an object that are no lists or objects.
fn plain_members(value: &Value) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    let is_plain = |(_, value): &(&String, &Value)| !value.is_array() && !value.is_object();
    members.filter(is_plain).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Elements with this many hundredths of their members in common are the same element.
const ALIKE: usize = 50;

/// How many hundredths of their members two objects have in common; of all, or of the plain ones, whichever is less:
/// that both have empty lists does not make them one.
fn likeness(one: &Value, other: &Value) -> usize {
    let (Value::Object(one), Value::Object(other)) = (one, other) else { return 0 };
    let is_plain = |value: &Value| !value.is_array() && !value.is_object();
    let share = |counts: &dyn Fn(&Value) -> bool| {
        let counted = |members: &Map<String, Value>| members.values().filter(|value| counts(value)).count();
        let same = one.iter().filter(|(key, value)| counts(value) && other.get(*key) == Some(value)).count();
        (same * 100).checked_div(counted(one).max(counted(other)))
    };
    let plain = share(&is_plain).unwrap_or(100);
    share(&|_| true).unwrap_or_default().min(plain)
}

#[cfg(test)]
mod tests {
    use super::super::canonical;
    use super::*;
    use proptest::prelude::*;

    fn canonical(mut value: Value) -> Value {
        canonical::sort(&mut value);
        value
    }

    fn deltas(before: &Value, after: &Value) -> Vec<Delta> {
        between(before.as_object().unwrap(), after.as_object().unwrap())
    }

    fn shown(before: Value, after: Value) -> Value {
        patch(&deltas(&canonical(before), &canonical(after)))
    }

    #[test]
    fn an_opened_range_is_one_addition() {
        let open = |ranges: &[&str]| {
            let ranges: Vec<_> = ranges.iter().map(|range| json!({ "CidrIp": range })).collect();
            json!({"IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ranges, "Ipv6Ranges": []},
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [], "Ipv6Ranges": []},
            ]})
        };
        let patch = shown(open(&["10.0.0.0/8"]), open(&["10.0.0.0/8", "0.0.0.0/0"]));
        assert_eq!(
            patch,
            json!([{
                "op": "add", "path": "/IpPermissions/0/IpRanges/-", "value": {"CidrIp": "0.0.0.0/0"},
                "in": {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22},
            }])
        );
    }

    #[test]
    fn members_are_added_removed_and_replaced_by_name() {
        assert_eq!(
            shown(json!({"a": 1, "b": {"c/d": 1}, "e": 1}), json!({"a": 2, "b": {}, "f": null})),
            json!([
                {"op": "replace", "path": "/a", "value": 2, "was": 1},
                {"op": "remove", "path": "/b/c~1d", "was": 1},
                {"op": "remove", "path": "/e", "was": 1},
                {"op": "add", "path": "/f", "value": null},
            ])
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(json!(null)), (0..3).prop_map(|n| json!(n)), "[ab]".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map("[abc/~]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn any_document() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[abc]", any_value(), 0..4)
            .prop_map(|members| canonical(Value::Object(members.into_iter().collect())))
    }

    proptest! {
        #[test]
        fn a_patch_makes_the_later_document_and_its_undo_the_earlier(before in any_document(), after in any_document()) {
            let deltas = deltas(&before, &after);
            prop_assert_eq!(applied(before.clone(), &patch(&deltas)), Some(after.clone()));
            prop_assert_eq!(applied(after.clone(), &undo(&deltas)), Some(before.clone()));
            prop_assert_eq!(deltas.is_empty(), before == after);
        }
    }
}
