//! What is made of an answer: the part that counts, and holes.

use catalog::resource::Read;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::values::{Context, Missing, at, texts};
use crate::ports::{Aws, Cause, ReadError};

/// The hole that a failed read leaves: why, in which call, by which error, and which permission would help.
pub(super) fn hole(error: &ReadError, read: &Read, aws: &dyn Aws) -> Value {
    let permissions = if read.permissions().is_empty() {
        aws.permissions(&read.operation)
    } else {
        read.permissions().to_vec()
    };
    let mut hole = json!({
        "$unavailable": error.cause.as_str(), "operation": read.operation.to_string(), "code": error.code,
    });
    if let (Cause::Denied, Some(members)) = (error.cause, hole.as_object_mut()) {
        members.insert("permission".into(), permissions.join(", ").into());
    }
    hole
}

/// The hole that a value is, or the first that is among its elements.
pub(super) fn hole_of(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(members) => members.contains_key("$unavailable").then_some(value),
        Value::Array(items) => items.iter().find_map(hole_of),
        _ => None,
    }
}

/// The part of `answer` at a dotted path, through lists to all of their elements.
pub(super) fn taken(answer: &Value, path: Option<&str>) -> Value {
    match part(answer, path) {
        Part::Whole(value) => value.clone(),
        Part::Elements(items) => items.into_iter().cloned().collect(),
        Part::Nothing => Value::Null,
    }
}

/// A part of an answer. Answers are shared by many resources, so that only what is kept is copied.
enum Part<'a> {
    Nothing,
    Whole(&'a Value),
    Elements(Vec<&'a Value>),
}

fn part<'a>(answer: &'a Value, path: Option<&str>) -> Part<'a> {
    let mut part = Part::Whole(answer);
    for name in path.into_iter().flat_map(|path| path.split('.')) {
        part = match part {
            Part::Whole(Value::Array(items)) => Part::Elements(step(items.iter(), name)),
            Part::Elements(items) => Part::Elements(step(items.into_iter(), name)),
            Part::Whole(value) => value.get(name).map_or(Part::Nothing, Part::Whole),
            Part::Nothing => return Part::Nothing,
        };
    }
    part
}

fn step<'a>(items: impl Iterator<Item = &'a Value>, name: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    for value in items.filter_map(|item| item.get(name)) {
        match value {
            Value::Array(items) => found.extend(items),
            Value::Null => {}
            one => found.push(one),
        }
    }
    found
}

/// The value of a facet.
pub(super) fn of(read: &Read, answer: &Value, document: &Map<String, Value>, context: &Context<'_>) -> Value {
    let mut part = part(answer, read.take.as_deref());
    if let (Part::Whole(Value::Array(items)), false) = (&part, read.filter.is_empty()) {
        part = Part::Elements(items.iter().collect());
    }
    for (key, source) in &read.filter {
        let wanted: Vec<String> = match context.value(source, document) {
            Ok(value) => texts(&value).collect(),
            Err(Missing::Nothing) => Vec::new(),
            Err(Missing::Hole(hole)) => return hole,
        };
        if let Part::Elements(items) = &mut part {
            items.retain(|item| match item {
                Value::Object(members) => texts(&at(members, key)).any(|text| wanted.contains(&text)),
                other => texts(other).any(|text| wanted.contains(&text)),
            });
        }
    }
    let value = match part {
        Part::Elements(items) if read.first => items.into_iter().next().cloned().unwrap_or_default(),
        Part::Elements(items) => items.into_iter().cloned().collect(),
        Part::Whole(Value::Array(items)) if read.first => items.first().cloned().unwrap_or_default(),
        Part::Whole(value) => value.clone(),
        Part::Nothing => Value::Null,
    };
    if !read.parse_json {
        return value;
    }
    parsed(value).unwrap_or_else(
        |code| json!({"$unavailable": "Failed", "operation": read.operation.to_string(), "code": code}),
    )
}

/// JSON in text, which may be URL-encoded.
fn parsed(value: Value) -> Result<Value, &'static str> {
    let Value::String(text) = &value else { return Ok(value) };
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&percent_decode_str(text).decode_utf8_lossy()))
        .map_err(|_| "NoJson")
}
