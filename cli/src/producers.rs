//! `trailpost producers`: accounts that send their events, set up and looked after.

mod add;
mod list;
mod organization;
mod place;
mod policies;
mod remove;
mod stack;

use engine::health::SERVICE;
use model::Severity;
use tokio::runtime::Runtime;

use crate::args::{Producers, ProducersCheck, ProducersCommand, Rules, Scan, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::scan;

pub(crate) fn run(command: ProducersCommand, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    match command {
        ProducersCommand::Check(args) => scan::run(&check(*args), shared, config),
        ProducersCommand::Add(args) => add::run(&args),
        ProducersCommand::List(args) => list::run(&args),
        ProducersCommand::Remove(args) => remove::run(&args),
    }
}

/// A look at producers is a scan of the types of resources that say how they are.
fn check(args: ProducersCheck) -> Scan {
    let ProducersCheck { producers, check, all, output, fail_on, minimum } = args;
    Scan { check, all, output, fail_on, minimum, ..scan_of(producers) }
}

/// The scan that finds the same accounts.
fn scan_of(producers: Producers) -> Scan {
    Scan {
        muted: false,
        profile: producers.profile.into_iter().collect(),
        way: producers.way,
        service: vec![SERVICE.to_owned()],
        check: Vec::new(),
        framework: Vec::new(),
        record: None,
        replay: None,
        all: false,
        resume: false,
        baseline: false,
        rules: Rules { added: Vec::new(), no_builtin: false },
        output: Vec::new(),
        fail_on: Severity::Low,
        minimum: Severity::Info,
    }
}

/// The account in the ARN of an event bus.
fn account_of(bus: &str) -> Option<&str> {
    let mut parts = bus.strip_prefix("arn:")?.split(':').skip(1);
    let (service, _, account) = (parts.next()?, parts.next()?, parts.next()?);
    (service == "events" && account.len() == 12 && parts.next()?.starts_with("event-bus/")).then_some(account)
}

fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
