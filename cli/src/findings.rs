//! `trailpost findings`: lists what was found.

use std::io::Write as _;

use engine::mute::{Mutes, mark};
use engine::ports::{Clock as _, FindingQuery, Store, StoreError, SystemClock};
use model::{Finding, Timestamp};

use crate::args::{Findings, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{load, mute, output, stored};

/// What is shown, and what is not.
#[derive(Debug, Default)]
struct Listed {
    shown: Vec<Finding>,
    muted: usize,
    more: bool,
}

pub(crate) fn run(args: &Findings, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let outputs = output::specs(&args.output)?;
    let loaded = load::rules(&args.rules, config)?;
    let now = SystemClock.now();
    let filed = mute::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    let listed = store.wait(|store| {
        let filed = &filed;
        Box::pin(async move { list(store, &filed.mutes(store, now).await?, args, now).await })
    })?;
    output::write(&outputs, &listed.shown, loaded.rules.iter().map(|rule| &rule.meta))?;
    if listed.muted > 0 {
        writeln!(anstream::stderr(), "{}", mute::hidden(listed.muted, args.muted))?;
    }
    if listed.more {
        writeln!(anstream::stderr(), "There are more; --limit shows them.")?;
    }
    Ok(Ending::Clean)
}

/// The newest findings, as many as are asked for beside those that are muted.
async fn list(
    store: &dyn Store,
    mutes: &Mutes,
    args: &Findings,
    now: Timestamp,
) -> Result<Listed, StoreError> {
    let limit = if args.limit == 0 { 100 } else { args.limit };
    let mut listed = Listed::default();
    let mut query = FindingQuery {
        minimum: args.minimum,
        rule: args.rule.clone(),
        account: args.account.clone(),
        limit,
        after: None,
    };
    loop {
        let mut page = store.findings(&query).await?;
        page.items.retain(|finding| args.status.is_none_or(|status| finding.status == status));
        listed.muted += mark(store, mutes, &mut page.items, now).await?;
        let is_shown = |finding: &Finding| args.muted || finding.muted.is_none();
        listed.shown.extend(page.items.into_iter().filter(is_shown));
        listed.more = page.next.is_some() || listed.shown.len() > limit;
        if page.next.is_none() || listed.shown.len() >= limit {
            listed.shown.truncate(limit);
            return Ok(listed);
        }
        query.after = page.next;
    }
}
