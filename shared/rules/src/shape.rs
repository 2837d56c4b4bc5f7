//! The keys that a map in a rule file may have, and what stands behind each: one table, by which files are read, from
//! which unknown keys are told, and of which the JSON Schema for editors is made.

use serde_json::{Map, Value, json};

use crate::code::Code;
use crate::error::{RuleError, unknown_key};
use crate::modifier::MODIFIERS;
use crate::tree::{Data, Node};

/// A key.
#[derive(Debug)]
pub struct KeyShape {
    /// Its name.
    pub name: &'static str,
    /// What stands behind it.
    pub shape: Shape,
    /// What it means, for people.
    pub about: &'static str,
}

/// What stands behind a key.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Anything.
    Any,
    /// A text, a number or a boolean.
    Scalar,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of the words that are made.
    Words(fn() -> Vec<&'static str>),
    /// True or false.
    Bool,
    /// A text, or a list of texts.
    Texts,
    /// A map with these keys.
    Map(&'static [KeyShape]),
    /// A text, or a map with these keys.
    ScalarOrMap(&'static [KeyShape]),
    /// A map whose keys are names.
    Named(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A list, or one element without brackets.
    OneOrMore(&'static Shape),
    /// Named searches and a condition.
    Detection,
}

/// A key and its shape.
pub const fn key(name: &'static str, shape: Shape, about: &'static str) -> KeyShape {
    KeyShape { name, shape, about }
}

/// The names of keys.
pub fn names(keys: &[KeyShape]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// Refuses a key of `node` that nobody would look at.
///
/// # Errors
/// The first such key, with the one that it is most like.
pub fn known_keys(node: &Node, keys: &[KeyShape]) -> Result<(), RuleError> {
    match node.members().iter().find(|(key, _)| !keys.iter().any(|known| known.name == key.text)) {
        Some((key, _)) => Err(unknown_key(key, &names(keys))),
        None => Ok(()),
    }
}

/// Refuses what a table of keys does not allow, at any depth.
///
/// # Errors
/// The first place that does not fit.
pub fn fits(node: &Node, keys: &[KeyShape]) -> Result<(), RuleError> {
    known_keys(node, keys)?;
    for (key, value) in node.members() {
        if let Some(known) = keys.iter().find(|known| known.name == key.text) {
            is_shaped(&key.text, value, &known.shape)?;
        }
    }
    Ok(())
}

fn is_shaped(key: &str, node: &Node, shape: &Shape) -> Result<(), RuleError> {
    let is_scalar = !matches!(node.data, Data::List(_) | Data::Map(_));
    let is_map = matches!(node.data, Data::Map(_));
    let wrong = |wanted: &str| {
        let problem = format!("`{key}` is followed by {}", kind(node));
        Err(RuleError::new(Code::WrongShape, node.place, problem, format!("write {wanted}")))
    };
    // A key with nothing behind it is as good as none.
    if node.data == Data::Null {
        return Ok(());
    }
    match shape {
        Shape::Any | Shape::Word(_) | Shape::Words(_) | Shape::Detection => Ok(()),
        Shape::Bool if matches!(node.data, Data::Bool(_)) => Ok(()),
        Shape::Bool => wrong("true or false"),
        Shape::Texts if is_map => wrong("a text or a list of texts"),
        Shape::Texts => match node.items().iter().find(|item| item.text().is_none()) {
            Some(_) => wrong("a text or a list of texts"),
            None => Ok(()),
        },
        Shape::Map(keys) if is_map => fits(node, keys),
        Shape::Scalar | Shape::ScalarOrMap(_) if is_scalar => Ok(()),
        Shape::ScalarOrMap(keys) if is_map => fits(node, keys),
        Shape::Scalar => wrong("one text"),
        Shape::ScalarOrMap(_) => wrong("a text or a map"),
        Shape::Named(shape) if is_map => {
            node.members().iter().try_for_each(|(key, value)| is_shaped(&key.text, value, shape))
        }
        Shape::Map(_) | Shape::Named(_) => wrong("a map"),
        Shape::List(shape) => match &node.data {
            Data::List(items) => items.iter().try_for_each(|item| is_shaped(key, item, shape)),
            _ => wrong("a list"),
        },
        Shape::OneOrMore(shape) => node.items().iter().try_for_each(|item| is_shaped(key, item, shape)),
    }
}

const fn kind(node: &Node) -> &'static str {
    match node.data {
        Data::Null => "nothing",
        Data::Bool(_) => "true or false",
        Data::Number(_) => "a number",
        Data::Text(_) => "a text",
        Data::List(_) => "a list",
        Data::Map(_) => "a map",
    }
}

/// The JSON Schema (draft 2020-12) of a map with these keys. `open`: it may have others.
pub fn schema_of(keys: &[KeyShape], open: bool) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = schema(&key.shape);
        if let Some(members) = schema.as_object_mut() {
            members.insert("description".to_owned(), key.about.into());
        }
        properties.insert(key.name.to_owned(), schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if let (Some(members), false) = (schema.as_object_mut(), open) {
        members.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// The JSON Schema of what stands behind a key.
pub fn schema(shape: &Shape) -> Value {
    let scalar = || json!(["string", "number", "boolean", "null"]);
    match shape {
        Shape::Any => json!({}),
        Shape::Scalar => json!({ "type": scalar() }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Words(words) => json!({ "enum": words() }),
        Shape::Bool => json!({ "type": ["boolean", "null"] }),
        Shape::Texts => json!({ "anyOf": [
            { "type": scalar() }, { "type": "array", "items": { "type": ["string", "number", "boolean"] } },
        ] }),
        Shape::Map(keys) => schema_of(keys, false),
        Shape::ScalarOrMap(keys) => json!({ "anyOf": [{ "type": scalar() }, schema_of(keys, false)] }),
        Shape::Named(shape) => json!({ "type": ["object", "null"], "additionalProperties": schema(shape) }),
        Shape::List(shape) => json!({ "type": ["array", "null"], "items": schema(shape) }),
        Shape::OneOrMore(shape) => {
            json!({ "anyOf": [{ "type": "array", "items": schema(shape) }, schema(shape), { "type": "null" }] })
        }
        Shape::Detection => json!({ "$ref": "#/$defs/detection" }),
    }
}

/// What `$defs` of a schema with detections holds.
pub fn detection_definitions() -> Value {
    let modifiers: Vec<&str> = MODIFIERS.iter().map(|(name, _)| *name).collect();
    // A family's values stand in for modifiers, too.
    let field = format!(r"^[^|\[\]]*(\[(any|all|none)\]|(\|({}|\$[a-z_]+))*)$", modifiers.join("|"));
    let scalar = json!({ "type": ["string", "number", "boolean", "null"] });
    json!({
        "detection": {
            "type": "object",
            "properties": {
                "condition": { "anyOf": [
                    { "type": "string", "minLength": 1 },
                    { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                ] },
                "timeframe": { "type": "string", "pattern": "^-?[0-9]+[smhd]$" },
            },
            "additionalProperties": { "$ref": "#/$defs/search" },
        },
        "search": { "anyOf": [
            { "$ref": "#/$defs/fields" },
            { "type": "array", "items": { "$ref": "#/$defs/search" }, "minItems": 1 },
            { "type": ["string", "number", "boolean"] },
        ] },
        "fields": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "pattern": field },
            "patternProperties": { r"\]$": { "anyOf": [
                { "$ref": "#/$defs/search" },
                { "allOf": [{ "$ref": "#/$defs/detection" }, { "required": ["condition"] }] },
            ] }, r"[^\]]$|^$": { "anyOf": [
                scalar, { "type": "array", "items": scalar, "minItems": 1 },
            ] } },
        },
    })
}
