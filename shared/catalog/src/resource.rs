//! Resource rows: which resources exist, and by which calls they are read. Data, one file a service.
//!
//! A row is read from `catalog/<service>/resources.yaml`; who carries it out is the engine. The keys are described in
//! `docs/writing-checks.md`, and those that have to do with changes in `docs/resource-changes.md`.

mod change;
mod known_as;
mod read;
mod source;

use rules::shape::{KeyShape, Shape, key, known_keys};
use rules::tree::{Data, Node};
use rules::{Code, RuleError};

pub use change::{Change, Condition, How, Setting, Told, Which};
pub use known_as::KnownAs;
pub use read::{Batch, Operation, Read};
pub use source::Source;

/// Where a type of resource is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Once for each account, in the partition's home region.
    Global,
    /// In each region.
    Regional,
}

/// How the resources of a type are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// There is exactly one for each account or region: its settings.
    Single,
    /// A call lists them.
    Call(Read),
    /// A call for each resource of another type lists them.
    Within {
        /// The call.
        read: Read,
        /// The other type.
        parent: String,
        /// The members of the parent that its children take over.
        carry: Vec<String>,
    },
}

/// Listed items that count, or do not, by the text of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The member.
    pub path: String,
    /// Its values.
    pub values: Vec<String>,
}

/// A type of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `aws.<service>.<noun>`.
    pub name: String,
    /// The type's name in `CloudFormation`, such as `AWS::S3::Bucket`.
    pub cloudformation: Option<String>,
    /// Where it is asked for.
    pub scope: Scope,
    /// How its resources are found.
    pub listing: Listing,
    /// The member that names the region in which the details of a resource have to be read.
    pub region: Option<String>,
    /// What identifies a resource among its siblings.
    pub id: Source,
    /// The member with a name for people.
    pub display: Option<String>,
    /// The ARN, with `{partition}`, `{region}`, `{account}` and `{path}` fields.
    pub arn: String,
    /// Listed items count only if they pass each of these.
    pub keep: Vec<Filter>,
    /// Listed items do not count if they fit one of these.
    pub drop: Vec<Filter>,
    /// Calls whose answers are merged into what the listing says.
    pub describe: Vec<Read>,
    /// Calls whose answers become members of the document, by the member's name.
    pub facets: Vec<(String, Read)>,
    /// The parameters with which the listing is of one resource: made of `id` and `arn`.
    pub by_id: Vec<(String, Source)>,
    /// What the listing would say of one resource, where that can be made of `id` and `arn` without asking.
    pub item: Vec<(String, Source)>,
    /// In which ways AWS writes what identifies a resource.
    pub known_as: KnownAs,
    /// Members that change although nobody changes the resource: dotted paths, or names at any depth.
    pub volatile: Vec<String>,
    /// The calls that change resources of the type.
    pub changed_by: Vec<Change>,
    /// The file.
    pub origin: String,
}

impl Row {
    /// The source of the events that change resources of the type, unless an entry names another: without its domain,
    /// such as `monitoring`.
    pub fn event_source(&self) -> &str {
        self.reads().next().map_or_else(|| self.service(), |read| change::source_of(&read.operation.service))
    }

