//! Detections: searches, element scopes and conditions.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::fields::{field, field_of_element, keyword, scope};

fn map(fields: Vec<(String, Value)>) -> Value {
    Value::Object(fields.into_iter().collect())
}

/// The body of a scope: fields, a list of them, or searches with a condition; `deeper` lets another scope in.
fn body(deeper: bool) -> BoxedStrategy<Value> {
    let line = if deeper {
        prop_oneof![4 => field_of_element(), 1 => (scope(true), body(false))].boxed()
    } else {
        field_of_element().boxed()
    };
    let fields = vec(line, 1..3).prop_map(map);
    let conditions = select(&["s1 and not s2", "s1 or s2", "not (s1 or s2)", "1 of s*", "all of them"][..]);
    prop_oneof![
        4 => fields.clone(),
        1 => vec(fields.clone(), 1..3).prop_map(Value::Array),
        1 => vec(keyword(), 1..3).prop_map(Value::Array),
        2 => (fields.clone(), fields, conditions)
            .prop_map(|(s1, s2, condition)| json!({"s1": s1, "s2": s2, "condition": condition})),
    ]
    .boxed()
}

fn search() -> BoxedStrategy<Value> {
    let line = prop_oneof![6 => field(), 1 => (scope(false), body(true))];
    let fields = vec(line, 1..4).prop_map(map);
    let keywords = vec(keyword(), 1..3).prop_map(Value::Array);
    prop_oneof![
        12 => fields.clone(),
        2 => vec(fields, 1..3).prop_map(Value::Array),
        1 => keyword(),
        1 => keywords.clone(),
        1 => (select(&["|all", "|contains", "|neq", "|cased|all"][..]), keywords)
            .prop_map(|(key, values)| json!({key: values})),
    ]
    .boxed()
}

/// A condition over the searches `s1`, `s2` and `_s3`.
pub(crate) fn condition() -> BoxedStrategy<String> {
    let leaf = select(
        &["s1", "s2", "_s3", "1 of s*", "all of s*", "all of them", "any of them", "2 of *", "1 of _*"][..],
    );
    leaf.prop_map(str::to_owned)
        .prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|one| format!("not {}", grouped(&one))),
                (vec(inner, 2..4), select(&["and", "or"][..])).prop_map(|(parts, word)| {
                    // Without parentheses now and then, so that precedence counts.
                    let parts: Vec<_> = parts
                        .iter()
                        .enumerate()
                        .map(|(at, part)| if at == 1 { part.clone() } else { grouped(part) })
                        .collect();
                    parts.join(&format!(" {word} "))
                }),
            ]
        })
        .boxed()
}

fn grouped(condition: &str) -> String {
    if condition.contains(" and ") || condition.contains(" or ") {
        format!("({condition})")
    } else {
        condition.to_owned()
    }
}

/// Three searches.
pub(crate) fn searches() -> impl Strategy<Value = [Value; 3]> {
    [search(), search(), search()]
}

/// A detection: three searches and a condition, or a list of conditions.
pub(crate) fn detection() -> impl Strategy<Value = Value> {
    let conditions = prop_oneof![
        6 => condition().prop_map(Value::from),
        4 => Just(json!("s1")),
        1 => vec(condition(), 1..3).prop_map(Value::from),
    ];
    (searches(), conditions)
        .prop_map(|([s1, s2, s3], condition)| json!({"s1": s1, "s2": s2, "_s3": s3, "condition": condition}))
}
