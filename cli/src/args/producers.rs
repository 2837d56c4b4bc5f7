//! What can be typed behind `trailpost producers`.

use clap::{Args, Subcommand};
use model::Severity;

use super::Way;
use crate::output;

#[derive(Debug, Subcommand)]
pub(crate) enum ProducersCommand {
    /// Judges the health of producers: enrolled, rule and target as they were made, trail logging, events delivered
    Check(Box<ProducersCheck>),
    /// Makes producers with CloudFormation, or brings them to this version's template; the same again changes nothing
    Add(Box<ProducersAdd>),
    /// Lists the producers' stacks, and which of them are of another template than this version's
    List(Box<ProducersList>),
    /// Takes producers away, the home region last
    Remove(Box<ProducersRemove>),
}

/// Which producers, and the way to them.
#[derive(Debug, Clone, Args)]
pub(crate) struct Producers {
    /// A profile of the AWS configuration [default: as the AWS CLI finds credentials]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) way: Way,
}

#[derive(Debug, Args)]
#[command(after_help = output::formats())]
pub(crate) struct ProducersCheck {
    #[command(flatten)]
    pub(crate) producers: Producers,
    /// Only this check; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Prints what is clean and what is unknown too
    #[arg(long)]
    pub(crate) all: bool,
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

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct ProducersAdd {
    #[command(flatten)]
    pub(crate) producers: Producers,
    /// Units of the organization, or its root: a stack set that their new accounts join; repeatable
    #[arg(long, value_name = "ID", conflicts_with_all = ["account", "org", "role"])]
    pub(crate) organizational_unit: Vec<String>,
    /// The stack set is worked on as a delegated administrator of the organization
    #[arg(long, requires = "organizational_unit")]
    pub(crate) delegated: bool,
    /// Where events go: the output `CentralBusArn` of the consumer's stack [default: where they go already]
    #[arg(long, value_name = "ARN")]
    pub(crate) central_bus: Option<String>,
    /// The region in which the roles are made
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) home_region: String,
    /// The external id that the read role is to ask for; the consumer's parameter `ExternalId`
    #[arg(long, value_name = "ID")]
    pub(crate) read_external_id: Option<String>,
    /// The consumer's roles that may assume the read role, such as trailpost-*
    #[arg(long, value_name = "NAME")]
    pub(crate) consumer_roles: Option<String>,
    /// Makes the rule, its target and its queue only, and prints the policies of the roles that you make
    #[arg(long, requires_all = ["forwarder_role", "read_role"])]
    pub(crate) manual_iam: bool,
    /// The role that sends events, by its name with its path
    #[arg(long, value_name = "NAME")]
    pub(crate) forwarder_role: Option<String>,
    /// The role that reads, by its name
    #[arg(long, value_name = "NAME")]
    pub(crate) read_role: Option<String>,
    /// Sends calls that only read, too
    #[arg(long)]
    pub(crate) include_read_only: bool,
    /// The name of the stack, or of the stack set
    #[arg(long, value_name = "NAME", default_value = "trailpost-producer")]
    pub(crate) stack_name: String,
    /// Says which calls would be made, and changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProducersList {
    #[command(flatten)]
    pub(crate) producers: Producers,
    /// The name of the stack, where it says nothing itself
    #[arg(long, value_name = "NAME", default_value = "trailpost-producer")]
    pub(crate) stack_name: String,
    /// Prints JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProducersRemove {
    #[command(flatten)]
    pub(crate) producers: Producers,
    /// Units of the organization, or its root, whose stack set goes; repeatable
    #[arg(long, value_name = "ID", conflicts_with_all = ["account", "org", "role"])]
    pub(crate) organizational_unit: Vec<String>,
    /// The stack set is worked on as a delegated administrator of the organization
    #[arg(long, requires = "organizational_unit")]
    pub(crate) delegated: bool,
    /// The region in which the roles are
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) home_region: String,
    /// The name of the stack, or of the stack set
    #[arg(long, value_name = "NAME", default_value = "trailpost-producer")]
    pub(crate) stack_name: String,
    /// Says which calls would be made, and changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
