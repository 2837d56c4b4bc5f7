//! Packs `catalog/` into one JSON text, so that nothing parses YAML at a cold start: reading the same rules from
//! YAML costs about twenty times as much.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rules::tree::Node;
use serde_json::{Value, json};

/// What a running program does not need: the tests (unless asked for) and what only the documentation shows.
const TESTS: &[&str] = &["tests", "base"];

/// The folders of a service that hold rules.
const RULES: &[&str] = &["checks", "signatures"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../catalog");
    println!("cargo:rerun-if-changed={}", root.display());
    let with_tests = env::var_os("CARGO_FEATURE_TESTS").is_some();
    let mut packed = Vec::new();
    for file in files(&root)? {
        let origin = file.strip_prefix(&root)?.display().to_string();
        let text = fs::read_to_string(&file)?;
        for document in Node::from_yaml(&text).map_err(|error| error.in_file(&origin))? {
            let mut document = document.to_json();
            if let (Some(document), false) = (document.as_object_mut(), with_tests) {
                document.retain(|key, _| !TESTS.contains(&key.as_str()));
            }
            packed.push(json!({ "origin": origin, "document": document }));
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("catalog.json"), Value::Array(packed).to_string())?;
    Ok(())
}

/// Every `catalog/<service>/resources.yaml`, every rule in the folders beside it, and every framework, in the order of their names.
fn files(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let collect = |folder: &Path, files: &mut Vec<PathBuf>| -> Result<(), Box<dyn Error>> {
        for file in fs::read_dir(folder)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "yaml") {
                files.push(file);
            }
        }
        Ok(())
    };
    for service in fs::read_dir(root)? {
        let service = service?.path();
        let resources = service.join("resources.yaml");
        if resources.is_file() {
            files.push(resources);
        }
        if service.ends_with("frameworks") {
            collect(&service, &mut files)?;
        }
        for folder in RULES.iter().map(|folder| service.join(folder)).filter(|folder| folder.is_dir()) {
            collect(&folder, &mut files)?;
        }
    }
    files.sort();
    Ok(files)
}
