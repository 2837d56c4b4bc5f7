//! Events like CloudTrail's, with odd values where a rule would not look for them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::document::Json;

/// Texts that the rules of these tests look for, and their neighbours.
const TEXTS: &[&str] = &[
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
    " 22",
    "1.5",
    "true",
    "False",
    "null",
    "x -a",
    "X /a",
    "-a",
    "a -b",
    "/a –b",
    "x-a",
    "10.0.0.1",
    "10.0.0.0/24",
    "10.0.0.0/7",
    "2001:db8::1",
    "2026-01-15T10:00:00Z",
    "2026-01-14T10:00:00Z",
    "2026-01-15T09:59:59Z",
    "2030-01-01T00:00:00Z",
    "YWI=",
    "eGFieg==",
    "eHhhYg==",
    "YQBiAA==",
    "//5hAA==",
    "line\nab",
    "two\"",
    r#"{"a":"ab"}"#,
];

pub(crate) const SOURCES: &[&str] = &["iam.amazonaws.com", "s3.amazonaws.com"];
pub(crate) const NAMES: &[&str] = &["CreateUser", "DeleteUser", "GetÉtat"];

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        6 => select(TEXTS).prop_map(Json::text),
        2 => select(&["0", "22", "22.0", "-1", "1.5", "2e1", "1768467600"][..]).prop_map(Json::number),
        1 => any::<bool>().prop_map(Json::Bool),
        1 => Just(Json::Null),
    ]
}

/// A hole, whole or with a part that could be seen.
fn hole() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => Just(Json::hole()),
        2 => Just(Json::read(r#"{"omitted":true,"reason":"too large"}"#)),
        1 => Just(Json::read(r#"{"omitted":"TRUE"}"#)),
        1 => leaf().prop_map(|leaf| Json::map([("$unavailable", Json::Null), ("a", leaf)])),
        1 => Just(Json::read(r#"{"omitted":"false","a":"ab"}"#)),
    ]
}

/// A value, with holes and keys that repeat where those may be.
fn value(holes: bool, twins: bool) -> BoxedStrategy<Json> {
    let leaf = if holes { prop_oneof![2 => leaf(), 1 => hole()].boxed() } else { leaf().boxed() };
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let members = vec((select(&["a", "b", "c", "b.c"][..]), inner.clone()), 0..4);
        prop_oneof![
            1 => vec(inner, 0..3).prop_map(Json::List),
            2 => members.prop_map(move |members| map(members, twins)),
        ]
    })
    .boxed()
}

/// An object; names that repeat stay only where `twins` may be.
fn map(members: Vec<(&str, Json)>, twins: bool) -> Json {
    let mut kept: Vec<(String, Json)> = Vec::new();
    for (key, value) in members {
        if twins || kept.iter().all(|(name, _)| name != key) {
            kept.push((key.into(), value));
        }
    }
    Json::Map(kept)
}

/// Mostly one of the texts, in any case; sometimes a list, a number, nothing or a hole.
fn mostly(texts: &'static [&'static str], wild: bool) -> impl Strategy<Value = Json> {
    prop_oneof![
        8 => select(texts).prop_map(Json::text),
        2 => select(texts).prop_map(|text| Json::Text(text.to_uppercase())),
        1 => select(texts).prop_map(|text| Json::List(vec![Json::text("x"), Json::text(text)])),
        1 => value(wild, wild),
    ]
}

/// An event. Holes are in it, and keys that repeat, if it is `wild`.
pub(crate) fn event(wild: bool) -> impl Strategy<Value = Json> {
    let rest = vec((select(&["a", "b", "c", "d", "a.b"][..]), value(wild, wild)), 0..5);
    let source = prop::option::weighted(0.9, mostly(SOURCES, wild));
    let name = prop::option::weighted(0.9, mostly(NAMES, wild));
    (source, name, rest, 0..20_u8).prop_map(move |(source, name, mut rest, twin)| {
        rest.extend(source.map(|source| ("eventSource", source)));
        rest.extend(name.map(|name| ("eventName", name)));
        if wild && twin == 0 {
            rest.push(("eventName", Json::text("DeleteUser")));
        }
        map(rest, wild && twin < 5)
    })
}

/// The facts `f` and `g`; no key repeats in what code derives.
pub(crate) fn facts(wild: bool) -> impl Strategy<Value = Json> {
    (value(wild, false), value(wild, false)).prop_map(|(f, g)| Json::map([("f", f), ("g", g)]))
}

/// What may turn out to stand in holes.
pub(crate) fn filled() -> impl Strategy<Value = Vec<Json>> {
    vec(prop_oneof![6 => value(true, false), 1 => Just(Json::List(Vec::new()))], 4)
}

/// The document with its holes filled, by one filling after the other; the part of a hole that was seen stays.
pub(crate) fn holes_filled(document: &Json, fillings: &mut impl Iterator<Item = Json>) -> Json {
    match document {
        Json::List(items) => Json::List(items.iter().map(|item| holes_filled(item, fillings)).collect()),
        Json::Map(members) if document.is_hole() => {
            let is_mark = |key: &str| ["$unavailable", "omitted", "reason"].contains(&key);
            let mut seen: Vec<_> = members.iter().filter(|(key, _)| !is_mark(key)).cloned().collect();
            let filling = fillings.next().unwrap();
            if seen.is_empty() {
                return filling;
            }
            seen.push(("c".into(), filling));
            Json::Map(seen)
        }
        Json::Map(members) => {
            let fill = |(key, value): &(String, Json)| (key.clone(), holes_filled(value, fillings));
            Json::Map(members.iter().map(fill).collect())
        }
        scalar => scalar.clone(),
    }
}
