//! What a call takes out of a list, however its record describes it: as it was put there, one by one, or by an id that
//! another call gave it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// An element of a list, or one of the elements that are listed inside one: what it says, by member in small letters.
pub(crate) type Described = BTreeMap<String, BTreeSet<String>>;

/// Members that say nothing of which element it is.
const BESIDE: &[&str] = &["description"];

/// The elements that a value describes.
pub(crate) fn described(value: &Value) -> Vec<Described> {
    of_member("", value)
}

fn of_member(name: &str, value: &Value) -> Vec<Described> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| of_member(name, item)).collect(),
        Value::Object(members) => {
            let own = plain(members);
            let inner = members.iter().filter(|(_, value)| value.is_array() || value.is_object());
            let inner = inner.flat_map(|(name, value)| of_member(&name.to_ascii_lowercase(), value));
            let inner: Vec<Described> = inner.map(|one| joined(&own, one)).collect();
            if inner.is_empty() && !own.is_empty() { vec![own] } else { inner }
        }
        scalar => {
            text(scalar).map(|text| Described::from([(name.to_owned(), [text].into())])).into_iter().collect()
        }
    }
}

fn plain(members: &Map<String, Value>) -> Described {
    let said =
        members.iter().filter_map(|(name, value)| Some((name.to_ascii_lowercase(), [text(value)?].into())));
    said.filter(|(name, _)| !BESIDE.contains(&name.as_str())).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(holds) => Some(holds.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn joined(own: &Described, mut inner: Described) -> Described {
    for (name, texts) in own {
        inner.entry(name.clone()).or_default().extend(texts.iter().cloned());
    }
    inner
}

/// Takes what `value` describes out of a list.
pub(super) fn take(list: &mut Vec<Value>, value: &Value) {
    for one in described(value) {
        drop_from(list, &one);
    }
}

/// Whether a call that takes `value` away takes away any of what another one put as `put`.
pub(crate) fn takes_any(value: &Value, put: &Value) -> bool {
    let taken = described(value);
    described(put).iter().any(|put| taken.iter().any(|one| is_it(put, one)))
}

/// An element as a value that is described the same.
pub(crate) fn value_of(one: &Described) -> Value {
    let (mut first, mut others) = (Map::new(), Described::new());
    for (name, texts) in one {
        let mut texts = texts.iter().cloned();
        first.extend(texts.next().map(|text| (name.clone(), Value::from(text))));
        let more: BTreeSet<String> = texts.collect();
        if !more.is_empty() {
            others.insert(name.clone(), more);
        }
    }
    if !others.is_empty() {
        first.insert("also".to_owned(), value_of(&others));
    }
    Value::Object(first)
}

/// Whether an element says a text.
pub(crate) fn has(one: &Described, text: &str) -> bool {
    one.values().any(|texts| texts.contains(text))
}

/// Whether an element of a list is the one that is described: whatever it says, the description says of the member of the
/// same name, or else of any.
fn is_it(element: &Described, one: &Described) -> bool {
    let is_said = |(name, texts): (&String, &BTreeSet<String>)| match one.get(name) {
        Some(said) => texts.is_subset(said),
        None => texts.iter().all(|text| has(one, text)),
    };
    !element.is_empty() && element.iter().all(is_said)
}

fn drop_from(list: &mut Vec<Value>, one: &Described) {
    list.retain_mut(|element| {
        let Value::Object(members) = element else {
            return !described(element).iter().any(|element| is_it(element, one));
        };
        let own = plain(members);
        let (mut had, mut left) = (0, 0);
        for (name, inner) in members.iter_mut() {
            let Value::Array(items) = inner else { continue };
            had += items.len();
            let stays = |item: &Value| {
                let parts = of_member(&name.to_ascii_lowercase(), item).into_iter();
                !parts.map(|part| joined(&own, part)).any(|part| is_it(&part, one))
            };
            items.retain(stays);
            left += items.len();
        }
        let is_taken = if had == 0 { is_it(&own, one) } else { left < had };
        !is_taken || left > 0
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules() -> Value {
        json!([
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "d"}, {"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": []},
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": []},
        ])
    }

    fn left(value: &Value) -> Vec<usize> {
        let mut list = rules().as_array().cloned().unwrap();
        take(&mut list, value);
        list.iter().map(|rule| rule["IpRanges"].as_array().unwrap().len()).collect()
    }

    #[test]
    fn what_is_taken_is_found_in_any_form() {
        let nested = json!([{"ToPort": 22, "FromPort": 22, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        let flat = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"});
        let answered = json!([["sgr-1"], [{"SecurityGroupRuleId": "sgr-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}]]);
        for value in [nested, flat, answered] {
            assert_eq!(left(&value), [1, 1], "{value}");
        }
        let whole = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}]}]);
        assert_eq!(left(&whole), [1]);
    }

    #[test]
    fn another_port_another_range_or_a_mixture_of_two_is_not_it() {
        for other in [
            json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]),
            json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]),
            json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}, {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]),
        ] {
            assert_eq!(left(&other), [2, 1], "{other}");
        }
    }

    #[test]
    fn an_element_is_described_as_it_was() {
        let element = json!({"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "FromPort": 22, "ReferencedGroupInfo": {"GroupId": "sg-2"}});
        let [one] = described(&element).try_into().unwrap();
        assert_eq!(one["groupid"], ["sg-1".to_owned(), "sg-2".to_owned()].into());
        assert_eq!(described(&value_of(&one)), [one]);
    }

    #[test]
    fn plain_texts_are_taken_out_of_what_has_them() {
        let mut list = vec![json!({"AttributeName": "restore", "AttributeValues": ["111122223333", "all"]})];
        take(&mut list, &json!([{"AttributeName": "restore", "AttributeValues": ["all"]}]));
        assert_eq!(list, [json!({"AttributeName": "restore", "AttributeValues": ["111122223333"]})]);
    }
}
