//! Rules for a command: the built-in ones, those of the configuration, those of the arguments.

use std::io::Write as _;
use std::path::PathBuf;

use catalog::Loaded;
use catalog::lint::Files;
use rules::lint::{World, locate};
use rules::{Code, Rule};

use crate::args::Rules;
use crate::config::Config;
use crate::exit::Failure;
use crate::told::counted;

/// Loads what the arguments and the configuration name, the built-in rules without their tests. What is wrong with a rule is said on standard error; the
/// other rules work all the same.
pub(crate) fn rules(args: &Rules, config: &Config) -> Result<Loaded, Failure> {
    let mut loaded = catalog::untested();
    if args.no_builtin {
        // The types of resources stay: checks that users bring are about them.
        loaded.rules.clear();
        loaded.frameworks.clear();
    }
    for path in config.rules.iter().chain(&args.added) {
        let files = sources(std::slice::from_ref(path))?;
        let more = files.loaded();
        for error in &more.errors {
            write!(anstream::stderr(), "rule left out: {}", locate(error, files.text(&error.origin)))?;
        }
        // What takes the services' models to know is left to the linter.
        let warnings = files.warnings(&more, &World::default(), &more.checks());
        // A folder of Sigma rules has rules for everything.
        let warnings = warnings.iter().filter(|warning| warning.code != Code::LogsourceOther).count();
        if warnings > 0 {
            let path = path.display();
            writeln!(
                anstream::stderr(),
                "{path}: {}; `trailpost rules lint {path}` shows them",
                counted(warnings, "warning")
            )?;
        }
        let known = loaded.errors.len() + more.errors.len();
        loaded.extend(more);
        // What is there twice is found when all come together.
        for error in loaded.errors.iter().skip(known) {
            write!(anstream::stderr(), "rule left out: {}", locate(error, files.text(&error.origin)))?;
        }
    }
    Ok(loaded)
}

/// Reads files and folders of rules, with their texts.
pub(crate) fn sources(paths: &[PathBuf]) -> Result<Files, Failure> {
    Files::read(paths).map_err(|error| Failure::usage(error.to_string()))
}

/// Loads files and folders of rules.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let mut loaded = Loaded::default();
    for path in paths {
        loaded.extend(catalog::load(path).map_err(|error| Failure::usage(error.to_string()))?);
    }
    Ok(loaded)
}

/// Rules of files, and behind them the built-in ones that they may name.
pub(crate) fn beside_builtin(rules: &[Rule]) -> Vec<Rule> {
    let mut all = rules.to_vec();
    let builtin = catalog::untested().rules.into_iter();
    all.extend(builtin.filter(|rule| rules.iter().all(|own| own.meta.id != rule.meta.id)));
    all
}
