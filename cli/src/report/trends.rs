//! `trailpost report trends`: what opened and what was resolved, by day.

use std::collections::BTreeMap;
use std::io::Write as _;

use engine::ports::{Clock as _, SystemClock};
use model::{Finding, SignedDuration, Status, Timestamp};

use crate::args::Shared;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::{page, stored};

/// What a day has.
#[derive(Debug, Default, Clone, Copy)]
struct Day {
    opened: i64,
    resolved: i64,
}

pub(super) fn run(days: u32, json: bool, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let store = stored::open(shared, config)?;
    let findings = store.wait(|store| Box::pin(page::findings(store)))?;
    let mut by_day: BTreeMap<String, Day> = BTreeMap::new();
    for (opened, resolved) in findings.iter().flat_map(spans) {
        by_day.entry(date(opened)).or_default().opened += 1;
        if let Some(resolved) = resolved {
            by_day.entry(date(resolved)).or_default().resolved += 1;
        }
    }
    let now = SystemClock.now();
    let mut open: i64 = findings.iter().map(|finding| i64::from(finding.status == Status::Open)).sum();
    let mut rows = Vec::new();
    for back in 0..i64::from(days) {
        let Ok(time) = now.checked_sub(SignedDuration::from_hours(24 * back)) else { break };
        let day = by_day.get(&date(time)).copied().unwrap_or_default();
        rows.push((date(time), day, open));
        open += day.resolved - day.opened;
    }
    let mut out = anstream::stdout().lock();
    if !json {
        writeln!(out, "{:<10} {:>8} {:>8} {:>8}", "day (UTC)", "opened", "resolved", "open")?;
    }
    for (date, Day { opened, resolved }, open) in rows.into_iter().rev() {
        if json {
            let row =
                serde_json::json!({ "date": date, "opened": opened, "resolved": resolved, "open": open });
            writeln!(out, "{row}")?;
        } else {
            writeln!(out, "{date:<10} {opened:>8} {resolved:>8} {open:>8}")?;
        }
    }
    Ok(Ending::Clean)
}

/// When it was open, each time: from, and until.
fn spans(finding: &Finding) -> Vec<(Timestamp, Option<Timestamp>)> {
    match &finding.posture {
        Some(posture) => {
            posture.episodes.iter().map(|episode| (episode.opened_at, episode.resolved_at)).collect()
        }
        None => {
            let closed = finding.closed.as_ref().filter(|_| finding.status == Status::Resolved);
            vec![(finding.first_seen, closed.map(|closing| closing.at))]
        }
    }
}

fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
