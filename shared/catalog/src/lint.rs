//! Files of rules with their texts, and what is likely to be a mistake in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use model::json::Document;
use rules::lint::{self, World};
use rules::tree::Node;
use rules::{Code, Place, Rule, RuleError, did_you_mean, nearest};

use crate::folder::{LoadError, collect, unreadable};
use crate::{Kind, Loaded, PACKED};

/// Files that were read, with their texts.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    origin: String,
    /// Empty for one that is packed.
    text: String,
    documents: Vec<Node>,
    errors: Vec<RuleError>,
}

impl Files {
    /// Reads files, and folders with all that is below them.
    ///
    /// # Errors
    /// When a path cannot be read. What a file holds is told later.
    pub fn read(paths: &[PathBuf]) -> Result<Self, LoadError> {
        let mut found = Vec::new();
        for path in paths {
            let mut below = Vec::new();
            collect(path, &mut below)?;
            below.sort();
            found.extend(below);
        }
        let mut files = Vec::new();
        for path in found {
            let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
            files.push(File::new(path.display().to_string(), &bytes));
        }
        Ok(Self { files })
    }

    /// The files that come with the program.
    pub fn builtin() -> Self {
        let packed = Document::parse(PACKED).unwrap_or_default();
        let files = packed.root().items().filter_map(|entry| {
            let origin = entry.path_text("origin")?.into_owned();
            let documents = vec![Node::from_json(entry.get("document")?)];
            Some(File { origin, text: String::new(), documents, errors: Vec::new() })
        });
        Self { files: files.collect() }
    }

    /// What the files hold.
    pub fn loaded(&self) -> Loaded {
        let mut loaded = Loaded::default();
        for file in &self.files {
            let mut held = Loaded::default();
            held.errors.extend(file.errors.iter().cloned());
            for document in &file.documents {
                held.take(Kind::of(&file.origin), document, &file.origin);
            }
            loaded.extend(held);
        }
        loaded
    }

    /// Every document, with the file that it stands in.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.files.iter().flat_map(|file| {
            let origin = file.origin.as_str();
            file.documents.iter().map(move |document| (origin, document))
        })
    }

    /// The text of a file.
    pub fn text(&self, origin: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.origin == origin)?;
        (!file.text.is_empty()).then_some(file.text.as_str())
    }

    /// What is likely to be a mistake. `checks` are the ids that frameworks may name.
    pub fn warnings(&self, loaded: &Loaded, world: &World<'_>, checks: &BTreeSet<String>) -> Vec<RuleError> {
        let mut warnings = Vec::new();
        for file in &self.files {
            if file.errors.is_empty() && (!file.text.is_empty() || file.documents.is_empty()) {
                warnings.extend(lint::text(&file.text, &file.origin));
            }
            for document in &file.documents {
                match Kind::of(&file.origin) {
                    // What cannot be read is mended first.
                    Kind::Rules if rules::from_node(document, &file.origin).is_err() => {}
                    Kind::Rules => {
                        let alone = file.documents.len() == 1;
                        warnings.extend(lint::document(document, &file.origin, alone, world));
                    }
                    Kind::Framework => framework(document, &file.origin, checks, &mut warnings),
                    Kind::Resources => {}
                }
            }
        }
        warnings.extend(taken(&loaded.rules));
        warnings
    }
}

impl File {
    fn new(origin: String, bytes: &[u8]) -> Self {
        let mut file = Self { origin, text: String::new(), documents: Vec::new(), errors: Vec::new() };
        let read = lint::decoded(bytes).and_then(|text| {
            text.clone_into(&mut file.text);
            Node::from_yaml(text)
        });
        match read {
            Ok(documents) => file.documents = documents,
            Err(error) => file.errors.push(error.in_file(&file.origin)),
        }
        file
    }
}

/// Rules that cannot be told from each other.
fn taken(rules: &[Rule]) -> Vec<RuleError> {
    let mut found = Vec::new();
    let mut known: [BTreeMap<String, &Rule>; 3] = Default::default();
    for rule in rules {
        let meta = &rule.meta;
        let words = [
            (Code::DuplicateId, "id", Some(meta.id.as_str())),
            (Code::DuplicateName, "name", rule.name()),
            (Code::DuplicateTitle, "title", Some(meta.title.as_str())),
        ];
        for ((code, what, word), known) in words.into_iter().zip(&mut known) {
            let Some(word) = word else { continue };
            let Some(other) = known.insert(word.to_owned(), rule) else { continue };
            // A family has one title for all of its rules.
            let is_family = other.meta.origin == meta.origin && other.place == rule.place;
            if is_family && code == Code::DuplicateTitle {
                continue;
            }
            let place = rule.places.get(what).copied().unwrap_or(rule.place);
            let problem = format!("the {what} `{word}` is taken by {}", other.meta.origin);
            found.push(RuleError::new(code, place, problem, "rename one of them").in_file(&meta.origin));
            if code == Code::DuplicateId {
                break;
            }
        }
    }
    found
}

fn framework(document: &Node, origin: &str, checks: &BTreeSet<String>, warnings: &mut Vec<RuleError>) {
    for (control, node) in document.get("controls").map(Node::members).unwrap_or_default() {
        let mut named: BTreeMap<String, Place> = BTreeMap::new();
        for check in node.items() {
            let Some(id) = check.text() else { continue };
            if !checks.contains(&id) {
                let remedy = match nearest(&id, checks.iter().map(String::as_str)) {
                    Some(near) => did_you_mean(&id, [near], "the checks"),
                    None => "`trailpost rules list` lists the checks".to_owned(),
                };
                let problem = format!("there is no check `{id}`");
                warnings
                    .push(RuleError::new(Code::FrameworkCheck, check.place, problem, remedy).in_file(origin));
            }
            if named.insert(id.clone(), check.place).is_some() {
                let problem = format!("the control {} names `{id}` twice", control.text);
                let twice = RuleError::new(Code::FrameworkTwice, check.place, problem, "name it once");
                warnings.push(twice.in_file(origin));
            }
        }
    }
}
