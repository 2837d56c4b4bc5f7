//! `trailpost rules pack`: rules for the functions of a deployment, as a layer.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use aws::model::Models;
use aws::{lint, permissions};
use catalog::Loaded;
use rules::lint::locate;
use rules::{Level, RuleError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::lint::problems;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;
use crate::told::counted;

/// Where the functions find it: Lambda unpacks layers into `/opt`, see
/// <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>.
const PLACE: &str = "trailpost/rules.json";

pub(super) fn run(paths: &[PathBuf], into: &Path, config: &Config) -> Result<Ending, Failure> {
    let files = load::sources(paths)?;
    let loaded = files.loaded();
    let problems = problems(&files, &loaded, config);
    let is_error = |problem: &&RuleError| problem.code.level() == Level::Error;
    let mut err = anstream::stderr().lock();
    for error in problems.iter().filter(is_error) {
        write!(err, "{}", locate(error, files.text(&error.origin)))?;
    }
    // The linter of rules knows no API; rows are held against those, as `resources lint` does.
    let astray = lint::rows(&loaded.rows, &catalog::builtin().rows, &Models::default());
    for problem in &astray {
        writeln!(err, "{problem}")?;
    }
    let errors = problems.iter().filter(is_error).count();
    let wrong = errors + astray.len();
    if wrong > 0 {
        writeln!(err, "nothing is packed: {}", counted(wrong, "error"))?;
        return Ok(Ending::Findings);
    }
    if loaded.rules.is_empty() && loaded.rows.is_empty() {
        return Err(Failure::usage("there is no rule at these paths; name files and folders of rules"));
    }
    let failed = |problem: String| Failure::usage(format!("{}: {problem}", into.display()));
    let layer = layer(&files.packed()).map_err(|error| failed(error.to_string()))?;
    std::fs::write(into, layer).map_err(|error| failed(format!("{error}; name another file with --into")))?;
    if problems.len() > errors {
        writeln!(err, "{}; `trailpost rules lint` shows them", counted(problems.len() - errors, "warning"))?;
    }
    let further = further_actions(&loaded);
    if !further.is_empty() {
        writeln!(err, "Give the read role what its rows call besides: {}", further.join(", "))?;
    }
    let (rules, rows) = (loaded.rules.len(), loaded.rows.len());
    writeln!(
        err,
        "{} and {} of resources; publish it and name it in the parameter RulesLayer",
        counted(rules, "rule"),
        counted(rows, "type")
    )?;
    writeln!(anstream::stdout(), "{}", into.display())?;
    Ok(Ending::Clean)
}

/// The zip of a layer. It has no times, so that the same rules make the same layer.
fn layer(pack: &str) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(PLACE, SimpleFileOptions::DEFAULT.unix_permissions(0o644))?;
    archive.write_all(pack.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

/// What the rows call that the built-in rows do not, as IAM names it.
fn further_actions(loaded: &Loaded) -> Vec<String> {
    let models = Models::default();
    let known: BTreeSet<String> = permissions::needed(&catalog::builtin().rows, &models);
    permissions::needed(&loaded.rows, &models).difference(&known).cloned().collect()
}
