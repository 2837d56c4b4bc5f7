//! What `trailpost scan` takes, and whoever asks accounts as it does.

use std::path::PathBuf;

use clap::Args;
use model::Severity;

use super::Rules;
use crate::output;

/// Which accounts and regions are asked, and the way to them.
#[derive(Debug, Clone, Args)]
pub(crate) struct Way {
    /// This account, through --role; repeatable [default: the one that the credentials are of]
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) account: Vec<String>,
    /// Every account of the organization, through --role
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
    /// Where every service is reached, such as an emulator
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = output::formats())]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Scan {
    /// A profile of the AWS configuration; several scan several accounts [default: as the AWS CLI finds credentials]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,
    #[command(flatten)]
    pub(crate) way: Way,
    /// Only types of this service, such as s3; repeatable
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Vec<String>,
    /// Only this check; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Only checks of this framework, such as cis-aws-5.0; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) framework: Vec<String>,
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
    /// Shows what is muted, too; it counts for no exit code
    #[arg(long)]
    pub(crate) muted: bool,
    /// Where rows go: FORMAT or FORMAT=PATH, with a format from below; repeatable [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]")]
    pub(crate) output: Vec<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) fail_on: Severity,
    /// The least severity that is shown; lower ones are stored all the same
    #[arg(long, value_name = "SEVERITY", default_value = "info")]
    pub(crate) minimum: Severity,
}
