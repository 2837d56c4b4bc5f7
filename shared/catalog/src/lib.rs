//! The built-in catalogue, packed at build time, and the loading of rules that users bring.

mod folder;
pub mod resource;

use model::json::Document;
use rules::tree::Node;
use rules::{Rule, RuleError};

use resource::Row;

pub use folder::{LoadError, load};

const PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));

/// Rules and resource rows that were read, and what is wrong with those that were not.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The types of resources.
    pub rows: Vec<Row>,
    /// What is wrong, by file and line.
    pub errors: Vec<RuleError>,
}

impl Loaded {
    /// Adds what was read elsewhere.
    pub fn extend(&mut self, more: Self) {
        self.rules.extend(more.rules);
        self.rows.extend(more.rows);
        self.errors.extend(more.errors);
    }

    fn take(&mut self, kind: Kind, document: &Node, origin: &str) {
        match kind {
            Kind::Rules => match rules::from_node(document, origin) {
                Ok(rules) => self.rules.extend(rules),
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
}

impl Kind {
    fn of(file: &str) -> Self {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        if matches!(name, "resources.yaml" | "resources.yml") { Self::Resources } else { Self::Rules }
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
