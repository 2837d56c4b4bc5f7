//! `trailpost rules`: looks into the rules.

mod attack;
mod lint;
mod list;
pub(crate) mod new;
mod pack;
mod show;
mod test;
pub(crate) mod world;

use std::io::Write as _;

use crate::args::RulesCommand;
use crate::config::Config;
use crate::exit::{Ending, Failure};

pub(crate) fn run(command: RulesCommand, config: &Config) -> Result<Ending, Failure> {
    match command {
        RulesCommand::List { rules, json } => list::run(&rules, json, config),
        RulesCommand::Show { id, rules } => show::run(&id, &rules, config),
        RulesCommand::Lint { paths, json, strict, explain } => {
            lint::run(&lint::Asked { paths, json, strict, explain }, config)
        }
        RulesCommand::Test { paths, only } => test::run(&paths, only.as_deref()),
        RulesCommand::Pack { paths, into } => pack::run(&paths, &into, config),
        RulesCommand::New(wanted) => new::run(*wanted),
        RulesCommand::Schema { of } => schema(&of),
        RulesCommand::Facts => facts(),
        RulesCommand::Attack { rules } => attack::run(&rules, config),
    }
}

fn schema(name: &str) -> Result<Ending, Failure> {
    let found = catalog::schema::Of::ALL.iter().find(|(known, _)| *known == name);
    let Some((_, of)) = found else { return Err(Failure::usage(format!("no schema `{name}`"))) };
    writeln!(anstream::stdout(), "{}", serde_json::to_string_pretty(&of.schema()).unwrap_or_default())?;
    Ok(Ending::Clean)
}

fn facts() -> Result<Ending, Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "about events")?;
    for fact in facts::EVENT_FACTS {
        writeln!(out, "  facts.{}\n    {}", fact.name, fact.about)?;
    }
    writeln!(out, "about resources")?;
    for fact in facts::RESOURCE_FACTS {
        writeln!(out, "  facts.{}\n    {}", fact.name, fact.about)?;
    }
    Ok(Ending::Clean)
}
