//! Rules for a command: the built-in ones, those of the configuration, those of the arguments.

use std::io::Write as _;
use std::path::PathBuf;

use catalog::Loaded;
use rules::Rule;

use crate::args::Rules;
use crate::config::Config;
use crate::exit::Failure;

/// Loads what the arguments and the configuration name. What is wrong with a rule is said on standard error; the
/// other rules work all the same.
pub(crate) fn rules(args: &Rules, config: &Config) -> Result<Loaded, Failure> {
    let mut loaded = catalog::builtin();
    if args.no_builtin {
        // The types of resources stay: checks that users bring are about them.
        loaded.rules.clear();
        loaded.frameworks.clear();
    }
    for path in config.rules.iter().chain(&args.added) {
        loaded.extend(files(std::slice::from_ref(path))?);
    }
    for error in &loaded.errors {
        writeln!(anstream::stderr(), "rule left out: {error}")?;
    }
    Ok(loaded)
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
    let builtin = catalog::builtin().rules.into_iter();
    all.extend(builtin.filter(|rule| rules.iter().all(|own| own.meta.id != rule.meta.id)));
    all
}
