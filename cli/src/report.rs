//! `trailpost report`: what is kept, put together.

mod compliance;
mod trends;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use engine::ingest::losses;
use engine::mute::hidden;
use engine::ports::{Clock as _, SystemClock};
use engine::times::{By, Spread, Times, times};
use model::{Status, Timestamp, Untrusted};
use report::Terminal;

use crate::args::{Report, ReportCommand, Rules, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::page::{self, Known};
use crate::stored::Stored;
use crate::{load, mute, stored};

const SHOWN: Terminal = Terminal { longest: 60 };

pub(crate) fn run(args: Report, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    match (args.command, args.html) {
        (Some(ReportCommand::Times { by, json }), _) => spans(&by, json, shared, config),
        (Some(ReportCommand::Losses { json }), _) => losses(json, shared, config),
        (Some(ReportCommand::Compliance(wanted)), _) => compliance::run(&wanted, shared, config),
        (Some(ReportCommand::Trends { days, json }), _) => trends::run(days, json, shared, config),
        (None, Some(path)) => html(&path, &args.rules, shared, config),
        (None, None) => {
            Err(Failure::usage("say what to report: --html PATH, compliance, trends, times or losses"))
        }
    }
}

/// Writes the page.
fn html(path: &Path, rules: &Rules, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let now = SystemClock.now();
    let known = Known::new(load::rules(rules, config)?, &config.settings);
    let known = known.muting(mute::filed(shared, config, now)?);
    let store = stored::open(shared, config)?;
    write(path, &store, &known, now)?;
    writeln!(anstream::stderr(), "Wrote {}.", path.display())?;
    Ok(Ending::Clean)
}

/// Writes the page about everything in `store`, as of `now`.
pub(crate) fn write(path: &Path, store: &Stored, known: &Known, now: Timestamp) -> Result<(), Failure> {
    let gathered = store.wait(|store| Box::pin(page::gather(store, known, now)))?;
    let failure =
        |error| Failure::usage(format!("{}: {error}; name a file that can be written", path.display()));
    let mut out = BufWriter::new(File::create(path).map_err(failure)?);
    report::html::write_report(&mut out, &gathered.report(known, now))?;
    out.flush()?;
    Ok(())
}

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

fn spans(by: &str, json: bool, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let by = by_of(by)?;
    let now = SystemClock.now();
    let filed = mute::filed(shared, config, now)?;
    let store = stored::open(shared, config)?;
    let rows = store.wait(|store| {
        let by = &by;
        Box::pin(async move { times(store, by).await })
    })?;
    let muted = store.wait(|store| {
        let filed = &filed;
        Box::pin(async move { hidden(store, &filed.mutes(store, now).await?, now).await })
    })?;
    let muted = muted.findings.iter().filter(|finding| finding.status == Status::Open).count();
    if muted > 0 {
        writeln!(anstream::stderr(), "{muted} open findings are muted; they are counted here all the same.")?;
    }
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
