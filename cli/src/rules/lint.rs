//! `trailpost rules lint`: what is wrong with rules, by file and line.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;

use aws::model::Models;
use catalog::Loaded;
use catalog::lint::Files;
use catalog::resource::Row;
use engine::check::Checker;
use engine::{event_fact_names, rule_test};
use rules::lint::locate;
use rules::{Code, Level, RuleError, RuleSet, Target, did_you_mean, nearest};

use super::world;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;
use crate::told::counted;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) paths: Vec<PathBuf>,
    pub(super) json: bool,
    pub(super) strict: bool,
    pub(super) explain: Option<String>,
}

pub(super) fn run(asked: &Asked, config: &Config) -> Result<Ending, Failure> {
    if let Some(name) = &asked.explain {
        return explain(name);
    }
    let is_builtin = asked.paths.is_empty();
    let files = if is_builtin { Files::builtin() } else { load::sources(&asked.paths)? };
    let loaded = files.loaded();
    let mut problems = problems(&files, &loaded, config);
    if is_builtin {
        for rule in &loaded.rules {
            if let Some(test) = rule_test::missing(rule) {
                let problem = format!("`{}` has no {test}", rule.meta.id);
                let missing = RuleError::new(Code::TestsMissing, rule.place, problem, "add one");
                problems.push(missing.in_file(&rule.meta.origin));
            }
        }
    }
    let mut out = anstream::stdout().lock();
    for problem in &problems {
        let said = locate(problem, files.text(&problem.origin));
        if asked.json {
            writeln!(out, "{}", serde_json::to_string(&said).unwrap_or_default())?;
        } else {
            write!(out, "{said}")?;
        }
    }
    let errors = problems.iter().filter(|problem| problem.code.level() == Level::Error).count();
    let warnings = problems.len() - errors;
    let counts = [(loaded.rules.len(), "rule"), (errors, "error"), (warnings, "warning")];
    writeln!(anstream::stderr(), "{}", counts.map(|(count, what)| counted(count, what)).join(", "))?;
    let is_bad = errors > 0 || (asked.strict && warnings > 0);
    Ok(if is_bad { Ending::Findings } else { Ending::Clean })
}

/// Everything that is wrong with files, in the order of files and lines.
pub(crate) fn problems(files: &Files, loaded: &Loaded, config: &Config) -> Vec<RuleError> {
    let builtin = catalog::builtin();
    let models = Models::default();
    let mut rows: Vec<Row> = builtin.rows.clone();
    rows.extend(
        loaded.rows.iter().filter(|row| !builtin.rows.iter().any(|known| known.name == row.name)).cloned(),
    );
    let yields = |kind: &str, path: &str| {
        let row = rows.iter().find(|row| row.name == kind);
        row.is_none_or(|row| aws::lint::can_have(row, &rows, &models, path))
    };
    let world = world::new(&rows, &models, &builtin, config, &yields);
    let checks: BTreeSet<String> =
        builtin.rules.iter().chain(&loaded.rules).map(|rule| rule.meta.id.clone()).collect();
    let mut found = loaded.errors.clone();
    found.extend(catalog::taken_by_builtin(&loaded.rules, &builtin.rules));
    found.extend(files.warnings(loaded, &world, &checks));
    found.extend(compiled(loaded, config));
    found.sort_by(|a, b| (&a.origin, a.place, a.code).cmp(&(&b.origin, b.place, b.code)));
    found.dedup();
    found
}

/// What is wrong with rules once they are put together.
fn compiled(loaded: &Loaded, config: &Config) -> Vec<RuleError> {
    // A rule over several events, and a filter, may name built-in ones.
    let all = load::beside_builtin(&loaded.rules);
    let (_, wrong) = Checker::new(all.iter().cloned(), &config.settings);
    let events = all.into_iter().filter(|rule| rule.target == Target::Event);
    let (_, mut errors) = RuleSet::new(events, &config.settings, &event_fact_names());
    errors.extend(wrong);
    errors
}

fn explain(name: &str) -> Result<Ending, Failure> {
    let mut out = anstream::stdout().lock();
    let all = Code::ALL.iter().filter(|code| name == "all" || code.name() == name);
    let mut count = 0;
    for code in all {
        count += 1;
        writeln!(out, "{} ({})\n  {}", code.name(), code.level().as_str(), code.about())?;
    }
    if count > 0 {
        return Ok(Ending::Clean);
    }
    let names = Code::ALL.iter().map(|code| code.name());
    let remedy = match nearest(name, names) {
        Some(near) => did_you_mean(name, [near], ""),
        None => "`--explain all` lists them".to_owned(),
    };
    Err(Failure::usage(format!("no diagnostic `{name}`; {remedy}")))
}
