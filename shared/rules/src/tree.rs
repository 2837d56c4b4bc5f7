//! A rule file as a tree of values that know where they stand, read from YAML or from a packed catalogue.

use model::json::{Kind, Value};
use saphyr::{LoadableYamlNode, MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::{Event, Span};

use crate::code::Code;
use crate::error::{Place, RuleError};

/// A value in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// Where it stands.
    pub place: Place,
}

/// What a value in a rule file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Node {
    /// Reads every document of a YAML text.
    ///
    /// # Errors
    /// What is no YAML, with its place.
    pub fn from_yaml(text: &str) -> Result<Vec<Self>, RuleError> {
        check_nesting(text)?;
        let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
        loader.alias_limit(MAX_ALIASED);
        // Plain scalars stay text, so that 012345678901 keeps its zero and a key that repeats is seen.
        loader.early_parse(false);
        let mut parser = saphyr_parser::Parser::new_from_str(text);
        parser.load(&mut loader, true).map_err(|error| scan_error(&error))?;
        if let Some(error) = loader.error() {
            return Err(scan_error(error));
        }
        let documents: Vec<_> = loader.into_documents();
        documents
            .iter()
            .filter(|document| !is_empty(document))
            .map(|document| from_marked(document, 0))
            .collect()
    }

    /// Sees a JSON value as a node whose place is not known.
    pub fn from_json(value: Value<'_>) -> Self {
        let data = match value.kind() {
            Kind::Null => Data::Null,
            Kind::Bool => Data::Bool(value.as_bool() == Some(true)),
            Kind::Number => Data::Number(value.text().unwrap_or_default().into_owned()),
            Kind::String => Data::Text(value.as_str().unwrap_or_default().into_owned()),
            Kind::Array => Data::List(value.items().map(Self::from_json).collect()),
            Kind::Object => Data::Map(value.members().map(member).collect()),
        };
        Self { data, place: Place::default() }
    }

    /// As [`Node::from_json`], of an object without some of its members.
    pub fn from_json_without(value: Value<'_>, members: &[&str]) -> Self {
        if value.kind() != Kind::Object {
            return Self::from_json(value);
        }
        let kept = value.members().filter(|(key, _)| !members.iter().any(|member| key.is_key(member)));
        Self { data: Data::Map(kept.map(member).collect()), place: Place::default() }
    }

    /// The node as JSON; numbers that JSON cannot write become text.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.data {
            Data::Null => serde_json::Value::Null,
            Data::Bool(value) => (*value).into(),
            Data::Number(text) => match text.parse::<i64>() {
                Ok(number) if number.to_string() == *text => number.into(),
                _ => match text.parse::<f64>().ok().and_then(serde_json::Number::from_f64) {
                    Some(number) if number.to_string() == *text => serde_json::Value::Number(number),
                    _ => text.as_str().into(),
                },
            },
            Data::Text(text) => text.as_str().into(),
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Map(members) => serde_json::Value::Object(
                members.iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect(),
            ),
        }
    }

    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }

    /// The members of a map; nothing for any other kind.
    pub fn members(&self) -> &[(Key, Self)] {
        match &self.data {
            Data::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list, or the value itself as a list of one; nothing for null.
    pub fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            Data::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) | Data::Number(text) => Some(text.clone()),
            Data::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

/// The key and the value of a JSON object's member.
fn member((key, value): (Value<'_>, Value<'_>)) -> (Key, Node) {
    let text = key.as_str().unwrap_or_default().into_owned();
    (Key { text, place: Place::default() }, Node::from_json(value))
}

fn is_empty(document: &MarkedYaml<'_>) -> bool {
    matches!(&document.data, YamlData::Representation(text, ScalarStyle::Plain, None) if text.is_empty() || text == "~")
        || document.is_badvalue()
}

fn scan_error(error: &saphyr_parser::ScanError) -> RuleError {
    let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
    let info = error.info();
    let code = if info.contains("duplicated key") {
        Code::DuplicateKey
    } else if info.contains("unknown anchor") {
        Code::UnknownAlias
    } else if info.contains('\t') || info.contains("tab") {
        Code::TabIndent
    } else {
        Code::NotYaml
    };
    RuleError::new(
        code,
        place,
        format!("not YAML: {}", error.info()),
        "mend the indentation or the quotes there",
    )
}

/// How deep lists and maps may nest, so that reading them cannot use up the stack.
const MAX_NESTING: usize = 100;

/// How many values `*aliases` may stand for.
const MAX_ALIASED: usize = 10_000;

fn too_deep(place: Place) -> RuleError {
    RuleError::new(Code::TooDeep, place, "nested too deep", "split it into named searches")
}

/// Refuses what nests too deep, by itself or through aliases of values that hold aliases.
fn check_nesting(text: &str) -> Result<(), RuleError> {
    let mut depth = 0_usize;
    let mut anchored_at = None;
    for event in saphyr_parser::Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if depth == MAX_NESTING => {
                return Err(too_deep(place(span)));
            }
            Event::SequenceStart(anchor, ..) | Event::MappingStart(anchor, ..) => {
                if anchor > 0 {
                    anchored_at = anchored_at.or(Some(depth));
                }
                depth += 1;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                depth -= 1;
                anchored_at = anchored_at.filter(|at| *at < depth);
            }
            Event::Alias(_) if anchored_at.is_some() => {
                return Err(RuleError::new(
                    Code::AliasInAnchor,
                    place(span),
                    "an alias within a value that has an anchor",
                    "write the value out",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn place(span: Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

fn from_marked(node: &MarkedYaml<'_>, depth: usize) -> Result<Node, RuleError> {
    let place = place(node.span);
    if depth > MAX_NESTING {
        return Err(too_deep(place));
    }
    let data = match &node.data {
        YamlData::Representation(text, style, tag) => match (style, tag) {
            (ScalarStyle::Plain, None) => plain(text),
            _ => Data::Text(text.to_string()),
        },
        YamlData::Sequence(items) => {
            Data::List(items.iter().map(|item| from_marked(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        YamlData::Mapping(members) => {
            let mut map = Vec::with_capacity(members.len());
            for (key, value) in members {
                let key = from_marked(key, depth + 1)?;
                let Some(text) = key.text().or_else(|| (key.data == Data::Null).then(|| "null".into()))
                else {
                    return Err(RuleError::new(
                        Code::KeyNotText,
                        key.place,
                        "a key that is no text",
                        "write a name before the colon",
                    ));
                };
                map.push((Key { text, place: key.place }, from_marked(value, depth + 1)?));
            }
            Data::Map(map)
        }
        YamlData::Tagged(_, inner) => return from_marked(inner, depth + 1),
        YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
            return Err(RuleError::new(
                Code::NotYaml,
                place,
                "a value that cannot be read",
                "write it plainly, without tags",
            ));
        }
    };
    Ok(Node { data, place })
}

/// A plain scalar by the core schema of YAML 1.2, <https://yaml.org/spec/1.2.2/#103-core-schema>.
fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ if is_number(text) => Data::Number(text.to_owned()),
        _ => Data::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.'))
        && text.chars().all(|each| each.is_ascii_digit() || matches!(each, '-' | '+' | '.' | 'e' | 'E'))
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_what_was_written() {
        let nodes =
            Node::from_yaml("a: 012345678901\nb: '22'\nc: 22\nd: yes\ne: true\nf:\ng: 1.50\nh: 10.0.0.0/8")
                .unwrap();
        let text = |key: &str| nodes[0].get(key).unwrap().data.clone();
        assert_eq!(text("a"), Data::Number("012345678901".into()));
        assert_eq!(text("b"), Data::Text("22".into()));
        assert_eq!(text("c"), Data::Number("22".into()));
        assert_eq!(text("d"), Data::Text("yes".into()));
        assert_eq!(text("e"), Data::Bool(true));
        assert_eq!(text("f"), Data::Null);
        assert_eq!(text("g"), Data::Number("1.50".into()));
        assert_eq!(text("h"), Data::Text("10.0.0.0/8".into()));
    }

    #[test]
    fn places_are_counted_from_one() {
        let nodes = Node::from_yaml("a: 1\nb:\n  c: 2\n").unwrap();
        assert_eq!(nodes[0].get("b").unwrap().get("c").unwrap().place, Place { line: 3, column: 6 });
    }

    #[test]
    fn a_text_may_hold_several_documents() {
        assert_eq!(Node::from_yaml("a: 1\n---\nb: 2\n---\n").unwrap().len(), 2);
        assert_eq!(Node::from_yaml("").unwrap().len(), 0);
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        assert_eq!(Node::from_yaml("a: 1\n b: [").unwrap_err().place.line, 2);
        assert!(Node::from_yaml("a: 1\na: 2\n").unwrap_err().problem.contains("duplicate"), "a repeated key");
    }
}
