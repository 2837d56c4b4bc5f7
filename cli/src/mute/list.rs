//! `trailpost mute list`.

use std::collections::BTreeMap;
use std::io::Write as _;

use engine::mute::hidden;
use model::{Mute, MuteRecord, Status, Timestamp, Untrusted};
use report::Terminal;
use serde_json::json;

use super::{home, shown};
use crate::args::Shared;
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored;

const SHOWN: Terminal = Terminal { longest: 200 };

/// A mute with where it comes from.
struct Line<'a> {
    mute: &'a Mute,
    home: &'a str,
    record: Option<&'a MuteRecord>,
}

impl Line<'_> {
    fn holds(&self, now: Timestamp) -> bool {
        now < self.record.map_or(self.mute.expires, MuteRecord::ends)
    }
}

pub(super) fn list(
    all: bool,
    as_json: bool,
    shared: &Shared,
    config: &Config,
    now: Timestamp,
) -> Result<Ending, Failure> {
    let filed = home::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    let kept = store.wait(|store| Box::pin(store.mutes()))?;
    let mutes = store.wait(|store| {
        let filed = &filed;
        Box::pin(async move { filed.mutes(store, now).await })
    })?;
    let hides = store.wait(|store| {
        let mutes = &mutes;
        Box::pin(async move { hidden(store, mutes, now).await })
    })?;
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in &hides.findings {
        let Some(muted) = &finding.muted else { continue };
        let (open, every) = counts.entry(muted.id.as_str()).or_default();
        *open += usize::from(finding.status == Status::Open);
        *every += 1;
    }
    let stored =
        kept.records.iter().map(|record| Line { mute: &record.mute, home: "store", record: Some(record) });
    let of_files = filed.mutes.iter().map(|(mute, file)| Line { mute, home: file, record: None });
    let mut lines: Vec<Line<'_>> = of_files.chain(stored).filter(|line| all || line.holds(now)).collect();
    lines.sort_by_key(|line| (line.mute.expires, line.mute.id.clone()));
    let mut out = anstream::stdout().lock();
    for line in &lines {
        let (open, every) = counts.get(line.mute.id.as_str()).copied().unwrap_or_default();
        if as_json {
            let removed = line.record.and_then(|record| record.removed.as_ref());
            let row = json!({
                "mute": line.mute, "home": line.home, "holds": line.holds(now), "removed": removed,
                "hidden": every, "hidden_open": open,
            });
            writeln!(out, "{}", report::escape_json(&row.to_string()))?;
        } else {
            show(&mut out, line, open, now)?;
        }
    }
    if lines.is_empty() && !as_json {
        writeln!(out, "Nothing is muted.")?;
    }
    Ok(Ending::Clean)
}

fn show(out: &mut impl std::io::Write, line: &Line<'_>, open: usize, now: Timestamp) -> std::io::Result<()> {
    let mute = line.mute;
    let shown = |text: &Untrusted| text.encode(&SHOWN);
    let removed = line.record.and_then(|record| record.removed.as_ref());
    let left = match removed {
        Some(removed) => format!("removed {:.0} by {}", removed.at, shown(&removed.by)),
        None => shown::left(mute, now),
    };
    writeln!(out, "{}  {left}, hides {open} open  [{}]", shown::text(&mute.id), shown::text(line.home))?;
    writeln!(out, "    {}", shown::matches(&mute.matches))?;
    write!(out, "    {}: {}", shown(&mute.owner), shown(&mute.reason))?;
    if let Some(ticket) = &mute.ticket {
        write!(out, " ({})", shown(ticket))?;
    }
    writeln!(out)?;
    if !mute.created_by.is_empty() {
        writeln!(out, "    added {:.0} by {}", mute.created, shown(&mute.created_by))?;
    }
    Ok(())
}
