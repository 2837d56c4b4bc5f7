//! Values in a document that is being read, and parameters made of them.

use catalog::resource::{Read, Source};
use serde_json::{Map, Value};

use super::answer::hole_of;

/// Why a parameter has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// The document has none: there is nothing to ask about.
    Nothing,
    /// It could not be read.
    Hole(Value),
}

/// What sources may name besides the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) partition: &'a str,
    pub(super) each: Option<&'a str>,
}

impl Context<'_> {
    /// The parameters of a call about `document`.
    pub(super) fn parameters(&self, read: &Read, document: &Map<String, Value>) -> Result<Value, Missing> {
        let mut parameters = Map::new();
        for (name, source) in &read.with {
            parameters.insert(name.clone(), self.value(source, document)?);
        }
        Ok(Value::Object(parameters))
    }

    /// The value of one source.
    pub(super) fn value(&self, source: &Source, document: &Map<String, Value>) -> Result<Value, Missing> {
        Ok(match source {
            Source::Literal(value) => value.clone(),
            Source::Account => self.account.into(),
            Source::Region => self.region.into(),
            Source::Partition => self.partition.into(),
            Source::Each => self.each.map(Value::from).ok_or(Missing::Nothing)?,
            Source::Path(path) => match (at(document, path), unread(document, path)) {
                (_, Some(hole)) => return Err(Missing::Hole(hole)),
                (Value::Null, None) => return Err(Missing::Nothing),
                (value, None) => value,
            },
            Source::List(sources) => {
                let mut items = Vec::new();
                for source in sources {
                    match self.value(source, document) {
                        Ok(Value::Array(more)) => items.extend(more),
                        Ok(one) => items.push(one),
                        // What one source has not, another may have.
                        Err(Missing::Nothing) => {}
                        Err(hole) => return Err(hole),
                    }
                }
                if items.is_empty() && !sources.is_empty() {
                    return Err(Missing::Nothing);
                }
                Value::Array(items)
            }
            Source::Map(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, source)| Ok((key.clone(), self.value(source, document)?)))
                    .collect::<Result<_, Missing>>()?,
            ),
        })
    }
}

/// The hole because of which the value at a path is not known: its own, that of one of its elements, or the one that a
/// description left at the root.
pub(super) fn unread(document: &Map<String, Value>, path: &str) -> Option<Value> {
    match at(document, path) {
        Value::Null => document.contains_key("$unavailable").then(|| Value::Object(root_hole(document))),
        value => hole_of(&value).cloned(),
    }
}

/// The hole that a description left at the root of a document.
fn root_hole(document: &Map<String, Value>) -> Map<String, Value> {
    let parts = ["$unavailable", "operation", "code", "permission"];
    parts.iter().filter_map(|key| Some(((*key).to_owned(), document.get(*key)?.clone()))).collect()
}

/// The value at a dotted path, through lists to all of their elements: null where there is none, a list where there
/// are several.
pub(super) fn at(document: &Map<String, Value>, path: &str) -> Value {
    let mut found = Vec::new();
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(value) = document.get(first) {
        walk(value, rest, &mut found);
    }
    match found.len() {
        0 => Value::Null,
        1 => found.swap_remove(0),
        _ => Value::Array(found),
    }
}

fn walk(value: &Value, path: &str, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, found)),
        Value::Null => {}
        _ if path.is_empty() => found.push(value.clone()),
        Value::Object(members) if members.contains_key("$unavailable") => found.push(value.clone()),
        Value::Object(members) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = members.get(first) {
                walk(value, rest, found);
            }
        }
        _ => {}
    }
}

/// The texts of a value: of a list its elements'.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = String> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        other => std::slice::from_ref(other),
    };
    items.iter().filter_map(|item| match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

/// The document with only those values at `path` that are ARNs of `region`, or no ARNs at all.
pub(super) fn of_region(document: &Map<String, Value>, path: &str, region: &str) -> Map<String, Value> {
    let elsewhere = |value: &String| {
        let of = value.starts_with("arn:").then(|| value.split(':').nth(3).unwrap_or_default());
        of.is_some_and(|of| !of.is_empty() && of != region)
    };
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let mut here = document.clone();
    if let Some(Value::Array(items)) = here.get_mut(first) {
        items.retain(|item| {
            let mut found = Vec::new();
            walk(item, rest, &mut found);
            !texts(&Value::Array(found)).any(|text| elsewhere(&text))
        });
    }
    here
}
