//! `trailpost inventory`: the resources that were read, now or at a past time, and the calls that nobody can place.

use std::collections::BTreeMap;
use std::io::Write as _;

use engine::check::Checker;
use engine::inventory::{Past, at};
use engine::ports::StateQuery;
use model::{Call, Moment, State, TimelineId, Timestamp, Untrusted};
use report::Terminal;
use rules::{Scratch, Truth};
use serde_json::json;

use crate::args::{Inventory, Shared};
use crate::config::Config;
use crate::documents::Documents;
use crate::exit::{Ending, Failure};
use crate::stored::{self, Stored};
use crate::{load, told};

const SHOWN: Terminal = Terminal { longest: 160 };

pub(crate) fn run(args: &Inventory, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let store = stored::open(shared, config)?;
    if args.unmapped {
        return unmapped(args, &store);
    }
    let loaded = load::rules(&args.rules, config)?;
    let (checker, _) = Checker::new(loaded.rules, &config.settings);
    let mut documents = Documents::new(&loaded.rows);
    let mut query = StateQuery {
        account: args.account.clone(),
        resource_type: args.resource_type.clone(),
        region: args.region.clone(),
        gone: args.gone || args.at.is_some(),
        ..StateQuery::default()
    };
    let mut out = anstream::stdout().lock();
    let mut count = 0_usize;
    loop {
        let page = store.wait(|store| Box::pin(store.states(&query)))?;
        for state in &page.items {
            count += usize::from(one(&mut out, args, &store, &checker, &mut documents, state)?);
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    if !args.json {
        let plural = if count == 1 { "resource" } else { "resources" };
        writeln!(anstream::stderr(), "{count} {plural}.")?;
    }
    Ok(Ending::Clean)
}

/// Shows one resource; `false`: it was not there at the time that is asked about.
fn one(
    out: &mut impl std::io::Write,
    args: &Inventory,
    store: &Stored,
    checker: &Checker,
    documents: &mut Documents<'_>,
    state: &State,
) -> Result<bool, Failure> {
    let Some(time) = args.at else {
        let gone = if state.is_present() { "" } else { "  gone" };
        if args.json {
            writeln!(out, "{}", serde_json::to_string(state).unwrap_or_default())?;
        } else {
            let arn = state.arn.encode(&SHOWN);
            writeln!(out, "{:<40} {arn}  read {}{gone}", state.resource_type, told::when(state.read_at))?;
        }
        return Ok(true);
    };
    let timelines = [state.key.clone()];
    let moments = store.wait(|store| Box::pin(store.timeline(&timelines, time, Timestamp::MAX)))?;
    let document = match at(state, &moments, time) {
        Past::Present(document) => document,
        Past::Absent | Past::Unknown => return Ok(false),
    };
    let failed = verdicts(checker, documents, state, &document, time);
    if args.json {
        let row = json!({
            "arn": state.arn, "resource_type": state.resource_type, "account": state.account,
            "region": state.region, "at": time, "document": document, "findings": failed,
        });
        writeln!(out, "{row}")?;
    } else {
        writeln!(out, "{:<40} {}", state.resource_type, state.arn.encode(&SHOWN))?;
        for check in &failed {
            writeln!(out, "    finding  {check}")?;
        }
    }
    Ok(true)
}

/// The checks that matched a document as it was.
fn verdicts(
    checker: &Checker,
    documents: &mut Documents<'_>,
    state: &State,
    document: &serde_json::Value,
    time: Timestamp,
) -> Vec<String> {
    let document = documents.judged(state, document.clone());
    let mut scratch = Scratch::default();
    let verdicts = checker.judge(&state.resource_type, &document, time, &mut scratch);
    verdicts
        .into_iter()
        .filter(|verdict| verdict.truth == Truth::True)
        .map(|verdict| verdict.check.id.clone())
        .collect()
}

/// The calls that were seen and that no row, schema or known resource explains, by how often.
fn unmapped(args: &Inventory, store: &Stored) -> Result<Ending, Failure> {
    let timeline = [TimelineId::of_unmapped()];
    let moments =
        store.wait(|store| Box::pin(store.timeline(&timeline, Timestamp::UNIX_EPOCH, Timestamp::MAX)))?;
    let account = args.account.as_deref().map(Untrusted::new);
    let is_asked = |call: &&Call| account.as_ref().is_none_or(|account| call.account == *account);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in moments.iter().filter_map(Moment::as_call).filter(is_asked) {
        *counts.entry(told::call(&call.source, &call.name)).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    let mut out = anstream::stdout().lock();
    for (call, count) in &counts {
        if args.json {
            writeln!(out, "{}", json!({ "call": call, "count": count }))?;
        } else {
            writeln!(out, "{count:>8}  {call}")?;
        }
    }
    Ok(Ending::Clean)
}
