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
    let Some(path) = path else { return answer.clone() };
    path.split('.').fold(answer.clone(), |value, name| step(value, name))
}

fn step(value: Value, name: &str) -> Value {
    match value {
        Value::Object(mut members) => members.remove(name).unwrap_or_default(),
        Value::Array(items) => {
            let found = items.into_iter().map(|item| step(item, name)).flat_map(|found| match found {
                Value::Array(items) => items,
                Value::Null => Vec::new(),
                one => vec![one],
            });
            Value::Array(found.collect())
        }
        _ => Value::Null,
    }
}

/// The value of a facet.
pub(super) fn of(read: &Read, answer: &Value, document: &Map<String, Value>, context: &Context<'_>) -> Value {
    let mut value = taken(answer, read.take.as_deref());
    if read.parse_json {
        value = match parsed(value) {
            Ok(value) => value,
            Err(text) => {
                return json!({"$unavailable": "Failed", "operation": read.operation.to_string(), "code": text});
            }
        };
    }
    for (key, source) in &read.filter {
        let wanted: Vec<String> = match context.value(source, document) {
            Ok(value) => texts(&value).collect(),
            Err(Missing::Nothing) => Vec::new(),
            Err(Missing::Hole(hole)) => return hole,
        };
        if let Value::Array(items) = &mut value {
            items.retain(|item| match item {
                Value::Object(members) => texts(&at(members, key)).any(|text| wanted.contains(&text)),
                other => texts(other).any(|text| wanted.contains(&text)),
            });
        }
    }
    match value {
        Value::Array(items) if read.first => items.into_iter().next().unwrap_or_default(),
        value => value,
    }
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
