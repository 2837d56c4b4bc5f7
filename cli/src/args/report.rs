//! What can be typed behind `trailpost report`.

use std::path::PathBuf;

use ::report::compliance::ControlStatus;
use clap::{Args, Subcommand};

use super::Rules;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct Report {
    /// Writes everything that is kept as one HTML file, which asks the network for nothing
    #[arg(long, value_name = "PATH")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(subcommand)]
    pub(crate) command: Option<ReportCommand>,
}

#[derive(Debug, Args)]
pub(crate) struct Compliance {
    /// The framework, such as cis-aws-7.0 [default: a line for each]
    #[arg(value_name = "FRAMEWORK")]
    pub(crate) framework: Option<String>,
    /// What checks say in this account alone
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// Controls that come to this: fail, unknown, muted, pass or unjudged
    #[arg(long, value_name = "STATUS", value_parser = control_status, requires = "framework")]
    pub(crate) status: Option<ControlStatus>,
    /// Prints JSON lines, each with the ids of the open findings
    #[arg(long)]
    pub(crate) json: bool,
    /// Prints a CSV file with a line for each control and check
    #[arg(long, requires = "framework", conflicts_with = "json")]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

fn control_status(text: &str) -> Result<ControlStatus, String> {
    let found = ControlStatus::ALL.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| format!("write one of {}", ControlStatus::ALL.map(ControlStatus::as_str).join(", ")))
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// What checks say of the controls of a framework, as the resources were read last
    Compliance(Box<Compliance>),
    /// What opened, what was resolved and what was open, by day
    Trends {
        /// So many days, today the last
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
        /// Prints JSON lines
        #[arg(long)]
        json: bool,
    },
    /// How long it takes to detect and to resolve what is wrong with resources, and for how long they were exposed
    Times {
        /// What to put together: check, account, or the values of a tag, as in tag:team
        #[arg(long, value_name = "KEY", default_value = "check")]
        by: String,
        /// Prints JSON lines; spans are in seconds
        #[arg(long)]
        json: bool,
    },
    /// Which events EventBridge lost: those of the trail's files that no bus brought, by hour, account and region
    Losses {
        /// Prints JSON lines
        #[arg(long)]
        json: bool,
    },
}
