//! What a document should be after a call, as far as the call's record tells: a member and its value.
//!
//! Records write parameters otherwise than answers do: names begin with small letters, and lists stand in `items`.

use std::collections::BTreeSet;

use catalog::resource::{Change, How, Row, Setting, Source};
use model::json::Document;
use model::{Call, Event, Untrusted};
use serde_json::{Map, Value, json};

use super::taken::{described, take};
use crate::redact;

/// The members around the elements of a list.
const AROUND: &[&str] = &["items", "item", "member"];

/// What CloudTrail writes in place of what it does not want to say.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// A member of a document, and what should stand there after a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set {
    /// The member, as a dotted path.
    pub member: String,
    /// What becomes of what stands there.
    pub how: How,
    /// The value, as JSON.
    pub value: String,
}

/// What the record of a call that `change` is about says of the document. What it does not say is left out.
pub(super) fn sets(row: &Row, change: &Change, event: Event<'_>) -> BTreeSet<Set> {
    if change.sets.is_empty() {
        return BTreeSet::new();
    }
    let record: Value = serde_json::from_slice(event.root().raw()).unwrap_or_default();
    let set = |setting: &Setting| {
        let value = match (&setting.from, setting.how) {
            // Each of them is another form.
            (Source::List(forms), How::Take | How::TakeIds | How::Name) => {
                forms.iter().filter_map(|form| value(form, &record)).collect()
            }
            (from, _) => value(from, &record)?,
        };
        let top = setting.member.split('.').next().unwrap_or_default();
        let is_json = row.facet(top).is_some_and(|read| read.parse_json);
        let value = if is_json { parsed(value)? } else { as_answered(value) };
        let says_nothing =
            matches!(setting.how, How::Take | How::TakeIds | How::Name) && described(&value).is_empty();
        if says_nothing {
            return None;
        }
        Some(Set { member: setting.member.clone(), how: setting.how, value: value.to_string() })
    };
    change.sets.iter().filter_map(set).collect()
}

/// What is told of a document, as a call carries it.
pub(crate) fn written(sets: &BTreeSet<Set>) -> Untrusted {
    if sets.is_empty() {
        return Untrusted::default();
    }
    let list =
        sets.iter().map(|set| json!({"member": set.member, "how": set.how.key(), "value": set.value()}));
    let list = Document::parse(Value::Array(list.collect()).to_string()).unwrap_or_default();
    Untrusted::new(redact::evidence(list.root(), Call::REQUEST_LIMIT))
}

/// What a call carries of what its record told of the document.
pub(crate) fn told_by(call: &Call) -> Vec<Set> {
    let text = call.sets.to_document().map(|sets| sets.bytes().to_vec()).unwrap_or_default();
    let list: Vec<Value> = serde_json::from_slice(&text).unwrap_or_default();
    let set = |told: &Value| {
        let how = told.get("how").and_then(Value::as_str)?;
        Some(Set {
            member: told.get("member").and_then(Value::as_str)?.to_owned(),
            how: How::ALL.iter().find(|(key, _)| *key == how)?.1,
            value: told.get("value")?.to_string(),
        })
    };
    list.iter().filter_map(set).collect()
}

impl Set {
    /// The value.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.value).unwrap_or_default()
    }

    /// Changes a document so. `false`: what stands around the member, or what is taken away, is not known, and nothing
    /// changed.
    pub(crate) fn apply(&self, document: &mut Map<String, Value>) -> bool {
        let value = self.value();
        let split = |path| str::rsplit_once(path, '.').unwrap_or(("", path));
        let (member, key) = match self.how {
            How::Merge => split(self.member.as_str()),
            How::Set | How::Add | How::Take | How::TakeIds | How::Name => (self.member.as_str(), ""),
        };
        let (around, last) = split(member);
        let mut place = document;
        for name in around.split('.').filter(|name| !name.is_empty()) {
            match place.get_mut(name) {
                Some(Value::Object(inner)) => place = inner,
                _ => return false,
            }
        }
        if self.how == How::Merge {
            return place.get_mut(last).is_some_and(|list| merged(list, key, &value));
        }
        match place.get_mut(last) {
            _ if self.how == How::Name => true,
            Some(Value::Array(known)) if self.how == How::Take => {
                take(known, &value);
                true
            }
            _ if matches!(self.how, How::Take | How::TakeIds) => false,
            Some(Value::Array(known)) => {
                let said = match value {
                    Value::Array(items) => items,
                    Value::Null => Vec::new(),
                    one => vec![one],
                };
                if self.how == How::Set {
                    known.clear();
                }
                for item in said {
                    if !known.contains(&item) {
                        known.push(item);
                    }
                }
                true
            }
            _ if self.how == How::Add => false,
            _ => {
                place.insert(last.to_owned(), value);
                true
            }
        }
    }
}

