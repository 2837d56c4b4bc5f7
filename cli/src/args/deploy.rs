//! What can be typed behind `trailpost deploy`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum DeployCommand {
    /// Looks at the account of a stack, before or after `sam deploy`: what is wrong, what cannot be seen, and the fix
    Doctor(Doctor),
    /// Sends an event that says that it is a test through the stack, and times it until every channel has the alert
    Test(DeployTest),
}

/// Which stack, and the way to it.
#[derive(Debug, Clone, Args)]
pub(crate) struct StackWay {
    /// The name of the stack
    #[arg(long, value_name = "NAME", default_value = "trailpost")]
    pub(crate) stack: String,
    /// A profile of the AWS configuration [default: as the AWS CLI finds credentials]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The region of the stack [default: the one of the AWS configuration]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Where every service is reached, such as an emulator
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) way: StackWay,
    /// A producer that is looked at; repeatable [default: the accounts of the parameter `ScanAccounts`]
    #[arg(long, value_name = "ID")]
    pub(crate) account: Vec<String>,
    /// The role by which producers are entered [default: as the stack enters them, by `ReadRoleName` with `ExternalId`]
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Option<String>,
    /// The external id that this role asks for
    #[arg(long, value_name = "ID", requires = "role")]
    pub(crate) external_id: Option<String>,
    /// Only this check; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) check: Vec<String>,
    /// Shows what is in order and what does not apply too
    #[arg(long)]
    pub(crate) all: bool,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(crate) format: Shape,
}

/// The event becomes a finding of the rule `trailpost-deployment-tested-…` with the least severity that alerts, and the
/// finding is deleted when its alerts are delivered. Every subscriber of alerts gets one, which says that it is a test.
#[derive(Debug, Args)]
pub(crate) struct DeployTest {
    #[command(flatten)]
    pub(crate) way: StackWay,
    /// How long it may take until every channel has the alert
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) wait: u64,
}

/// How something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// For people
    Table,
    /// One document, for programs
    Json,
}
