//! One call of a row, and what is made of its answer.

use std::collections::BTreeSet;
use std::fmt;

use rules::shape::{KeyShape, Shape, key, known_keys};
use rules::tree::Node;
use rules::{Code, RuleError};

use super::Row;
use super::source::Source;

/// An operation of a service's API, by the names that the AWS CLI's models use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The service, such as `s3`; `code:<service>` for a read that is more than one call.
    pub service: String,
    /// The operation, such as `GetBucketPolicy`.
    pub name: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service, self.name)
    }
}

/// Ids that are asked for together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The parameter that takes many ids.
    pub parameter: String,
    /// How many at once.
    pub limit: usize,
    /// The member of an element of the answer that says which id it is about.
    pub key: String,
}

/// A call of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The operation.
    pub operation: Operation,
    /// Its parameters.
    pub with: Vec<(String, Source)>,
    /// The part of the answer that counts; the whole of it where this is `None`.
    pub take: Option<String>,
    /// The member that plain texts of a listing become.
    pub named: Option<String>,
    /// What is taken is JSON in text.
    pub parse_json: bool,
    /// The errors that mean "not configured": codes, each alone or as `Code: part of the message`.
    pub absent: Vec<String>,
    /// Elements of what is taken count only if these members have one of these values.
    pub filter: Vec<(String, Source)>,
    /// Only the first element counts.
    pub first: bool,
    /// The call is made for each value at this path.
    pub each: Option<String>,
    /// The call is made in every region.
    pub all_regions: bool,
    /// The call is made in this region, wherever the resource is.
    pub region: Option<String>,
    /// Ids are asked for together.
    pub batch: Option<Batch>,
    permission: Vec<String>,
}

/// The keys of a call.
pub(super) const KEYS: &[KeyShape] = &[
    key("call", Shape::Scalar, "service:Operation"),
    key("with", Shape::Named(&Shape::Any), "The parameters, and where their values come from"),
    key("take", Shape::Scalar, "The path of what counts in the answer"),
    key("items", Shape::Scalar, "The path of the list in the answer"),
    key("as", Shape::Scalar, "The member that plain texts of a listing become"),
    key("parse", Shape::Word(&["json"]), "What is taken is JSON in a text"),
    key("absent", Shape::Texts, "The error codes that mean: not configured"),
    key("where", Shape::Named(&Shape::Any), "Only elements whose members have these values"),
    key("first", Shape::Bool, "Only the first element counts"),
    key("each", Shape::Scalar, "The call is made for each value at this path"),
    key("regions", Shape::Word(&["all"]), "The call is made in every region"),
    key("region", Shape::Scalar, "The one region in which the call is made"),
    key("batch", Shape::Scalar, "The parameter that takes many ids"),
    key("limit", Shape::Scalar, "How many ids at once"),
    key("key", Shape::Scalar, "The member of an element that says which id it is about"),
    key("permission", Shape::Texts, "The IAM actions, where they are not called as the operation"),
    key("for", Shape::Scalar, "The type of the parents of what is listed"),
    key("carry", Shape::Texts, "Members of the parent that children take over"),
];

/// The most ids that are asked for together where a row does not say it.
const BATCH_LIMIT: usize = 100;

impl Read {
    pub(super) fn from_node(node: &Node) -> Result<Self, RuleError> {
        known_keys(node, KEYS)?;
        let text = |key: &str| node.get(key).and_then(Node::text);
        let texts = |key: &str| {
            node.get(key)
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(Node::text)
                .collect::<Vec<_>>()
        };
        let sources = |key: &str| sources(node.get(key));
        if let Some(parse) = text("parse").filter(|parse| parse != "json") {
            return Err(RuleError::new(
                Code::UnknownWord,
                node.place,
                format!("`parse: {parse}`"),
                "only json is parsed",
            ));
        }
        if let Some(regions) = text("regions").filter(|regions| regions != "all") {
            return Err(RuleError::new(
                Code::UnknownWord,
                node.place,
                format!("`regions: {regions}`"),
                "write `regions: all`",
            ));
        }
        let batch = match text("batch") {
            None => None,
            Some(parameter) => {
                let Some(key) = text("key") else {
                    let problem = "a batch does not say which element belongs to which id";
                    return Err(RuleError::new(Code::RowBatch, node.place, problem, "add `key:`"));
                };
                let limit = text("limit").and_then(|limit| limit.parse().ok()).unwrap_or(BATCH_LIMIT);
                Some(Batch { parameter, limit, key })
            }
        };
        Ok(Self {
            operation: operation(node)?,
            with: sources("with")?,
            take: text("items").or_else(|| text("take")),
            named: text("as"),
            parse_json: text("parse").is_some(),
            absent: texts("absent"),
            filter: sources("where")?,
            first: text("first").as_deref() == Some("true"),
            each: text("each"),
            all_regions: text("regions").is_some(),
            region: text("region"),
            batch,
            permission: texts("permission"),
        })
    }

    /// The permissions that the row names itself, because the action is not called as the operation.
    pub fn permissions(&self) -> &[String] {
        &self.permission
    }

    /// Whether an error means that what is asked for is not configured.
    pub fn is_absence(&self, code: &str, message: &str) -> bool {
        self.absent.iter().any(|absent| match absent.split_once(": ") {
            Some((known, part)) => known == code && message.contains(part),
            None => absent == code,
        })
    }

    /// The facets of `row` that the call is made with.
    pub fn facets_read<'r>(&self, row: &'r Row) -> impl Iterator<Item = &'r str> {
        let sources = self.with.iter().chain(&self.filter).flat_map(|(_, source)| source.paths());
        let firsts = sources.chain(self.each.as_deref()).filter_map(|path| path.split('.').next());
        let names: BTreeSet<String> = firsts.map(str::to_owned).collect();
        row.facets.iter().map(|(name, _)| name.as_str()).filter(move |name| names.contains(*name))
    }

    /// Whether this is code with a name, and not one operation.
    pub fn is_code(&self) -> bool {
        self.operation.service.starts_with("code:")
    }
}

/// Names, each with its source.
pub(super) fn sources(node: Option<&Node>) -> Result<Vec<(String, Source)>, RuleError> {
    let members = node.map(Node::members).unwrap_or_default();
    members.iter().map(|(key, node)| Ok((key.text.clone(), Source::from_node(node)?))).collect()
}

fn operation(node: &Node) -> Result<Operation, RuleError> {
    let Some(call) = node.get("call") else {
        return Err(RuleError::new(
            Code::RowCall,
            node.place,
            "a read without a call",
            "add `call: service:Operation`",
        ));
    };
    let text = call.text().unwrap_or_default();
    let Some((service, name)) = text.rsplit_once(':') else {
        let problem = format!("`{text}` names no service");
        return Err(RuleError::new(Code::RowCall, call.place, problem, "write service:Operation"));
    };
    Ok(Operation { service: service.to_owned(), name: name.to_owned() })
}
