//! Frameworks: which checks tell of which control. Data, one file a framework in `catalog/frameworks`.

use rules::shape::{KeyShape, Shape, fits, key};
use rules::tree::Node;
use rules::{Code, RuleError};

/// A framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id, such as `cis-aws-5.0`.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Its publisher's version.
    pub version: String,
    /// Where its text can be read.
    pub source: String,
    /// Its controls, in the order of the file, with the ids of the checks that tell of them.
    pub controls: Vec<(String, Vec<String>)>,
}

/// The keys of a framework.
pub const KEYS: &[KeyShape] = &[
    key("id", Shape::Scalar, "Its id, such as cis-aws-5.0"),
    key("title", Shape::Scalar, "What it is called"),
    key("version", Shape::Scalar, "Which edition it is"),
    key("source", Shape::Scalar, "Where the controls' own words stand"),
    key("controls", Shape::Named(&Shape::Texts), "Each control, with the ids of the checks that tell of it"),
];

impl Framework {
    pub(crate) fn read(node: &Node) -> Result<Self, RuleError> {
        fits(node, KEYS)?;
        let text = |key: &str| {
            let found = node.get(key).and_then(Node::text);
            found.ok_or_else(|| {
                RuleError::new(
                    Code::FrameworkIncomplete,
                    node.place,
                    format!("the framework has no {key}"),
                    format!("add `{key}:`"),
                )
            })
        };
        let controls = node.get("controls").map(Node::members).unwrap_or_default();
        if controls.is_empty() {
            return Err(RuleError::new(
                Code::FrameworkIncomplete,
                node.place,
                "the framework has no controls",
                "add `controls:`",
            ));
        }
        let checks = |node: &Node| node.items().iter().filter_map(Node::text).collect();
        Ok(Self {
            id: text("id")?,
            title: text("title")?,
            version: text("version")?,
            source: text("source")?,
            controls: controls.iter().map(|(key, node)| (key.text.clone(), checks(node))).collect(),
        })
    }

    /// The ids of all checks that tell of it.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.controls.iter().flat_map(|(_, checks)| checks).map(String::as_str)
    }

    /// The controls that a check tells of.
    pub fn controls_of<'f>(&'f self, check: &'f str) -> impl Iterator<Item = &'f str> {
        let tells = move |(_, checks): &&(String, Vec<String>)| checks.iter().any(|known| known == check);
        self.controls.iter().filter(tells).map(|(control, _)| control.as_str())
    }
}
