//! `trailpost findings`: lists what was found.

use std::io::Write as _;

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
    let loaded = catalog::builtin();
    output::write(&outputs, &page.items, loaded.rules.iter().map(|rule| &rule.meta))?;
    if page.next.is_some() {
        writeln!(anstream::stderr(), "There are more; --limit shows them.")?;
    }
    Ok(Ending::Clean)
}
