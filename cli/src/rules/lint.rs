//! `trailpost rules lint`: what is wrong with rules, by file and line.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;

use engine::check::Checker;
use engine::{event_fact_names, rule_test};
use rules::{RuleSet, Target};

use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

pub(crate) fn run(paths: &[PathBuf], config: &Config) -> Result<Ending, Failure> {
    let builtin = paths.is_empty();
    let loaded = if builtin { catalog::builtin() } else { load::files(paths)? };
    let mut problems: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    let mut ids: HashMap<&str, &str> = HashMap::new();
    for rule in &loaded.rules {
        let meta = &rule.meta;
        let mut problem = |text: String| {
            problems.push(format!("{}:{}:{}: {text}", meta.origin, rule.place.line, rule.place.column));
        };
        if let Some(other) = ids.insert(&meta.id, &meta.origin) {
            problem(format!("the id `{}` is taken by {other}; rename one of them", meta.id));
        }
        if let Target::Other(source) = &rule.target {
            problem(format!("the log source {source} is not read here; leave the rule out"));
        }
        if builtin && let Some(test) = rule_test::missing(rule) {
            problem(format!("`{}` has no {test}; add one", meta.id));
        }
    }
    // A rule over several events may name built-in ones.
    let all = load::beside_builtin(&loaded.rules);
    let events = all.into_iter().filter(|rule| rule.target == Target::Event);
    let (_, mut errors) = RuleSet::new(events, &config.settings, &event_fact_names());
    let (checker, wrong) = Checker::new(loaded.rules.iter().cloned(), &config.settings);
    errors.extend(wrong);
    problems.extend(errors.iter().map(ToString::to_string));
    let mut rows = catalog::builtin().rows;
    rows.extend(loaded.rows.iter().cloned());
    problems.extend(checker.astray(&rows).map(|(meta, kind)| {
        format!(
            "{}: `{}` is about {kind}, which is no type of resource; `trailpost resources list` lists them",
            meta.origin, meta.id
        )
    }));
    let mut out = anstream::stdout().lock();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    writeln!(anstream::stderr(), "{} rules, {} problems", loaded.rules.len(), problems.len())?;
    Ok(if problems.is_empty() { Ending::Clean } else { Ending::Findings })
}
