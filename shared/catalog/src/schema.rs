//! The JSON Schema of what stands in a catalogue, for editors: made from the keys by which files are read.
//!
//! JSON Schema, draft 2020-12: <https://json-schema.org/draft/2020-12/schema>.

use rules::keys;
use rules::shape::{Shape, detection_definitions, names, schema, schema_of};
use serde_json::{Value, json};

use crate::{FRAMEWORK_KEYS, resource};

/// Which files a schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Signatures, checks and correlations.
    Rules,
    /// `resources.yaml`.
    Resources,
    /// Frameworks.
    Frameworks,
}

impl Of {
    /// Every schema, by the name of its file.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("rules", Self::Rules), ("resources", Self::Resources), ("frameworks", Self::Frameworks)];

    /// The schema.
    pub fn schema(self) -> Value {
        let (title, mut schema) = match self {
            Self::Rules => ("A signature, a check or a correlation of Trailpost, or a Sigma rule", rule()),
            Self::Resources => ("Types of resources, as Trailpost reads them", rows()),
            Self::Frameworks => ("A framework: controls, and the checks that tell of them", framework()),
        };
        if let Some(members) = schema.as_object_mut() {
            members.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
            members.insert("title".to_owned(), title.into());
        }
        schema
    }
}

fn rule() -> Value {
    let mut rule = schema_of(keys::RULE, true);
    let known = names(keys::RULE);
    let test = json!({ "oneOf": [
        { "required": ["finding"] }, { "required": ["clean"] }, { "required": ["unknown"] },
    ] });
    let rest = json!({
        "required": ["title"],
        "anyOf": [{ "required": ["detection"] }, { "required": ["correlation"] }, { "required": ["filter"] }],
        "not": { "anyOf": [{ "required": ["logsource", "resource"] }, { "required": ["action"] }] },
        "allOf": [
            // What has Trailpost's own keys has no other keys.
            {
                "if": { "anyOf": [{ "required": ["severity"] }, { "required": ["resource"] }] },
                "then": { "propertyNames": { "enum": known }, "properties": { "tests": { "items": test } } },
            },
            {
                "if": { "not": { "required": ["correlation"] } },
                "then": { "properties": { "detection": { "required": ["condition"] } } },
            },
            {
                "if": { "required": ["correlation"] },
                "then": { "properties": { "correlation": { "required": ["type"] } } },
            },
            {
                "if": { "required": ["filter"] },
                "then": { "properties": { "filter": { "required": ["rules", "condition"] } } },
            },
        ],
        "$defs": detection_definitions(),
    });
    if let (Some(rule), Value::Object(rest)) = (rule.as_object_mut(), rest) {
        rule.extend(rest);
    }
    // A family's values stand in for words: `severity: $severity`.
    with_variables(&mut rule);
    rule
}

/// Allows `$name` where a word of a few is asked for.
fn with_variables(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(words) = members.get("enum").cloned()
                && !members.contains_key("propertyNames")
                && members.contains_key("description")
            {
                members.remove("enum");
                members.insert(
                    "anyOf".to_owned(),
                    json!([{ "enum": words }, { "type": "string", "pattern": r"^\$" }]),
                );
            }
            members.values_mut().for_each(with_variables);
        }
        Value::Array(items) => items.iter_mut().for_each(with_variables),
        _ => {}
    }
}

fn rows() -> Value {
    let mut row = schema_of(resource::KEYS, false);
    if let Some(row) = row.as_object_mut() {
        row.insert("required".to_owned(), json!(["id", "arn"]));
        row.insert("oneOf".to_owned(), json!([{ "required": ["list"] }, { "required": ["single"] }]));
    }
    let mut rows = json!({
        "type": "object",
        "propertyNames": { "pattern": r"^aws\.[^.]+\.[^.]+$" },
        "additionalProperties": row,
    });
    calls(&mut rows);
    rows
}

/// Wherever a call stands, it says which.
fn calls(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get_mut("properties").and_then(Value::as_object_mut)
                && let Some(call) = properties.get_mut("call").and_then(Value::as_object_mut)
            {
                call.insert("pattern".to_owned(), "^(code:)?[a-z0-9-]+:[A-Za-z0-9]+$".into());
                members.insert("required".to_owned(), json!(["call"]));
                members.insert("dependentRequired".to_owned(), json!({ "batch": ["key"] }));
            }
            if let Some(list) = members.get_mut("list").and_then(Value::as_object_mut) {
                list.insert("anyOf".to_owned(), json!([{ "required": ["items"] }, { "required": ["take"] }]));
            }
            members.values_mut().for_each(calls);
        }
        Value::Array(items) => items.iter_mut().for_each(calls),
        _ => {}
    }
}

fn framework() -> Value {
    let mut framework = schema_of(FRAMEWORK_KEYS, false);
    let controls = schema(&Shape::Named(&Shape::Texts));
    if let Some(members) = framework.as_object_mut() {
        members.insert("required".to_owned(), json!(names(FRAMEWORK_KEYS)));
        if let Some(properties) = members.get_mut("properties").and_then(Value::as_object_mut) {
            let mut controls = controls;
            if let Some(controls) = controls.as_object_mut() {
                controls.insert("minProperties".to_owned(), 1.into());
            }
            properties.insert("controls".to_owned(), controls);
        }
    }
    framework
}
