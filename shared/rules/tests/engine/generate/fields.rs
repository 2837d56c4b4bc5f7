//! Fields of searches: a path, modifiers, and values that suit them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::events::{NAMES, SOURCES};

const PATHS: &[&str] = &["a", "b", "a.b", "a.b.c", "b.a", "c", "d", "facts.f", "facts.f.a", "facts.g.b"];
const IN_ELEMENT: &[&str] = &[".", "a", "b", "b.c", ".", "a", "b", "$.a", "$.facts.f", "$.eventName"];

/// Modifiers, and what may be written behind them.
const TEXT: &[&str] = &[
    "",
    "",
    "",
    "|neq",
    "|cased",
    "|contains",
    "|contains|all",
    "|startswith",
    "|endswith",
    "|neq|contains",
    "|all",
    "|contains|cased",
    "|startswith|all",
    "|neq|all|contains",
];
const TEXTS: &[&str] = &[
    "a", "A", "b", "ab", "", "*", "?", "a*", "*b", "?b", "a?b", "*a*b*", r"a\*b", r"a\\b", r"a\b", r"\?",
    "é", "22", "1.5", "true", "null", "10.*", "{*}", r#"*"a"*"#,
];
const NUMBERS: &[&str] = &["0", "22", "1.5", "-1", "20"];

fn any_text() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => select(TEXTS).prop_map(Value::from),
        2 => select(NUMBERS).prop_map(|text| text.parse::<f64>().map_or(Value::Null, number)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn number(number: f64) -> Value {
    serde_json::from_str(&number.to_string()).unwrap()
}

/// One value, or several in a list.
pub(super) fn one_or_more(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    vec(value, 1..5).prop_map(|mut values| match values.as_slice() {
        [_] => values.remove(0),
        _ => Value::Array(values),
    })
}

pub(super) fn of(
    modifiers: &'static [&'static str],
    values: &'static [&'static str],
) -> BoxedStrategy<(String, Value)> {
    (select(modifiers).prop_map(str::to_owned), one_or_more(select(values).prop_map(Value::from))).boxed()
}

/// Numbers, as text.
pub(super) fn numbers() -> impl Strategy<Value = Value> {
    one_or_more(select(NUMBERS).prop_map(Value::from))
}

/// Modifiers and values.
fn comparison(paths: &'static [&'static str]) -> BoxedStrategy<(String, Value)> {
    let exists = prop_oneof![Just(json!(true)), Just(json!(false)), Just(json!("True"))];
    prop_oneof![
        10 => (select(TEXT).prop_map(str::to_owned), one_or_more(any_text())),
        1 => (select(&["|exists", "|exists|neq"][..]).prop_map(str::to_owned), exists),
        1 => of(&["|re", "|re|i", "|re|i|m|s", "|neq|re"], &["a", "^A", "b$", "^a.*b$", "2{2}", "\"a\":"]),
        1 => of(&["|cidr", "|cidr|neq"], &["10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "0.0.0.0/0"]),
        1 => (
            select(&["|lt", "|lte", "|gt", "|gte", "|neq|lt"][..]).prop_map(str::to_owned),
            numbers(),
        ),
        1 => of(&["|fieldref", "|fieldref|contains", "|fieldref|startswith", "|fieldref|endswith|cased", "|neq|fieldref"], paths),
        1 => of(&["|windash", "|windash|contains", "|windash|contains|all", "|windash|contains|all"], &["-a", "a /b", "-a -b", "x-a"]),
        1 => of(
            &["|base64", "|base64|contains", "|base64offset|contains", "|wide|base64",
                "|utf16le|base64", "|utf16|base64|contains", "|utf16be|base64offset|contains", "|base64offset|contains|all", "|base64|all", "|wide|contains"],
            &["a", "ab", r"a\*b"],
        ),
        1 => of(&["|expand", "|expand|contains", "|expand|neq", "|expand|all"], &["%two%", "x%two%*", "%trusted_accounts%", "50% %two%", "a"]),
        1 => (
            select(&["|hour", "|minute", "|day", "|week", "|month", "|year", "|hour|gte", "|day|lt", "|week|neq"][..])
                .prop_map(str::to_owned),
            one_or_more(select(&["1", "3", "9", "10", "14", "15", "59", "2026"][..]).prop_map(|text| number(text.parse().unwrap()))),
        ),
        1 => of(&["|older_than", "|newer_than"], &["1s", "30m", "12h", "1d", "2d"]),
    ]
    .boxed()
}

/// A field that looks at the source or the name of an event, mostly so that the index can use it.
fn indexed() -> impl Strategy<Value = (String, Value)> {
    let field = |path: &'static str, values: &'static [&'static str]| {
        let odd =
            prop_oneof![Just(Value::Null), Just(json!("create*")), Just(json!(22)), Just(json!("%two%"))];
        let value = prop_oneof![12 => select(values).prop_map(Value::from), 1 => odd];
        let modifiers = prop_oneof![
            8 => Just(""),
            1 => select(&["|neq", "|cased", "|all", "|contains", "|startswith", "|expand"][..]),
        ];
        (modifiers, one_or_more(value))
            .prop_map(move |(modifiers, value)| (format!("{path}{modifiers}"), value))
    };
    prop_oneof![field("eventSource", SOURCES), field("eventName", NAMES)]
}

/// A field of a search.
pub(super) fn field() -> impl Strategy<Value = (String, Value)> {
    let other = (select(PATHS), comparison(PATHS));
    prop_oneof![2 => indexed(), 3 => other.prop_map(|(path, (modifiers, value))| (format!("{path}{modifiers}"), value))]
}

/// A field inside of an element scope.
pub(super) fn field_of_element() -> impl Strategy<Value = (String, Value)> {
    (select(IN_ELEMENT), comparison(IN_ELEMENT))
        .prop_map(|(path, (modifiers, value))| (format!("{path}{modifiers}"), value))
}

/// A search without a field.
pub(super) fn keyword() -> BoxedStrategy<Value> {
    prop_oneof![6 => select(TEXTS).prop_map(Value::from), 1 => Just(json!(22)), 1 => Just(json!(true))]
        .boxed()
}

/// The path of a scope.
pub(super) fn scope(in_element: bool) -> impl Strategy<Value = String> {
    let paths = if in_element { IN_ELEMENT } else { PATHS };
    (select(paths), select(&["any", "all", "none"][..])).prop_map(|(path, how)| format!("{path}[{how}]"))
}
