//! A page for people: one file, or live from `trailpost serve`.
//!
//! [`Report`] is what is known, the wire form is what the page reads, and everything that the page does is plain HTML, CSS
//! and JavaScript beside this file. Nothing of the data is ever markup: it reaches the page as JSON in which no `<` stands,
//! and the script shows it as text only.

mod page;
mod report;
mod wire;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use model::Timestamp;

use crate::{Format, Row, Style, Verdict};

pub use page::{LIVE_POLICY_EXTRA, live_page, policy, version};
pub use report::{Entry, Framework, Life, Report, Tally};

pub(crate) static HTML: Format =
    Format { name: "html", about: "a page for people, in one file", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    let entries = rows.iter().copied().map(Entry::from).collect();
    write_report(out, &Report { entries, ..Report::new(Timestamp::now()) })
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    let now = Timestamp::now();
    page::write(out, &wire::of_verdicts(verdicts, now)?)
}

/// Writes the page with everything that `report` holds in it, as one file that asks the network for nothing.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_report(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    page::write(out, &wire::of_report(report)?)
}

/// What the page reads, as JSON: what [`live_page`] asks for.
///
/// # Errors
/// When it cannot be written as JSON, which does not happen.
pub fn report_json(report: &Report<'_>) -> io::Result<String> {
    wire::of_report(report)
}
