//! Which calls change resources of a type, and where their CloudTrail records say which ones.

use model::Effect;
use rules::shape::{KeyShape, Shape, key, known_keys};
use rules::tree::{Data, Node};
use rules::{Code, RuleError};

use super::read::sources;
use super::source::Source;

/// Where a record says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// At a dotted path, through lists to all of their elements; letter case aside.
    Path(String),
    /// Nowhere: it is always this.
    Text(String),
}

/// Which resources of the type a call changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The only one that there is at a place.
    Own,
    /// All at the place.
    All,
    /// Those that the record names. Of each list the first place that says anything counts.
    Named {
        /// By what identifies them, in any form in which AWS writes it.
        id: Vec<Told>,
        /// By their name for people, where no id is told.
        name: Vec<Told>,
    },
    /// Those whose documents have, at each path, what the record says: what they are linked with.
    Where(Vec<(String, Vec<Told>)>),
}

/// Values of a record that an entry is limited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The path in the record.
    pub path: String,
    /// The values, letter case aside; `*` stands for any.
    pub values: Vec<String>,
}

/// What becomes of what stands at a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// `sets:` The value replaces it.
    Set,
    /// `adds:` The values are added to the list that stands there.
    Add,
    /// `merges:` The value's members replace those of the elements of a list that are alike in the last member of the
    /// path: `Statuses.Of` for those of the list `Statuses` with the same `Of`.
    Merge,
    /// `takes:` What the value describes is taken out of the list that stands there.
    Take,
    /// `takes_ids:` The elements that earlier calls gave these ids are taken out of the list that stands there.
    TakeIds,
    /// `names:` The value describes elements of the list that stands there, each with the id that the call gave it: other
    /// calls may take it away by that id alone.
    Name,
}

impl How {
    /// Every key of an entry, and what it says of a member.
    pub const ALL: &[(&str, Self)] = &[
        ("sets", Self::Set),
        ("adds", Self::Add),
        ("merges", Self::Merge),
        ("takes", Self::Take),
        ("takes_ids", Self::TakeIds),
        ("names", Self::Name),
    ];

    /// The key in an entry of `changed_by`.
    pub fn key(self) -> &'static str {
        Self::ALL.iter().find(|(_, how)| *how == self).map_or("", |(key, _)| key)
    }
}

/// How a member of the document follows from the record of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The member, as a dotted path: what stands around it has to be known.
    pub member: String,
    /// What becomes of what stands there.
    pub how: How,
    /// The value: paths are those of the record.
    pub from: Source,
}

/// Calls of one kind, and what they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The names of the events, without a version behind them.
    pub events: Vec<String>,
    /// The event source, where it is not that of the row.
    pub source: Option<String>,
    /// Which resources.
    pub which: Which,
    /// What happens to them.
    pub effect: Effect,
    /// Which facets change; all where this is empty.
    pub facets: Vec<String>,
    /// Where the record says the new name of what is renamed.
    pub renamed: Vec<Told>,
    /// Where the record says a region other than its own.
    pub region: Vec<Told>,
    /// Ids count only if they begin so.
    pub prefix: Option<String>,
    /// All of these have to hold.
    pub when: Vec<Condition>,
    /// None of these may hold.
    pub unless: Vec<Condition>,
    /// What the document should be after the call, as far as its record tells.
    pub sets: Vec<Setting>,
}

/// The keys of an entry of `changed_by`.
pub(super) const KEYS: &[KeyShape] = &[
    key("source", Shape::Scalar, "The source of the events, where it is not that of the row"),
    key("id", Shape::Texts, "Where the record says what identifies the resource"),
    key("name", Shape::Texts, "Where it says the name, if no id is told"),
    key("where", Shape::Named(&Shape::Texts), "Resources whose documents have what the record says"),
    key("all", Shape::Bool, "All resources at the place change"),
    key("gone", Shape::Bool, "The resource is gone"),
    key("tags", Shape::Bool, "Only tags change"),
    key("facet", Shape::Texts, "Which facets change"),
    key("renamed", Shape::Texts, "Where the record says the new name"),
    key("region", Shape::Texts, "Where the record says a region other than its own"),
    key("prefix", Shape::Scalar, "Ids count only if they begin so"),
    key("when", Shape::Named(&Shape::Texts), "Values that the record has to have"),
    key("unless", Shape::Named(&Shape::Texts), "Values that the record must not have"),
    key(
        "sets",
        Shape::Named(&Shape::Any),
        "Members of the document that the call sets, and where its record says to what",
    ),
    key(
        "adds",
        Shape::Named(&Shape::Any),
        "Lists of the document that it adds to, and where its record says what",
    ),
    key(
        "merges",
        Shape::Named(&Shape::Any),
        "Lists of the document whose elements it changes, by the last member of the path",
    ),
    key(
        "takes",
        Shape::Named(&Shape::Any),
        "Lists of the document that it takes from, and where its record says what, in any of several forms",
    ),
    key(
        "takes_ids",
        Shape::Named(&Shape::Any),
        "Lists of the document that it takes from by ids that `names` of another call tells, and where its record says them",
    ),
    key(
        "names",
        Shape::Named(&Shape::Any),
        "Lists of the document to whose elements it gives ids, and where its record says which",
    ),
];

