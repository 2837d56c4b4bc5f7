//! Where the value of a parameter comes from.

use rules::tree::{Data, Node};
use rules::{Code, RuleError};

/// Where the value of a parameter, or of a comparison, comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A dotted path into the resource's document as far as it is read.
    Path(String),
    /// This very value.
    Literal(serde_json::Value),
    /// The account's id.
    Account,
    /// The region's name.
    Region,
    /// The partition's name.
    Partition,
    /// The value that the call is repeated for.
    Each,
    /// A list of values.
    List(Vec<Source>),
    /// An object.
    Map(Vec<(String, Source)>),
}

impl Source {
    pub(super) fn from_node(node: &Node) -> Result<Self, RuleError> {
        Ok(match &node.data {
            Data::Null => Self::Literal(serde_json::Value::Null),
            Data::Bool(_) | Data::Number(_) => Self::Literal(node.to_json()),
            Data::Text(text) => match text.as_str() {
                "$account" => Self::Account,
                "$region" => Self::Region,
                "$partition" => Self::Partition,
                "." => Self::Each,
                text => match text.strip_prefix('=') {
                    Some(literal) => Self::Literal(literal.into()),
                    None if text.is_empty() || text.starts_with('$') => {
                        let problem = format!("`{text}` is no source");
                        let remedy = "write a path, =text, $account, $region or $partition";
                        return Err(RuleError::new(Code::RowSource, node.place, problem, remedy));
                    }
                    None => Self::Path(text.to_owned()),
                },
            },
            Data::List(items) => Self::List(items.iter().map(Self::from_node).collect::<Result<_, _>>()?),
            Data::Map(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, node)| Ok((key.text.clone(), Self::from_node(node)?)))
                    .collect::<Result<_, RuleError>>()?,
            ),
        })
    }

    /// The paths that it reads.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Self::Path(path) => vec![path],
            Self::List(sources) => sources.iter().flat_map(Self::paths).collect(),
            Self::Map(members) => members.iter().flat_map(|(_, source)| source.paths()).collect(),
            Self::Literal(_) | Self::Account | Self::Region | Self::Partition | Self::Each => Vec::new(),
        }
    }
}
