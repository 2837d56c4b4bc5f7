//! `trailpost resources`: looks into the types of resources that are read.

use std::io::Write as _;
use std::path::PathBuf;

use aws::lint;
use aws::model::Models;
use catalog::resource::{Row, Scope};

use crate::args::{ResourcesCommand, Rules};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::load;

pub(crate) fn run(command: ResourcesCommand, config: &Config) -> Result<Ending, Failure> {
    match command {
        ResourcesCommand::List { rules } => list(&rules, config),
        ResourcesCommand::Lint { paths } => check(&paths),
    }
}

fn list(rules: &Rules, config: &Config) -> Result<Ending, Failure> {
    let loaded = load::rules(rules, config)?;
    let mut out = anstream::stdout().lock();
    for row in &loaded.rows {
        let scope = match row.scope {
            Scope::Global => "global",
            Scope::Regional => "regional",
        };
        writeln!(
            out,
            "{} ({scope}, {})",
            row.name,
            row.cloudformation.as_deref().unwrap_or("not in CloudFormation")
        )?;
        for read in row.reads() {
            writeln!(out, "    {}", read.operation)?;
        }
    }
    writeln!(out, "{} types of resources", loaded.rows.len())?;
    Ok(Ending::Clean)
}

fn check(paths: &[PathBuf]) -> Result<Ending, Failure> {
    let builtin = catalog::builtin();
    let loaded = if paths.is_empty() { None } else { Some(load::files(paths)?) };
    let known: &[Row] = &builtin.rows;
    let (rows, errors) =
        loaded.as_ref().map_or((known, &builtin.errors), |loaded| (&loaded.rows, &loaded.errors));
    let mut out = anstream::stdout().lock();
    let problems = lint::rows(rows, known, &Models::default());
    for error in errors {
        writeln!(out, "{error}")?;
    }
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    let wrong = problems.len() + errors.len();
    writeln!(out, "{} types of resources, {wrong} problems", rows.len())?;
    Ok(if wrong == 0 { Ending::Clean } else { Ending::Findings })
}