impl Change {
    /// Reads `changed_by:`. Where there is `only` one resource of the type, no entry has to say which one.
    ///
    /// # Errors
    /// What is wrong with the first entry that cannot be read.
    pub fn read_all(node: &Node, only: bool) -> Result<Vec<Self>, RuleError> {
        let mut changes = Vec::new();
        for (key, node) in node.members() {
            let events: Vec<String> = key.text.split(',').map(|event| event.trim().to_owned()).collect();
            if events.iter().any(String::is_empty) {
                let remedy = "write names of events with commas between them";
                return Err(RuleError::new(Code::RowChange, key.place, "an event without a name", remedy));
            }
            for entry in entries(node) {
                changes.push(Self::read(events.clone(), entry, only)?);
            }
        }
        Ok(changes)
    }

    fn read(events: Vec<String>, node: &Node, only: bool) -> Result<Self, RuleError> {
        known_keys(node, KEYS)?;
        let holds = |key: &str| node.get(key).and_then(Node::text).as_deref() == Some("true");
        let text = |key: &str| node.get(key).and_then(Node::text);
        let (id, name) = (told(node.get("id"))?, told(node.get("name"))?);
        let linked = node.get("where").map(Node::members).unwrap_or_default();
        let linked = linked
            .iter()
            .map(|(key, node)| Ok((key.text.clone(), told(Some(node))?)))
            .collect::<Result<Vec<_>, RuleError>>()?;
        let named = !id.is_empty() || !name.is_empty();
        let which = match (holds("all"), named, linked.is_empty()) {
            (true, false, true) => Which::All,
            (false, true, true) => Which::Named { id, name },
            (false, false, false) => Which::Where(linked),
            (false, false, true) if only => Which::Own,
            _ => {
                let problem = format!("`{}` does not say what it changes", events.join(", "));
                return Err(RuleError::new(
                    Code::RowChange,
                    node.place,
                    problem,
                    "give one of `id:`, `where:` and `all: true`",
                ));
            }
        };
        let effect = match (holds("gone"), holds("tags")) {
            (true, _) => Effect::Gone,
            (false, true) => Effect::Tags,
            (false, false) => Effect::Upsert,
        };
        Ok(Self {
            events,
            source: text("source"),
            which,
            effect,
            facets: texts(node.get("facet")),
            renamed: told(node.get("renamed"))?,
            region: told(node.get("region"))?,
            prefix: text("prefix"),
            when: conditions(node.get("when")),
            unless: conditions(node.get("unless")),
            sets: settings(node)?,
        })
    }

    /// Every path of a record that is looked at.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let named: Vec<&[Told]> = match &self.which {
            Which::Named { id, name } => vec![id, name],
            Which::Where(linked) => linked.iter().map(|(_, told)| told.as_slice()).collect(),
            Which::Own | Which::All => Vec::new(),
        };
        let told = named.into_iter().chain([self.renamed.as_slice(), &self.region]).flatten();
        let conditions = self.when.iter().chain(&self.unless).map(|condition| condition.path.as_str());
        told.filter_map(|told| match told {
            Told::Path(path) => Some(path.as_str()),
            Told::Text(_) => None,
        })
        .chain(conditions)
        .chain(self.sets.iter().flat_map(|setting| setting.from.paths()))
    }
}

fn settings(node: &Node) -> Result<Vec<Setting>, RuleError> {
    let mut found = Vec::new();
    for (key, how) in How::ALL {
        let told = sources(node.get(key))?.into_iter();
        found.extend(told.map(|(member, from)| Setting { member, how: *how, from }));
    }
    Ok(found)
}

/// One entry or several; `{}` is an entry too.
fn entries(node: &Node) -> &[Node] {
    match &node.data {
        Data::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn texts(node: Option<&Node>) -> Vec<String> {
    node.map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect()
}

fn told(node: Option<&Node>) -> Result<Vec<Told>, RuleError> {
    let items = node.map(Node::items).unwrap_or_default();
    let read = |node: &Node| match node.text() {
        Some(text) if !text.is_empty() => Ok(match text.strip_prefix('=') {
            Some(text) => Told::Text(text.to_owned()),
            None => Told::Path(text),
        }),
        _ => Err(RuleError::new(
            Code::RowSource,
            node.place,
            "this is no path",
            "write a path of the record, or =text",
        )),
    };
    items.iter().map(read).collect()
}

fn conditions(node: Option<&Node>) -> Vec<Condition> {
    let members = node.map(Node::members).unwrap_or_default();
    members
        .iter()
        .map(|(key, node)| Condition { path: key.text.clone(), values: texts(Some(node)) })
        .collect()
}

/// Services whose records carry another source than the service's name in the API models: "CloudTrail supported
/// services and integrations",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html>.
const SOURCES: &[(&str, &str)] = &[
    ("accessanalyzer", "access-analyzer"),
    ("apigatewayv2", "apigateway"),
    ("bedrock-agent", "bedrock"),
    ("cloudwatch", "monitoring"),
    ("efs", "elasticfilesystem"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("emr", "elasticmapreduce"),
    ("mq", "amazonmq"),
    ("opensearch", "es"),
    ("opensearchserverless", "aoss"),
    ("s3control", "s3"),
    ("stepfunctions", "states"),
];

/// The source of a service's records, without its domain.
pub(super) fn source_of(service: &str) -> &str {
    let service = service.strip_prefix("code:").unwrap_or(service);
    SOURCES.iter().find(|(name, _)| *name == service).map_or(service, |(_, source)| source)
}
