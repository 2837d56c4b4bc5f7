//! The built-in catalogue, packed at build time, and the loading of rules that users bring.

mod folder;

use model::json::Document;
use rules::tree::Node;
use rules::{Rule, RuleError};

pub use folder::{LoadError, load};

const PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));

/// Rules that were read, and what is wrong with those that were not.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub rules: Vec<Rule>,
    /// What is wrong, by file and line.
    pub errors: Vec<RuleError>,
}

/// The rules that come with the program.
pub fn builtin() -> Loaded {
    let mut loaded = Loaded::default();
    // The text was written by the build of this very crate; an unreadable one leaves no rules, which tests refuse.
    let packed = Document::parse(PACKED).unwrap_or_default();
    for entry in packed.root().items() {
        let origin = entry.path_text("origin").unwrap_or_default();
        let Some(rule) = entry.get("rule") else { continue };
        match rules::from_node(&Node::from_json(rule), &origin) {
            Ok(rules) => loaded.rules.extend(rules.into_iter().map(Rule::shipped)),
            Err(error) => loaded.errors.push(error.in_file(&origin)),
        }
    }
    loaded
}
