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
    let mut loaded = if args.no_builtin { Loaded::default() } else { catalog::builtin() };
    for path in config.rules.iter().chain(&args.added) {
        let more = files(std::slice::from_ref(path))?;
        loaded.rules.extend(more.rules);
        loaded.errors.extend(more.errors);
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
        let more = catalog::load(path).map_err(|error| Failure::usage(error.to_string()))?;
        loaded.rules.extend(more.rules);
        loaded.errors.extend(more.errors);
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
