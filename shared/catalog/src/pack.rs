//! Packs: the files of rules that users bring as one JSON text, for functions, which read no YAML.

use model::json::Document;
use rules::tree::Node;
use serde_json::{Value, json};

use crate::lint::Files;
use crate::{Kind, Loaded};

/// The name and version of the form.
const FORMAT: &str = "trailpost.rules/1";

/// A text that is no pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; make the pack with `trailpost rules pack` of this version")]
pub struct PackError(String);

impl Files {
    /// The files as a pack. Those that cannot be read are left out: see [`Loaded::errors`].
    pub fn packed(&self) -> String {
        let entries: Vec<Value> = self
            .documents()
            .map(|(origin, document)| json!({ "origin": origin, "document": document.to_json() }))
            .collect();
        json!({ "format": FORMAT, "entries": entries }).to_string()
    }
}

/// What a pack holds.
///
/// # Errors
/// When the text is no pack, or one of another form. What is wrong with a rule in it is told in [`Loaded::errors`].
pub fn unpacked(text: &str) -> Result<Loaded, PackError> {
    let document = Document::parse(text).map_err(|error| PackError(format!("this is no JSON: {error}")))?;
    let root = document.root();
    match root.path_text("format").as_deref() {
        Some(FORMAT) => {}
        Some(other) => return Err(PackError(format!("`{other}` is another form than {FORMAT}"))),
        None => return Err(PackError("this is no pack of rules".to_owned())),
    }
    let mut loaded = Loaded::default();
    for entry in root.get("entries").into_iter().flat_map(model::json::Value::items) {
        let origin = entry.path_text("origin").unwrap_or_default();
        if let Some(document) = entry.get("document") {
            loaded.take(Kind::of(&origin), &Node::from_json(document), &origin);
        }
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_pack_holds_what_the_files_hold() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let detection = "detection: { a: { eventName: DeleteTable }, condition: a }\n";
        write("a.yaml", &format!("title: First\n{detection}---\ntitle: Second\n{detection}"));
        write("b.yml", "title: None\ndetection: {}\n");
        write(
            "frameworks/ours.yaml",
            "id: ours\ntitle: Ours\nversion: 1\nsource: https://example.com\ncontrols: { \"1\": [first] }\n",
        );
        let files = Files::read(&[folder.path().to_owned()]).unwrap();

        let unpacked = unpacked(&files.packed()).unwrap();

        let loaded = files.loaded();
        let titles = |loaded: &Loaded| -> Vec<String> {
            loaded.rules.iter().map(|rule| rule.meta.title.clone()).collect()
        };
        assert_eq!(titles(&unpacked), ["First", "Second"]);
        assert_eq!(titles(&unpacked), titles(&loaded));
        assert_eq!(unpacked.frameworks, loaded.frameworks);
        assert_eq!((unpacked.errors.len(), loaded.errors.len()), (1, 1));
    }

    #[test]
    fn what_is_no_pack_is_refused_with_a_remedy() {
        let error = |text: &str| unpacked(text).unwrap_err().to_string();
        assert!(error("{").starts_with("this is no JSON: "), "{}", error("{"));
        assert_eq!(
            error(r#"{"format":"trailpost.rules/2"}"#),
            "`trailpost.rules/2` is another form than trailpost.rules/1; make the pack with `trailpost rules pack` of this version"
        );
        assert!(error("[]").starts_with("this is no pack of rules; make"), "{}", error("[]"));
    }
}
