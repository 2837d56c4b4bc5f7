//! The `trailpost` command.

mod alerts;
mod args;
mod close;
mod config;
mod demo;
mod deploy;
mod detect;
mod documents;
mod exit;
mod explain;
mod findings;
mod inventory;
mod load;
mod lookup;
mod mute;
mod output;
mod page;
mod producers;
mod report;
mod resources;
mod rules;
mod scan;
mod serve;
mod stored;
mod timeline;
mod told;
mod trail;
mod tree;
mod who;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command, TrailCommand};
use crate::config::Config;
use crate::exit::{Ending, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap prints either to the right stream.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 3 } else { 0 });
        }
    };
    let result = run(cli);
    if let Err(failure) = &result
        && !matches!(failure, Failure::Unread)
    {
        let _ = writeln!(anstream::stderr(), "trailpost: {failure}");
    }
    exit::code(&result)
}

fn run(cli: Cli) -> Result<Ending, Failure> {
    let config = Config::load(cli.shared.config.as_deref())?;
    match cli.command {
        Command::Demo(args) => demo::run(&args, &config),
        Command::Detect(args) => detect::run(&args, &cli.shared, &config),
        Command::Trail(TrailCommand::Verify(args)) => trail::verify(&args, &cli.shared, &config),
        Command::Scan(args) => scan::run(&args, &cli.shared, &config),
        Command::Findings(args) => findings::run(&args, &cli.shared, &config),
        Command::Close(args) => close::run(&args, &cli.shared, &config),
        Command::Explain(args) => explain::run(&args, &cli.shared, &config),
        Command::Timeline(args) => timeline::run(&args, &cli.shared, &config),
        Command::Inventory(args) => inventory::run(&args, &cli.shared, &config),
        Command::Report(args) => crate::report::run(args, &cli.shared, &config),
        Command::Serve(args) => serve::run(&args, &cli.shared, &config),
        Command::Mute(command) => mute::run(command, &cli.shared, &config),
        Command::Producers(command) => producers::run(command, &cli.shared, &config),
        Command::Deploy(command) => deploy::run(&command),
        Command::Rules(command) => rules::run(command, &config),
        Command::Resources(command) => resources::run(command, &config),
        Command::Alerts(command) => alerts::run(command, &cli.shared, &config),
    }
}
