//! What can be typed.

mod alerts;
mod deploy;
mod producers;
mod report;
mod rules;
mod scan;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use model::{Severity, Status, Timestamp};

use crate::mute::args::MuteCommand;
use crate::output;
pub(crate) use alerts::AlertsCommand;
pub(crate) use deploy::{DeployCommand, DeployTest, Doctor, Shape, StackWay};
pub(crate) use producers::{
    Producers, ProducersAdd, ProducersCheck, ProducersCommand, ProducersList, ProducersRemove,
};
pub(crate) use report::{Compliance, Report, ReportCommand};
pub(crate) use rules::RulesCommand;
pub(crate) use scan::{Scan, Way};

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
    /// Mutes: a file, or a folder of such; repeatable [default: mutes.yaml in this folder, if there is one]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) mutes: Vec<PathBuf>,
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
    /// Looks after the files of a trail
    #[command(subcommand)]
    Trail(TrailCommand),
    /// Reads AWS accounts and judges every resource
    Scan(Box<Scan>),
    /// Plays an attack on a recorded account and its repair: no AWS account is asked, and nothing is kept but the page
    Demo(Demo),
    /// Lists what was found
    Findings(Findings),
    /// Says that somebody has dealt with findings about events: they are over until the same happens again
    Close(Close),
    /// Shows why something is a finding, or is none: the rule's conditions and the values they saw
    Explain(Explain),
    /// Tells the life of a resource: calls, what they changed, findings opened and resolved
    Timeline(Timeline),
    /// Lists the resources that were read, as they are or as they were
    Inventory(Inventory),
    /// Puts together what is kept: a page for people, or tables
    Report(Report),
    /// Shows everything that is kept as a page that keeps itself new, to this machine only
    Serve(Serve),
    /// Hides findings for a reason and a time
    #[command(subcommand)]
    Mute(MuteCommand),
    /// Sets up accounts that send their events to Trailpost, and says whether they do
    #[command(subcommand)]
    Producers(ProducersCommand),
    /// Says whether a deployed stack is as it should be, and whether an event comes through it
    #[command(subcommand)]
    Deploy(DeployCommand),
    /// Looks into the rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Looks into the types of resources that are read
    #[command(subcommand)]
    Resources(ResourcesCommand),
    /// Looks into who is told of what, and when
    #[command(subcommand)]
    Alerts(AlertsCommand),
}

/// Which files of a bucket, by the day in their keys.
#[derive(Debug, Clone, Args)]
pub(crate) struct Days {
    /// Of a bucket, only files that CloudTrail delivered on this day or later, such as 2026-11-20
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) since: Option<String>,
    /// Of a bucket, only files that CloudTrail delivered on this day or before
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<String>,
}

/// A day, as it stands in keys.
fn day(text: &str) -> Result<String, String> {
    let midnight: Result<Timestamp, _> = format!("{text}T00:00:00Z").parse();
    match midnight {
        Ok(_) if text.len() == 10 => Ok(text.replace('-', "/")),
        _ => Err("write a day as 2026-11-20".to_owned()),
    }
}

fn status(text: &str) -> Result<Status, String> {
    match text {
        "open" => Ok(Status::Open),
        "resolved" => Ok(Status::Resolved),
        _ => Err("write `open` or `resolved`".to_owned()),
    }
}

/// Checks a trail's files against the digests that CloudTrail signed.
#[derive(Debug, Args)]
pub(crate) struct TrailVerify {
    /// A folder with a copy of the bucket, or `s3://BUCKET/PREFIX`
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) days: Days,
    /// What `aws cloudtrail list-public-keys` printed, to check signatures of a copy with
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrailCommand {
    /// Checks files against the digests that CloudTrail signed; what is altered or missing becomes findings
    Verify(TrailVerify),
}

#[derive(Debug, Args)]
#[command(after_help = output::formats())]
pub(crate) struct Detect {
    /// Files (.json, .jsonl, .gz, .zip, told by their content), folders, `s3://BUCKET/PREFIX`, or `-`
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) days: Days,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Prints every (rule, event) pair as a JSON line and stores nothing
    #[arg(long)]
    pub(crate) matches: bool,
    /// Shows what is muted, too; it counts for no exit code
    #[arg(long)]
    pub(crate) muted: bool,
    /// Where findings go: FORMAT or FORMAT=PATH, with a format from below; repeatable [default: table]
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
pub(crate) struct Demo {
    /// Where the page about it is written
    #[arg(long, value_name = "PATH", default_value = "trailpost-demo.html")]
    pub(crate) html: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = output::formats())]
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
    /// Findings that are open, or that are resolved [default: both]
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Option<Status>,
    /// No more than this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Shows what is muted, too; it counts for no exit code
    #[arg(long)]
    pub(crate) muted: bool,
    /// Where findings go: FORMAT or FORMAT=PATH, with a format from below; repeatable [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]")]
    pub(crate) output: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Close {
    /// The ids of findings, or their beginnings; `-` reads ids from standard input
    #[arg(value_name = "FINDING", required = true)]
    pub(crate) findings: Vec<String>,
    /// What came of it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
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
    #[arg(value_name = "FINDING", required_unless_present_any = ["event", "resource"])]
    pub(crate) finding: Option<String>,
    /// Explains the verdict of this rule, match or not, on what `--event` or `--resource` names
    #[arg(long, value_name = "ID", conflicts_with = "finding")]
    pub(crate) rule: Option<String>,
    /// Explains verdicts on records: a file of any shape that `detect` reads, `-`, or the id of an event of a finding. Without
    /// `--rule`: which rules looked at them, and why each matched or not
    #[arg(long, value_name = "FILE|ID", conflicts_with_all = ["finding", "resource"])]
    pub(crate) event: Option<PathBuf>,
    /// Explains verdicts on a resource as it was read last: its ARN, or its id. Without `--rule`: every check's verdict
    #[arg(long, value_name = "ARN", conflicts_with = "finding")]
    pub(crate) resource: Option<String>,
    /// Prints the explanation as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
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
