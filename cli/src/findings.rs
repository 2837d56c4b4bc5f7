//! `trailpost findings`: lists what was found.

use std::io::Write as _;

use engine::detect::Detector;
use engine::ports::FindingQuery;

use crate::args::{Findings, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{output, stored};

pub(crate) fn run(args: &Findings, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let outputs = output::specs(&args.output)?;
    let store = stored::open(shared, config)?;
    let query = FindingQuery {
        minimum: args.minimum,
        rule: args.rule.clone(),
        account: args.account.clone(),
        limit: args.limit,
        after: None,
    };
    let page = store.wait(|store| Box::pin(store.findings(&query)))?;
    let (detector, _) = Detector::new(catalog::builtin().rules, &config.settings);
    output::write(&outputs, &page.items, &detector)?;
    if page.next.is_some() {
        writeln!(anstream::stderr(), "There are more; --limit shows them.")?;
    }
    Ok(Ending::Clean)
}