    /// The member of the document that identifies a resource, where it is one member alone.
    pub fn id_member(&self) -> Option<&str> {
        match &self.id {
            Source::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Whether the resources are identified by their ARNs.
    pub fn is_known_by_arn(&self) -> bool {
        self.id_member().is_some_and(|id| self.arn == format!("{{{id}}}"))
    }

    /// Every call that the row can make.
    pub fn reads(&self) -> impl Iterator<Item = &Read> {
        let listing = match &self.listing {
            Listing::Single => None,
            Listing::Call(read) | Listing::Within { read, .. } => Some(read),
        };
        listing.into_iter().chain(&self.describe).chain(self.facets.iter().map(|(_, read)| read))
    }

    /// The service folder in the name: `s3` of `aws.s3.bucket`.
    pub fn service(&self) -> &str {
        self.name.split('.').nth(1).unwrap_or_default()
    }

    /// The facet called `name`.
    pub fn facet(&self, name: &str) -> Option<&Read> {
        self.facets.iter().find(|(facet, _)| facet == name).map(|(_, read)| read)
    }
}

/// The keys of a row.
pub const KEYS: &[KeyShape] = &[
    key("cloudformation", Shape::Scalar, "The type's name in CloudFormation"),
    key("scope", Shape::Word(&["regional", "global"]), "Where it is asked for"),
    key("single", Shape::Bool, "There is exactly one for each account or region"),
    key("list", Shape::Map(read::KEYS), "The call that lists the resources"),
    key("region", Shape::Scalar, "The member that says in which region details are read"),
    key("id", Shape::Any, "The member that tells a resource from its siblings"),
    key("name", Shape::Scalar, "A member with a name for people"),
    key("arn", Shape::Scalar, "A text with {partition}, {region}, {account} and {member} fields"),
    key("keep", Shape::Named(&Shape::Texts), "Only listed items whose member has one of these values"),
    key("drop", Shape::Named(&Shape::Texts), "No listed items whose member has one of these values"),
    key(
        "describe",
        Shape::OneOrMore(&Shape::Map(read::KEYS)),
        "Calls whose answer is merged into the document",
    ),
    key("facets", Shape::Named(&Shape::Map(read::KEYS)), "Calls whose answers become members"),
    key("by_id", Shape::Named(&Shape::Any), "The parameters with which the listing is of one resource"),
    key("item", Shape::Named(&Shape::Any), "What the listing would say of one resource"),
    key("known_as", Shape::Map(known_as::KEYS), "In which ways AWS writes what identifies a resource"),
    key("volatile", Shape::Texts, "Members that change by themselves: paths, or names at any depth"),
    key(
        "changed_by",
        Shape::Named(&Shape::OneOrMore(&Shape::Map(change::KEYS))),
        "The calls that change resources",
    ),
];

/// Reads the rows of a YAML text. One wrong row does not spoil the others.
pub fn read_rows(text: &str, origin: &str) -> (Vec<Row>, Vec<RuleError>) {
    match Node::from_yaml(text) {
        Ok(documents) => {
            let (mut rows, mut errors) = (Vec::new(), Vec::new());
            for document in &documents {
                let (more, wrong) = rows_of(document, origin);
                rows.extend(more);
                errors.extend(wrong);
            }
            (rows, errors)
        }
        Err(error) => (Vec::new(), vec![error.in_file(origin)]),
    }
}

/// Reads the rows of one document.
pub(crate) fn rows_of(document: &Node, origin: &str) -> (Vec<Row>, Vec<RuleError>) {
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for (key, node) in document.members() {
        match row(&key.text, node, origin) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error.in_file(origin)),
        }
    }
    (rows, errors)
}

fn row(name: &str, node: &Node, origin: &str) -> Result<Row, RuleError> {
    known_keys(node, KEYS)?;
    if name.split('.').count() != 3 || !name.starts_with("aws.") {
        let problem = format!("`{name}` is no resource type");
        return Err(RuleError::new(Code::RowName, node.place, problem, "name it aws.<service>.<noun>"));
    }
    let text = |key: &str| node.get(key).and_then(Node::text);
    let needed = |key: &str| {
        text(key).ok_or_else(|| {
            RuleError::new(
                Code::RowIncomplete,
                node.place,
                format!("`{name}` has no {key}"),
                format!("add `{key}:`"),
            )
        })
    };
    let scope = match text("scope").as_deref() {
        None | Some("regional") => Scope::Regional,
        Some("global") => Scope::Global,
        Some(other) => {
            let problem = format!("`scope: {other}`");
            return Err(RuleError::new(Code::UnknownWord, node.place, problem, "write global or regional"));
        }
    };
    let single = text("single").as_deref() == Some("true");
    let listing = match node.get("list") {
        None if single => Listing::Single,
        Some(list) if !single => listing(list)?,
        _ => {
            let problem = format!("`{name}` has to say how it is found");
            return Err(RuleError::new(
                Code::RowIncomplete,
                node.place,
                problem,
                "give either `list:` or `single: true`",
            ));
        }
    };
    let describe = node.get("describe").map(Node::items).unwrap_or_default();
    let facets = node.get("facets").map(Node::members).unwrap_or_default();
    let changed_by = match node.get("changed_by") {
        Some(changes) => Change::read_all(changes, single)?,
        None => Vec::new(),
    };
    let sources = |key: &str| read::sources(node.get(key));
    Ok(Row {
        name: name.to_owned(),
        cloudformation: text("cloudformation"),
        scope,
        listing,
        region: text("region"),
        id: match node.get("id") {
            Some(id) => Source::from_node(id)?,
            None => {
                return Err(RuleError::new(
                    Code::RowIncomplete,
                    node.place,
                    format!("`{name}` has no id"),
                    "add `id:`",
                ));
            }
        },
        display: text("name"),
        arn: needed("arn")?,
        keep: filters(node.get("keep")),
        drop: filters(node.get("drop")),
        describe: describe.iter().map(Read::from_node).collect::<Result<_, _>>()?,
        facets: facets
            .iter()
            .map(|(key, node)| Ok((key.text.clone(), Read::from_node(node)?)))
            .collect::<Result<_, RuleError>>()?,
        by_id: sources("by_id")?,
        item: sources("item")?,
        known_as: KnownAs::read(node.get("known_as"))?,
        volatile: node
            .get("volatile")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .collect(),
        changed_by,
        origin: origin.to_owned(),
    })
}

