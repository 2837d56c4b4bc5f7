//! `trailpost producers`: accounts that send their events, set up and looked after.

use engine::health::SERVICE;

use crate::args::{ProducersCheck, ProducersCommand, Rules, Scan, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::scan;

pub(crate) fn run(command: ProducersCommand, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    match command {
        ProducersCommand::Check(args) => scan::run(&check(*args), shared, config),
    }
}

/// A look at producers is a scan of the types of resources that say how they are.
fn check(args: ProducersCheck) -> Scan {
    let ProducersCheck { producers, check, all, output, fail_on, minimum } = args;
    Scan {
        profile: producers.profile.into_iter().collect(),
        account: producers.account,
        org: producers.org,
        role: producers.role,
        external_id: producers.external_id,
        region: producers.region,
        endpoint_url: producers.endpoint_url,
        service: vec![SERVICE.to_owned()],
        check,
        framework: Vec::new(),
        record: None,
        replay: None,
        all,
        resume: false,
        baseline: false,
        rules: Rules { added: Vec::new(), no_builtin: false },
        output,
        fail_on,
        minimum,
    }
}
