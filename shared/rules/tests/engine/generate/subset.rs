//! Rules and events in which every engine of the language has to agree: no holes, no twins, and none of the
//! differences that `oracle.rs` lists.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::events::{NAMES, SOURCES};
use super::fields::{numbers, of, one_or_more};
use super::rules::condition;
use crate::document::Json;

const FOUND: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "ab",
    "Ba",
    "a*b",
    r"a\b",
    "a?",
    "é",
    "É",
    "22",
    "true",
    "False",
    "10.0.0.1",
    "2001:db8::1",
    "YWI=",
    "two\"",
];

fn scalar(null: bool) -> impl Strategy<Value = Json> {
    prop_oneof![
        8 => select(FOUND).prop_map(Json::text),
        2 => select(&["0", "22", "-1"][..]).prop_map(Json::number),
        1 => any::<bool>().prop_map(Json::Bool),
        1 => Just(if null { Json::Null } else { Json::text("b") }),
    ]
}

fn scalar_or_list() -> impl Strategy<Value = Json> {
    prop_oneof![3 => scalar(true), 1 => vec(scalar(false), 1..3).prop_map(Json::List)]
}

/// An object with those of the members that there are.
fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    Json::Map(members.into_iter().filter_map(|(key, value)| Some((key.into(), value?))).collect())
}

/// An object with the members `a`, `b` and `p`, which is such an object again.
fn nested(null: bool) -> impl Strategy<Value = Json> {
    let inner = move || (prop::option::of(scalar(null)), prop::option::of(scalar(null)));
    (inner(), prop::option::of(inner())).prop_map(|((a, b), p)| {
        object([("a", a), ("b", b), ("p", p.map(|(a, b)| object([("a", a), ("b", b)])))])
    })
}

pub(crate) fn common_event() -> impl Strategy<Value = Json> {
    let text =
        |texts: &'static [&'static str]| prop::option::weighted(0.9, select(texts).prop_map(Json::text));
    let value = || prop::option::of(scalar_or_list());
    let o = prop_oneof![2 => nested(true), 1 => vec(nested(false), 1..3).prop_map(Json::List)];
    (text(SOURCES), text(NAMES), value(), value(), prop::option::of(o)).prop_map(|(source, name, a, b, o)| {
        object([("eventSource", source), ("eventName", name), ("a", a), ("b", b), ("o", o)])
    })
}

fn comparison() -> BoxedStrategy<(String, Value)> {
    const PLAIN: &[&str] = &["a", "A", "b", "ab", "", r"a\*b", r"a\\b", r"a\b", r"\?", "é", "22", "true"];
    const GLOBS: &[&str] = &["a", "*", "?", "a*", "*b", "?b", "a?b", "*a*b*", r"a\*b", "10.*"];
    let several = |modifiers: &'static [&'static str], values| {
        (select(modifiers).prop_map(str::to_owned), vec(select(values).prop_map(Value::from), 2..4))
            .prop_map(|(modifiers, values): (String, Vec<Value>)| (modifiers, Value::Array(values)))
    };
    let other = prop_oneof![Just(json!(22)), Just(json!(-1)), Just(json!(true)), Just(json!(false))];
    prop_oneof![
        6 => of(&["", "", "|cased", "|contains", "|startswith", "|endswith", "|contains|cased"], PLAIN),
        3 => of(&["", "|contains", "|cased"], GLOBS),
        2 => several(&["|all", "|contains|all", "|startswith|all"], PLAIN),
        2 => (Just(String::new()), one_or_more(other)),
        1 => (Just(String::new()), Just(Value::Null)),
        1 => (Just("|exists".to_owned()), any::<bool>().prop_map(Value::from)),
        1 => of(&["|re", "|re|i"], &["a", "^A", "b$", "^a.*b$", "2{2}", "."]),
        1 => of(&["|cidr"], &["10.0.0.0/8", "10.0.0.1/32", "2001:db8::/32", "0.0.0.0/0"]),
        1 => (select(&["|lt", "|lte", "|gt", "|gte"][..]).prop_map(str::to_owned), numbers()),
        1 => of(&["|base64", "|base64|contains", "|wide|base64"], &["a", "ab"]),
    ]
    .boxed()
}

fn fields(paths: &'static [&'static str]) -> BoxedStrategy<Value> {
    let field = (select(paths), comparison())
        .prop_map(|(path, (modifiers, value))| (format!("{path}{modifiers}"), value));
    let indexed = |path: &'static str, values| {
        one_or_more(select(values).prop_map(Value::from)).prop_map(move |value| (path.to_owned(), value))
    };
    let line = if paths == IN_ELEMENT {
        field.boxed()
    } else {
        let scope = (select(&["o[any]", "o[none]"][..]), body());
        prop_oneof![
            4 => field,
            1 => indexed("eventSource", SOURCES),
            1 => indexed("eventName", NAMES),
            1 => scope.prop_map(|(path, body)| (path.to_owned(), body)),
        ]
        .boxed()
    };
    vec(line, 1..4).prop_map(|fields| Value::Object(fields.into_iter().collect())).boxed()
}

const PATHS: &[&str] = &["a", "b", "o.a", "o.b", "o.p.a", "o.p.b"];
const IN_ELEMENT: &[&str] = &["a", "b", "p.a"];

fn body() -> BoxedStrategy<Value> {
    let fields = || fields(IN_ELEMENT);
    let conditions = select(&["s1 and not s2", "s1 or s2", "not (s1 or s2)", "1 of s*", "all of them"][..]);
    prop_oneof![
        2 => fields(),
        1 => (fields(), fields(), conditions)
            .prop_map(|(s1, s2, condition)| json!({"s1": s1, "s2": s2, "condition": condition})),
    ]
    .boxed()
}

pub(crate) fn common_detection() -> impl Strategy<Value = Value> {
    let keyword = || select(&["b", "ab", "é", r"\*"][..]).prop_map(Value::from);
    let search = || {
        prop_oneof![
            6 => fields(PATHS),
            1 => vec(fields(PATHS), 1..3).prop_map(Value::Array),
            1 => vec(keyword(), 1..3).prop_map(Value::Array),
        ]
    };
    (search(), search(), search(), condition())
        .prop_map(|(s1, s2, s3, condition)| json!({"s1": s1, "s2": s2, "_s3": s3, "condition": condition}))
}
