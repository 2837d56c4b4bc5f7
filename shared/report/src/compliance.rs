//! What checks say of the controls of frameworks.

use std::collections::BTreeMap;
use std::io::{self, Write};

use model::{Encoder as _, FindingId, Status, Untrusted};
use serde::Serialize;

use crate::csv::{Cell, line};
use crate::html::Report;

/// What a control comes to: the worst that its checks say. Unknown is never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlStatus {
    /// A check has an open finding.
    Fail,
    /// A check could not be made.
    Unknown,
    /// What checks find is muted.
    Muted,
    /// The checks were made, and are content.
    Pass,
    /// Nobody looked.
    Unjudged,
}

impl ControlStatus {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Unknown, Self::Muted, Self::Pass, Self::Unjudged];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Muted => "muted",
            Self::Pass => "pass",
            Self::Unjudged => "unjudged",
        }
    }
}

/// Of how many resources a check says what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckStanding {
    /// The check.
    pub check: String,
    /// Its title; empty where it is not loaded.
    pub title: String,
    /// Open findings.
    pub findings: u64,
    /// It is content with so many.
    pub clean: u64,
    /// It could not be judged of so many.
    pub unknown: u64,
    /// Findings that are muted.
    pub muted: u64,
    /// The open findings.
    pub evidence: Vec<FindingId>,
}

impl CheckStanding {
    /// What the check alone comes to.
    pub const fn status(&self) -> ControlStatus {
        match self {
            Self { findings: 1.., .. } => ControlStatus::Fail,
            Self { unknown: 1.., .. } => ControlStatus::Unknown,
            Self { muted: 1.., .. } => ControlStatus::Muted,
            Self { clean: 1.., .. } => ControlStatus::Pass,
            _ => ControlStatus::Unjudged,
        }
    }
}

/// A control of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlStanding<'a> {
    /// The framework's id.
    pub framework: &'a str,
    /// The control.
    pub control: &'a str,
    /// What it comes to.
    pub status: ControlStatus,
    /// Its checks.
    pub checks: Vec<CheckStanding>,
}

/// What the checks of every control of `framework` say, in one account or in all, in the order of the framework.
pub fn compliance<'a>(
    report: &Report<'a>,
    framework: &str,
    account: Option<&str>,
) -> Vec<ControlStanding<'a>> {
    let mut standings: BTreeMap<&str, CheckStanding> = BTreeMap::new();
    for tally in &report.tallies {
        if account.is_none_or(|account| tally.account == account) {
            let standing = standings.entry(&tally.check).or_default();
            standing.clean += tally.clean;
            standing.unknown += tally.unknown;
        }
    }
    let wanted = account.map(Untrusted::new);
    for finding in report.entries.iter().map(|entry| entry.finding) {
        let is_here = wanted.as_ref().is_none_or(|account| finding.account == *account);
        if finding.posture.is_none() || finding.status == Status::Resolved || !is_here {
            continue;
        }
        let standing = standings.entry(&finding.rule).or_default();
        if finding.muted.is_some() {
            standing.muted += 1;
        } else {
            standing.findings += 1;
            standing.evidence.push(finding.id.clone());
        }
    }
    let titles: BTreeMap<&str, &str> =
        report.checks.iter().map(|meta| (meta.id.as_str(), meta.title.as_str())).collect();
    let standing = |check: &String| {
        let known = standings.get(check.as_str()).cloned().unwrap_or_default();
        let title = titles.get(check.as_str()).copied().unwrap_or_default().to_owned();
        CheckStanding { check: check.clone(), title, ..known }
    };
    let of = report.frameworks.iter().filter(|known| known.id == framework);
    of.flat_map(|known| known.controls.iter().map(|(control, checks)| (known.id, control, checks)))
        .map(|(framework, control, checks)| {
            let checks: Vec<CheckStanding> = checks.iter().map(standing).collect();
            let status = checks.iter().map(CheckStanding::status).min().unwrap_or(ControlStatus::Unjudged);
            ControlStanding { framework, control, status, checks }
        })
        .collect()
}

/// Writes a line for each control and check: RFC 4180, no cell is a formula.
///
/// # Errors
/// Those of `out`.
pub fn write_csv(out: &mut dyn Write, controls: &[ControlStanding<'_>]) -> io::Result<()> {
    let head = [
        "framework",
        "control",
        "status",
        "check",
        "title",
        "check_status",
        "findings",
        "clean",
        "unknown",
        "muted",
    ];
    line(out, head.into_iter().map(str::to_owned))?;
    for control in controls {
        for check in &control.checks {
            let texts =
                [control.framework, control.control, control.status.as_str(), &check.check, &check.title];
            let counts = [check.findings, check.clean, check.unknown, check.muted];
            let cells = texts.into_iter().chain([check.status().as_str()]).map(|text| Cell.encode(text));
            line(out, cells.chain(counts.into_iter().map(|count| count.to_string())))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts_and_what_nobody_looked_at_passes_nothing() {
        let standing = |findings, clean, unknown, muted| {
            CheckStanding { findings, clean, unknown, muted, ..CheckStanding::default() }.status()
        };
        assert_eq!(standing(1, 9, 9, 9), ControlStatus::Fail);
        assert_eq!(standing(0, 9, 1, 9), ControlStatus::Unknown);
        assert_eq!(standing(0, 9, 0, 1), ControlStatus::Muted);
        assert_eq!(standing(0, 9, 0, 0), ControlStatus::Pass);
        assert_eq!(standing(0, 0, 0, 0), ControlStatus::Unjudged);
    }
}