/// Puts the members of `value` into the elements of a list that are alike in `key`: an ARN, or the name at its end.
/// `false`: there is none.
fn merged(list: &mut Value, key: &str, value: &Value) -> bool {
    let (Some(items), Some(said), Some(text)) =
        (list.as_array_mut(), value.as_object(), value.get(key).and_then(Value::as_str))
    else {
        return false;
    };
    let name = format!("/{text}");
    let mut found = false;
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        let own = item.get(key).and_then(Value::as_str).unwrap_or_default();
        if own == text || own.ends_with(&name) {
            found = true;
            let others = said.iter().filter(|(name, _)| *name != key);
            let others: Vec<_> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
            item.extend(others);
        }
    }
    found
}

/// The value of a source whose paths are those of the record; `None` where the record does not say it.
fn value(source: &Source, record: &Value) -> Option<Value> {
    match source {
        Source::Path(path) => at(record, path).cloned(),
        Source::Literal(value) => Some(value.clone()),
        Source::List(sources) => sources.iter().map(|source| value(source, record)).collect(),
        Source::Map(members) => {
            let member = |(key, source): &(String, Source)| Some((key.clone(), value(source, record)?));
            members.iter().map(member).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        Source::Account | Source::Region | Source::Partition | Source::Each => None,
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut found = value;
    for name in path.split('.') {
        let members = found.as_object()?;
        let loose = || members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        found = members.get(name).or_else(loose)?;
    }
    (!found.is_null() && found.as_str() != Some(HIDDEN)).then_some(found)
}

/// JSON that is written as text, or as it is. Names in it are somebody's own.
fn parsed(value: Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(&text).ok(),
        value => Some(value),
    }
}

/// Parameters as answers write them.
fn as_answered(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(as_answered).collect(),
        Value::Object(members) => {
            if let [(name, inner)] = members.iter().collect::<Vec<_>>().as_slice()
                && AROUND.contains(&name.as_str())
            {
                return match as_answered((*inner).clone()) {
                    Value::Array(items) => Value::Array(items),
                    one => Value::Array(vec![one]),
                };
            }
            if members.is_empty() {
                return Value::Array(Vec::new());
            }
            let named = members.into_iter().filter(|(name, _)| !name.starts_with("xmlns"));
            named.map(|(name, inner)| (capital(&name), as_answered(inner))).collect::<Map<_, _>>().into()
        }
        Value::String(text) if text == "true" => Value::Bool(true),
        Value::String(text) if text == "false" => Value::Bool(false),
        plain => plain,
    }
}

/// A name as answers write it; the type of an XML element is a member of its own there.
fn capital(name: &str) -> String {
    if name == "xsi:type" {
        return "Type".to_owned();
    }
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_become_what_answers_say() {
        let asked = json!({"items": [{"ipProtocol": "tcp", "fromPort": 22, "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]});
        let wanted = json!([{"IpProtocol": "tcp", "FromPort": 22, "Groups": [], "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        assert_eq!(as_answered(asked), wanted);
        let grantee = json!({"xmlns:xsi": "x", "xsi:type": "Group", "URI": "u"});
        assert_eq!(as_answered(grantee), json!({"Type": "Group", "URI": "u"}));
    }

    #[test]
    fn elements_of_a_list_are_found_by_a_name() {
        let value = json!({"Of": "t", "IsLogging": false}).to_string();
        let set = Set { member: "Statuses.Of".into(), how: How::Merge, value };
        let mut document = json!({"Statuses": [{"Of": "arn:x:trail/t", "IsLogging": true}, {"Of": "arn:x:trail/tt", "IsLogging": true}]});
        assert!(set.apply(document.as_object_mut().unwrap()));
        let wanted = json!({"Statuses": [{"Of": "arn:x:trail/t", "IsLogging": false}, {"Of": "arn:x:trail/tt", "IsLogging": true}]});
        assert_eq!(document, wanted);
    }

    #[test]
    fn a_member_is_set_only_where_what_is_around_it_is_known() {
        let set =
            |member: &str, how, value: Value| Set { member: member.into(), how, value: value.to_string() };
        let mut document = json!({"Status": {"IsLogging": true, "Arn": "a"}, "List": [1]});
        let members = document.as_object_mut().unwrap();
        assert!(set("Status.IsLogging", How::Set, json!(false)).apply(members));
        assert!(set("List", How::Add, json!([1, 2])).apply(members));
        assert!(!set("Acl.Grants", How::Set, json!([])).apply(members));
        assert!(!set("Others", How::Add, json!([1])).apply(members));
        assert!(!set("List.Of", How::Merge, json!({"Of": "t"})).apply(members));
        assert_eq!(document, json!({"Status": {"IsLogging": false, "Arn": "a"}, "List": [1, 2]}));
    }
}
