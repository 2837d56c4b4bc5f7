//! The JSON Schemas for editors, and the page of diagnostics: made from what the linter knows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use catalog::schema::Of;
use rules::{Code, Level};

/// What keeps the files from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// `--check` found a difference.
    #[error("{0} is not what the program says; run `cargo xtask {1}`")]
    Stale(String, &'static str),
}

/// Makes the schemas, or says whether they are up to date.
pub(crate) fn schemas(root: &Path, check: bool) -> Result<String, Error> {
    for (name, of) in Of::ALL {
        let text = serde_json::to_string_pretty(&of.schema()).unwrap_or_default() + "\n";
        write(root, &format!("docs/schema/{name}.json"), &text, check, "schema")?;
    }
    Ok(format!("{} schemas", Of::ALL.len()))
}

/// Makes the page of diagnostics, or says whether it is up to date.
pub(crate) fn diagnostics(root: &Path, check: bool) -> Result<String, Error> {
    let mut page = String::from(
        "# Diagnostics\n\nMade by `cargo xtask docs` from what `trailpost rules lint` knows; not to be edited. \
         [tests/mistakes](../tests/mistakes) has a file for each.\n",
    );
    for (level, about) in [
        (Level::Error, "The rule cannot be used. `detect` and `scan` leave it out, and say so."),
        (Level::Warning, "The rule can be used, and is likely not to do what its author means."),
    ] {
        let codes: Vec<_> = Code::ALL.iter().filter(|code| code.level() == level).collect();
        // Writing to a String cannot go wrong.
        let _ = writeln!(
            page,
            "\n## {} {}s\n\n{about}\n\n| Name | Is about |\n|---|---|",
            codes.len(),
            level.as_str()
        );
        for code in codes {
            let _ = writeln!(page, "| `{}` | {} |", code.name(), code.about().replace('|', "\\|"));
        }
    }
    write(root, "docs/diagnostics.md", &page, check, "docs")?;
    Ok(format!("{} diagnostics", Code::ALL.len()))
}

fn write(root: &Path, name: &str, text: &str, check: bool, task: &'static str) -> Result<(), Error> {
    let path = root.join(name);
    if fs::read_to_string(&path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if check {
        return Err(Error::Stale(name.to_owned(), task));
    }
    let failed = |error| Error::File(name.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(&path, text).map_err(failed)
}
