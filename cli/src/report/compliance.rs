//! `trailpost report compliance`: what checks say of the controls of a framework.

use std::fmt::Write as _;
use std::io::Write as _;

use engine::ports::{Clock as _, SystemClock};
use model::Encoder as _;
use report::Terminal;
use report::compliance::{ControlStanding, ControlStatus, compliance, write_csv};
use report::html::Report;

use crate::args::{Compliance, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::page::{self, Known};
use crate::{load, mute, stored};

const SHOWN: Terminal = Terminal { longest: 120 };

/// So many checks of a control are named.
const NAMED: usize = 3;

pub(super) fn run(args: &Compliance, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let now = SystemClock.now();
    let known = Known::new(load::rules(&args.rules, config)?, &config.settings);
    let known = known.muting(mute::filed(shared, config, now)?);
    let store = stored::open(shared, config)?;
    let gathered = store.wait(|store| Box::pin(page::gather(store, &known, now)))?;
    let report = gathered.report(&known, now);
    let account = args.account.as_deref();
    let Some(framework) = args.framework.as_deref() else { return overview(&report, account, args.json) };
    if report.frameworks.iter().all(|one| one.id != framework) {
        let ids: Vec<&str> = report.frameworks.iter().map(|one| one.id).collect();
        return Err(Failure::usage(format!(
            "no framework `{}`; there are {}",
            SHOWN.encode(framework),
            ids.join(", ")
        )));
    }
    let mut controls = compliance(&report, framework, account);
    let counts = counts(&controls);
    controls.retain(|control| args.status.is_none_or(|status| control.status == status));
    let mut out = anstream::stdout().lock();
    if args.csv {
        write_csv(&mut out, &controls)?;
        return Ok(Ending::Clean);
    }
    for control in &controls {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(control).unwrap_or_default())?;
        } else {
            writeln!(out, "{}", row(control).trim_end())?;
        }
    }
    writeln!(anstream::stderr(), "{counts}")?;
    Ok(Ending::Clean)
}

/// A line for each framework.
fn overview(report: &Report<'_>, account: Option<&str>, json: bool) -> Result<Ending, Failure> {
    let mut out = anstream::stdout().lock();
    if !json {
        let words = ControlStatus::ALL.map(|status| format!("{:>9}", status.as_str()));
        writeln!(out, "{:<26}{} {:>9}", "", words.concat(), "controls")?;
    }
    for framework in &report.frameworks {
        let controls = compliance(report, framework.id, account);
        let count = |status| controls.iter().filter(|control| control.status == status).count();
        if json {
            let by_status: serde_json::Map<_, _> = ControlStatus::ALL
                .map(|status| (status.as_str().to_owned(), count(status).into()))
                .into_iter()
                .collect();
            let row = serde_json::json!({ "framework": framework.id, "controls": controls.len(), "statuses": by_status });
            writeln!(out, "{row}")?;
        } else {
            let cells = ControlStatus::ALL.map(|status| format!("{:>9}", count(status)));
            writeln!(out, "{:<26}{} {:>9}", SHOWN.encode(framework.id), cells.concat(), controls.len())?;
        }
    }
    Ok(Ending::Clean)
}

const fn symbol(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Fail => "✕",
        ControlStatus::Unknown => "?",
        ControlStatus::Muted => "–",
        ControlStatus::Pass => "✓",
        ControlStatus::Unjudged => "○",
    }
}

/// Status, control, how many findings, and the checks that make it what it is.
fn row(control: &ControlStanding<'_>) -> String {
    let decisive: Vec<&str> = control
        .checks
        .iter()
        .filter(|check| check.status() == control.status)
        .map(|check| check.check.as_str())
        .collect();
    let more = decisive.len().saturating_sub(NAMED);
    let mut named =
        decisive.into_iter().take(NAMED).map(|check| SHOWN.encode(check)).collect::<Vec<_>>().join(", ");
    if more > 0 {
        write!(named, ", {more} more").ok();
    }
    let findings: u64 = control.checks.iter().map(|check| check.findings).sum();
    let findings = if findings > 0 { findings.to_string() } else { String::new() };
    let (symbol, word) = (symbol(control.status), control.status.as_str());
    format!("{symbol} {word:<8} {:<12} {findings:>5}  {named}", SHOWN.encode(control.control))
}

/// How many controls come to what.
fn counts(controls: &[ControlStanding<'_>]) -> String {
    let said: Vec<String> = ControlStatus::ALL
        .into_iter()
        .map(|status| (status, controls.iter().filter(|control| control.status == status).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.as_str()))
        .collect();
    format!("{} of {} controls.", said.join(", "), controls.len())
}
