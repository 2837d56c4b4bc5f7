//! What can be typed.

mod producers;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use model::{Severity, Timestamp};

pub(crate) use producers::{
    Producers, ProducersAdd, ProducersCheck, ProducersCommand, ProducersList, ProducersRemove,
};

/// Cloud security posture for AWS: judges CloudTrail activity and says who did what, from where and why it matters.
#[derive(Debug, Parser)]
#[command(name = "trailpost", version, about, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// Where findings are kept: `sqlite:PATH` or `dynamodb://PREFIX` [default: one SQLite file in the user's data folder]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) store: Option<String>,
    /// Configuration file [default: trailpost.yaml in this folder, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Which rules.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Adds rules: a file, or a folder of Trailpost or Sigma rules; repeatable
    #[arg(id = "added_rules", long = "rules", value_name = "PATH")]
    pub(crate) added: Vec<PathBuf>,
    /// Leaves the built-in rules out
    #[arg(long)]
    pub(crate) no_builtin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judges CloudTrail records: files, folders, `-` for standard input
    Detect(Detect),
    /// Reads AWS accounts and judges every resource
    Scan(Box<Scan>),
    /// Plays an attack on a recorded account and its repair: no AWS account is asked, and nothing is kept but the page
    Demo(Demo),
    /// Lists what was found
    Findings(Findings),
    /// Shows why a finding is one: the rule's conditions and the values they saw
    Explain(Explain),
    /// Tells the life of a resource: calls, what they changed, findings opened and resolved
    Timeline(Timeline),
    /// Lists the resources that were read, as they are or as they were
    Inventory(Inventory),
    /// Puts together what is kept: a page for people, or tables
    Report(Report),
    /// Shows everything that is kept as a page that keeps itself new, to this machine only
    Serve(Serve),
    /// Sets up accounts that send their events to Trailpost, and says whether they do
    #[command(subcommand)]
    Producers(ProducersCommand),
    /// Looks into the rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Looks into the types of resources that are read
    #[command(subcommand)]
    Resources(ResourcesCommand),
}

#[derive(Debug, Args)]
pub(crate) struct Detect {
    /// Files (.json, .jsonl, .gz, .zip, told by their content), folders, or `-`
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Prints every (rule, event) pair as a JSON line and stores nothing
    #[arg(long)]
    pub(crate) matches: bool,
    /// Where findings go: FORMAT or FORMAT=PATH, with table, json, ndjson or html; repeatable [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]", conflicts_with = "matches")]
    pub(crate) output: Vec<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) fail_on: Severity,
    /// The least severity that is shown; lower ones are stored all the same
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) minimum: Severity,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Scan {
    /// A profile of the AWS configuration; several scan several accounts [default: as the AWS CLI finds credentials]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,
    /// Reads this account through --role; repeatable
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) account: Vec<String>,
    /// Reads every account of the organization through --role
    #[arg(long, requires = "role", conflicts_with = "account")]
    pub(crate) org: bool,
    /// The role that is assumed in each account: its name with its path, or an ARN
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) external_id: Option<String>,
    /// A region; repeatable [default: all that are switched on]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// Only types of this service, such as s3; repeatable
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Vec<String>,
    /// Only this check; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Only checks of this framework, such as cis-aws-5.0; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
    /// Where every service is reached, such as an emulator
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Writes what AWS answers to this file, to scan it again with --replay: it holds what the AWS CLI would print
    #[arg(long, value_name = "FILE", conflicts_with_all = ["replay", "resume"])]
    pub(crate) record: Option<PathBuf>,
    /// Scans what was recorded in this file, as of then; take the --region and --service of that scan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "account", "org", "role", "endpoint_url"])]
    pub(crate) replay: Option<PathBuf>,
    /// Prints what is clean and what is unknown too
    #[arg(long)]
    pub(crate) all: bool,
    /// Goes on with a scan of the same scope that was interrupted, without reading again what it had read
    #[arg(long)]
    pub(crate) resume: bool,
    /// Shows only what an earlier scan did not find
    #[arg(long)]
    pub(crate) baseline: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Where rows go: FORMAT or FORMAT=PATH, with table, json, ndjson or html; repeatable [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]")]
    pub(crate) output: Vec<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) fail_on: Severity,
    /// The least severity that is shown; lower ones are stored all the same
    #[arg(long, value_name = "SEVERITY", default_value = "info")]
    pub(crate) minimum: Severity,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the page about it is written
    #[arg(long, value_name = "PATH", default_value = "trailpost-demo.html")]
    pub(crate) html: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Findings {
    /// The least severity
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) minimum: Option<Severity>,
    /// Findings of this rule
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// Findings in this account
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// No more than this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Where findings go: FORMAT or FORMAT=PATH, with table, json, ndjson or html; repeatable [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]")]
    pub(crate) output: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// The resource: its ARN, or its id
    #[arg(value_name = "ARN")]
    pub(crate) resource: String,
    /// Prints JSON lines
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Inventory {
    /// In this account
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// Of this type, such as aws.s3.bucket
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) resource_type: Option<String>,
    /// In this region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Lists what is gone, too
    #[arg(long)]
    pub(crate) gone: bool,
    /// As it was at this time, such as 2026-11-20T09:00:00Z, with the checks that would have matched then
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Counts the calls that were seen and of which nobody knows what they change
    #[arg(long, conflicts_with_all = ["at", "gone", "resource_type", "region"])]
    pub(crate) unmapped: bool,
    /// Prints JSON lines
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The finding, by its id or the beginning of it
    #[arg(value_name = "FINDING", required_unless_present = "rule")]
    pub(crate) finding: Option<String>,
    /// Explains this rule's verdict on the records in `--event` instead, match or not
    #[arg(long, value_name = "ID", requires = "event")]
    pub(crate) rule: Option<String>,
    /// A file of records, or `-`
    #[arg(long, value_name = "FILE", requires = "rule")]
    pub(crate) event: Option<PathBuf>,
    /// Prints the explanation as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// How long it takes to detect and to resolve what is wrong with resources, and for how long they were exposed
    Times {
        /// What to put together: check, account, or the values of a tag, as in tag:team
        #[arg(long, value_name = "KEY", default_value = "check")]
        by: String,
        /// Prints JSON lines; spans are in seconds
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port of 127.0.0.1; 0: any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Opens the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Lists the rules that are judged, and those that rest
    List {
        #[command(flatten)]
        rules: Rules,
        /// Prints JSON lines
        #[arg(long)]
        json: bool,
    },
    /// Shows one rule whole
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        rules: Rules,
    },
    /// Says what is wrong with rules, by file and line
    Lint {
        /// Files and folders [default: the built-in rules]
        paths: Vec<PathBuf>,
    },
    /// Runs the tests that rules carry
    Test {
        /// Files and folders [default: the built-in rules]
        paths: Vec<PathBuf>,
        /// Only rules whose id contains this
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Lists the facts that rules can ask for, with their shapes
    Facts,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ResourcesCommand {
    /// Lists the types, with the calls that read them
    List {
        #[command(flatten)]
        rules: Rules,
    },
    /// Says where resource rows and the APIs that they call disagree
    Lint {
        /// Files and folders [default: the built-in rows]
        paths: Vec<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}
