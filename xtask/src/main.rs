//! `cargo xtask <task>`: makes files of this repository out of others.

mod book;
mod changes;
mod iam;
mod models;
mod package;
mod schema;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask models|iam|changes|schema|docs [--check]
       cargo xtask book
       cargo xtask package arm64|x86_64

  models    makes catalog/models from the pinned release of botocore, for the calls that resource rows make
  iam       makes the policies of the read role, in template.yaml and templates/read-role.yaml, from those calls
  changes   makes catalog/derived/changes.json from xtask/data: which calls change which types of resources
  schema    makes docs/schema: the JSON Schemas of rules, resource rows and frameworks, for editors
  docs      makes docs/diagnostics.md: what the linter knows
  book      makes the book in target/book: the pages of docs, and one for each rule, service and framework
  package   builds the functions and packs them in target/package, with a template that needs no build
  --check   says whether that would change anything
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done: Result<String, Box<dyn std::error::Error>> = match words.as_slice() {
        ["models"] => models::make(&root(), false).map_err(Into::into),
        ["models", "--check"] => models::make(&root(), true).map_err(Into::into),
        ["changes"] => changes::make(&root(), false).map_err(Into::into),
        ["changes", "--check"] => changes::make(&root(), true).map_err(Into::into),
        ["iam"] => iam::make(&root(), false).map_err(Into::into),
        ["iam", "--check"] => iam::make(&root(), true).map_err(Into::into),
        ["package", architecture] => package::make(&root(), architecture).map_err(Into::into),
        ["book"] => book::make(&root()).map_err(Into::into),
        ["schema"] => schema::schemas(&root(), false).map_err(Into::into),
        ["schema", "--check"] => schema::schemas(&root(), true).map_err(Into::into),
        ["docs"] => schema::diagnostics(&root(), false).map_err(Into::into),
        ["docs", "--check"] => schema::diagnostics(&root(), true).map_err(Into::into),
        _ => {
            let _ = std::io::stderr().write_all(USAGE.as_bytes());
            return ExitCode::from(3);
        }
    };
    match done {
        Ok(said) => {
            let _ = writeln!(std::io::stdout(), "{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
