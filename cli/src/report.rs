//! `trailpost report`: what is kept, put together.

use std::io::Write as _;

use engine::ingest::losses;
use engine::times::{By, Spread, Times, times};
use model::Untrusted;
use report::Terminal;

use crate::args::{ReportCommand, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::stored;

const SHOWN: Terminal = Terminal { longest: 60 };

/// Which events the buses lost.
fn losses(json: bool, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let store = stored::open(shared, config)?;
    let losses = store.wait(|store| Box::pin(async move { losses::losses(store).await }))?;
    let mut out = anstream::stdout().lock();
    if !json {
        writeln!(out, "{:<14} {:<13} {:<16} {:>9} {:>9}", "hour", "account", "region", "expected", "lost")?;
    }
    for loss in &losses {
        if json {
            writeln!(out, "{}", serde_json::to_string(loss).unwrap_or_default())?;
            continue;
        }
        // The ids are from keys of files, which anybody may have named.
        let lost = if loss.on_bus { loss.lost.to_string() } else { "no bus".to_owned() };
        let shown = |text: &str| Untrusted::new(text).encode(&SHOWN);
        let (account, region) = (shown(&loss.account), shown(&loss.region));
        writeln!(out, "{:<14} {account:<13} {region:<16} {:>9} {lost:>9}", loss.hour, loss.expected)?;
    }
    Ok(Ending::Clean)
}

pub(crate) fn run(command: ReportCommand, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let (by, json) = match command {
        ReportCommand::Times { by, json } => (by, json),
        ReportCommand::Losses { json } => return losses(json, shared, config),
    };
    let by = by_of(&by)?;
    let store = stored::open(shared, config)?;
    let rows = store.wait(|store| {
        let by = &by;
        Box::pin(async move { times(store, by).await })
    })?;
    let mut out = anstream::stdout().lock();
    if json {
        for row in &rows {
            writeln!(out, "{}", serde_json::to_string(row).unwrap_or_default())?;
        }
        return Ok(Ending::Clean);
    }
    writeln!(
        out,
        "{:<48} {:>8} {:>5} {:>5}   {:<18} {:<18} {:<18}",
        "", "episodes", "open", "exact", "to detect", "to resolve", "exposed"
    )?;
    for row in &rows {
        show(&mut out, row)?;
    }
    writeln!(anstream::stderr(), "Spans are the median, and what nine of ten do not exceed.")?;
    Ok(Ending::Clean)
}

fn by_of(text: &str) -> Result<By, Failure> {
    match text.split_once(':') {
        None if text == "check" => Ok(By::Check),
        None if text == "account" => Ok(By::Account),
        Some(("tag", key)) if !key.is_empty() => Ok(By::Tag(key.to_owned())),
        _ => {
            Err(Failure::usage(format!("`{text}` is nothing to report by; write check, account or tag:KEY")))
        }
    }
}

fn show(out: &mut impl std::io::Write, row: &Times) -> std::io::Result<()> {
    let key = if row.key.is_empty() { "(none)".to_owned() } else { row.key.encode(&SHOWN) };
    let Times { episodes, open, exact, .. } = row;
    let [detect, resolve, exposure] = [row.detect, row.resolve, row.exposure].map(span);
    writeln!(out, "{key:<48} {episodes:>8} {open:>5} {exact:>5}   {detect:<18} {resolve:<18} {exposure:<18}")
}

fn span(spread: Spread) -> String {
    if spread.count == 0 {
        return "-".to_owned();
    }
    format!("{}, {}", words(spread.median), words(spread.most))
}

/// A number of seconds, as people say it.
fn words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
