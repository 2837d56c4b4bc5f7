//! What the page reads: JSON with short names, every text harmless and of bounded length.
//!
//! Times are seconds since 1970, spans are seconds, and what is empty is left out, so that 100,000 findings stay a page.

mod cause;
mod finding;
mod moment;
mod rule;
mod verdict;

use std::collections::BTreeMap;
use std::io;

use model::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};

use super::report::{Report, Tally};
use crate::terminal::escape_json;
use crate::{Terminal, Verdict};

use finding::FindingOnPage;
use moment::MomentOnPage;
use rule::RuleOnPage;

/// The most characters of a text that the page shows.
const LONGEST: usize = 1_000;

/// Somebody else's text for the page: what acts or cannot be seen is shown as an escape, as on a terminal.
fn shown(text: &Untrusted) -> String {
    text.encode(&Terminal { longest: LONGEST })
}

fn seconds(time: Timestamp) -> i64 {
    time.as_second()
}

/// The page's data.
#[derive(Serialize)]
struct Data<'a, F> {
    made: i64,
    rules: BTreeMap<&'a str, RuleOnPage<'a>>,
    findings: F,
    tallies: Vec<TallyOnPage<'a>>,
    frameworks: Vec<FrameworkOnPage<'a>>,
    lives: Vec<Vec<MomentOnPage>>,
}

#[derive(Serialize)]
struct TallyOnPage<'a> {
    check: &'a str,
    service: &'a str,
    account: &'a str,
    region: &'a str,
    clean: u64,
    unknown: u64,
}

#[derive(Serialize)]
struct FrameworkOnPage<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    source: &'a str,
    controls: Vec<Control<'a>>,
}

#[derive(Serialize)]
struct Control<'a> {
    id: &'a str,
    checks: &'a [String],
}

/// Writes each finding as it is made, so that not all of them are in memory twice.
struct OneByOne<F>(F);

impl<F> Serialize for OneByOne<F>
where
    F: Iterator<Item: Serialize> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

pub(super) fn of_report(report: &Report<'_>) -> io::Result<String> {
    let places = report.places();
    let titles = report.checks.iter().map(|meta| (meta.id.as_str(), RuleOnPage::brief(&meta.title)));
    let mut rules: BTreeMap<&str, RuleOnPage<'_>> = titles.collect();
    for entry in &report.entries {
        let rule = entry.rule.map_or_else(|| RuleOnPage::brief(&entry.finding.title), RuleOnPage::known);
        rules.insert(&entry.finding.rule, rule);
    }
    let findings = report.entries.iter().map(|entry| FindingOnPage::new(entry, &places));
    let tallies = report.tallies.iter().map(|one| {
        let Tally { check, resource_type, account, region, clean, unknown } = one;
        let service = finding::service_of_type(resource_type);
        TallyOnPage { check, service, account, region, clean: *clean, unknown: *unknown }
    });
    let frameworks = report.frameworks.iter().map(|framework| FrameworkOnPage {
        id: framework.id,
        title: framework.title,
        version: framework.version,
        source: framework.source,
        controls: framework.controls.iter().map(|(id, checks)| Control { id, checks }).collect(),
    });
    to_text(&Data {
        made: seconds(report.made_at),
        rules,
        findings: OneByOne(findings),
        tallies: tallies.collect(),
        frameworks: frameworks.collect(),
        lives: report.lives.iter().map(moment::of_life).collect(),
    })
}

/// The page's data of a scan's rows: what they and their rules say, and no more.
pub(super) fn of_verdicts(verdicts: &[Verdict], now: Timestamp) -> io::Result<String> {
    let rules = verdicts.iter().map(|row| (row.check.as_str(), RuleOnPage::of_verdict(row)));
    let tallies = verdicts.iter().filter(|row| row.status != "finding").map(|row| TallyOnPage {
        check: &row.check,
        service: finding::service_of_type(&row.resource_type),
        account: &row.account,
        region: &row.region,
        clean: u64::from(row.status == "clean"),
        unknown: u64::from(row.status == "unknown"),
    });
    let found = verdicts.iter().filter(|row| row.status == "finding");
    to_text(&Data {
        made: seconds(now),
        rules: rules.collect(),
        findings: OneByOne(found.map(|row| verdict::VerdictOnPage::new(row, now))),
        tallies: tallies.collect(),
        frameworks: Vec::new(),
        lives: Vec::new(),
    })
}

/// JSON that can stand within a `script` element: no `<` is in it, so that nothing in it ends the element or begins a
/// comment. <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>
fn to_text(data: &impl Serialize) -> io::Result<String> {
    let json = serde_json::to_string(data)?;
    Ok(escape_json(&json).replace('<', "\\u003c"))
}
