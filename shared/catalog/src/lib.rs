//! The built-in catalogue, packed at build time, and the loading of rules that users bring.

mod folder;
mod framework;
pub mod lint;
mod pack;
pub mod resource;
pub mod schema;

use std::collections::{BTreeMap, BTreeSet};

use model::json::Document;
use rules::tree::Node;
use rules::{Code, Place, Rule, RuleError};

use resource::{Change, Row};

pub use framework::{Framework, KEYS as FRAMEWORK_KEYS};

pub use folder::{LoadError, load};
pub use pack::{PackError, unpacked};

/// Which calls change which types of resources, as far as that follows from public schemas. Made by `cargo xtask changes`.
const DERIVED: &str = include_str!("../../../catalog/derived/changes.json");

const PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));

/// Rules and resource rows that were read, and what is wrong with those that were not.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The types of resources.
    pub rows: Vec<Row>,
    /// The frameworks.
    pub frameworks: Vec<Framework>,
    /// What is wrong, by file and line.
    pub errors: Vec<RuleError>,
}

impl Loaded {
    /// Adds what was read elsewhere.
    pub fn extend(&mut self, more: Self) {
        self.rules.extend(more.rules);
        for row in more.rows {
            match self.rows.iter().find(|known| known.name == row.name) {
                Some(known) => self.errors.push(
                    RuleError::new(
                        Code::DuplicateRow,
                        Place::default(),
                        format!("the type {} is described in {} already", row.name, known.origin),
                        "give yours another name",
                    )
                    .in_file(&row.origin),
                ),
                None => self.rows.push(row),
            }
        }
        self.frameworks.extend(more.frameworks);
        self.errors.extend(more.errors);
    }

    /// The ids that a framework may name: those of the rules, and of what frameworks name already.
    pub fn checks(&self) -> BTreeSet<String> {
        let named = self.frameworks.iter().flat_map(Framework::checks).map(str::to_owned);
        self.rules.iter().map(|rule| rule.meta.id.clone()).chain(named).collect()
    }

    fn take(&mut self, kind: Kind, document: &Node, origin: &str) {
        match kind {
            Kind::Rules => match rules::from_node(document, origin) {
                Ok(rules) => self.rules.extend(rules),
                Err(error) => self.errors.push(error.in_file(origin)),
            },
            Kind::Framework => match Framework::read(document) {
                Ok(framework) => self.frameworks.push(framework),
                Err(error) => self.errors.push(error.in_file(origin)),
            },
            Kind::Resources => {
                let (rows, errors) = resource::rows_of(document, origin);
                self.rows.extend(rows);
                self.errors.extend(errors);
            }
        }
    }
}

/// What a file of the catalogue holds, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rules,
    Resources,
    Framework,
}

impl Kind {
    fn of(file: &str) -> Self {
        let mut names = file.rsplit(['/', '\\']);
        match (names.next(), names.next()) {
            (Some("resources.yaml" | "resources.yml"), _) => Self::Resources,
            (_, Some("frameworks")) => Self::Framework,
            _ => Self::Rules,
        }
    }
}

/// The rules and resource rows that come with the program.
pub fn builtin() -> Loaded {
    packed(|_| true)
}

/// The rules over events that come with the program: all that judging records takes, at half the time.
pub fn signatures() -> Loaded {
    packed(|origin| origin.contains("/signatures/"))
}

/// The types of resources that come with the program, without rules.
pub fn resources() -> Loaded {
    packed(|origin| Kind::of(origin) == Kind::Resources)
}

/// The rules and types of resources of one service that come with the program.
pub fn service(name: &str) -> Loaded {
    packed(|origin| origin.split(['/', '\\']).next() == Some(name))
}

fn packed(is_wanted: impl Fn(&str) -> bool) -> Loaded {
    let mut loaded = Loaded::default();
    // The text was written by the build of this very crate; an unreadable one leaves no rules, which tests refuse.
    let packed = Document::parse(PACKED).unwrap_or_default();
    for entry in packed.root().items() {
        let origin = entry.path_text("origin").unwrap_or_default();
        let Some(document) = entry.get("document").filter(|_| is_wanted(&origin)) else { continue };
        loaded.take(Kind::of(&origin), &Node::from_json(document), &origin);
    }
    loaded.rules = loaded.rules.into_iter().map(Rule::shipped).collect();
    loaded
}

/// The changes that follow from the schemas of the services, by type of resource: what rows need not say themselves.
pub fn derived_changes() -> BTreeMap<String, Vec<Change>> {
    let document = Document::parse(DERIVED).unwrap_or_default();
    let changes = |node| Change::read_all(&Node::from_json(node), false).unwrap_or_default();
    document
        .root()
        .members()
        .map(|(name, node)| (name.as_str().unwrap_or_default().into_owned(), changes(node)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signatures_are_the_rules_over_events() {
        let is_event = |rule: &Rule| rule.target == rules::Target::Event;
        let all: Vec<_> = builtin().rules.into_iter().filter(is_event).map(|rule| rule.meta.id).collect();
        let signatures: Vec<_> = signatures().rules.into_iter().map(|rule| rule.meta.id).collect();
        assert!(!signatures.is_empty());
        assert_eq!(signatures, all);
    }
}