fn listing(list: &Node) -> Result<Listing, RuleError> {
    let read = Read::from_node(list)?;
    if read.take.is_none() {
        return Err(RuleError::new(
            Code::RowItems,
            list.place,
            "the listing does not say where its items stand",
            "add `items:`",
        ));
    }
    match list.get("for").and_then(Node::text) {
        None => Ok(Listing::Call(read)),
        Some(parent) => {
            let carry = list.get("carry").map(Node::items).unwrap_or_default();
            Ok(Listing::Within { read, parent, carry: carry.iter().filter_map(Node::text).collect() })
        }
    }
}

fn filters(node: Option<&Node>) -> Vec<Filter> {
    let members = node.map(Node::members).unwrap_or_default();
    let values = |node: &Node| match &node.data {
        Data::Null => Vec::new(),
        _ => node.items().iter().filter_map(Node::text).collect(),
    };
    members.iter().map(|(key, node)| Filter { path: key.text.clone(), values: values(node) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "
aws.s3.bucket:
  cloudformation: AWS::S3::Bucket
  scope: global
  list: { call: s3:ListBuckets, with: { MaxBuckets: 1000 }, items: Buckets, permission: s3:ListAllMyBuckets }
  region: BucketRegion
  id: Name
  arn: 'arn:{partition}:s3:::{Name}'
  facets:
    Policy: { call: s3:GetBucketPolicy, with: { Bucket: Name }, take: Policy, parse: json, absent: NoSuchBucketPolicy }
";

    #[test]
    fn a_row_is_read_whole() {
        let (rows, errors) = read_rows(BUCKET, "s3/resources.yaml");
        assert_eq!(errors, []);
        let row = &rows[0];
        assert_eq!((row.name.as_str(), row.scope, row.service()), ("aws.s3.bucket", Scope::Global, "s3"));
        let Listing::Call(list) = &row.listing else { panic!("{:?}", row.listing) };
        assert_eq!(list.take.as_deref(), Some("Buckets"));
        assert_eq!(list.permissions(), ["s3:ListAllMyBuckets"]);
        let policy = row.facet("Policy").unwrap();
        assert_eq!(policy.with, [("Bucket".to_owned(), Source::Path("Name".into()))]);
        assert!(policy.parse_json);
        assert_eq!(policy.absent, ["NoSuchBucketPolicy"]);
        assert!(policy.permissions().is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_mend() {
        let error = |from: &str, to: &str| {
            let (_, errors) = read_rows(&BUCKET.replace(from, to), "r.yaml");
            errors.first().map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(error("  id: Name\n", ""), "r.yaml:3:3: `aws.s3.bucket` has no id; add `id:`");
        assert_eq!(
            error("items: Buckets, ", ""),
            "r.yaml:5:9: the listing does not say where its items stand; add `items:`"
        );
        assert_eq!(error("parse: json", "parse: xml"), "r.yaml:10:13: `parse: xml`; only json is parsed");
        assert_eq!(error("absent:", "absend:"), "r.yaml:10:92: unknown key `absend`; did you mean `absent`?");
        assert_eq!(
            error("s3:GetBucketPolicy", "GetBucketPolicy"),
            "r.yaml:10:21: `GetBucketPolicy` names no service; write service:Operation"
        );
    }
}
