//! A digest as a mail: what there is, the worst by name, and how to see the rest.

use engine::notify::Digest;
use report::Shape;

use super::page::Page;
use super::plain::tidy;
use super::{quoted, utc};

/// So many rules and accounts have a line.
const LINES: usize = 8;

/// How bad, how many, where.
pub(crate) fn subject(digest: &Digest) -> String {
    let severity = digest.severity().as_str().to_ascii_uppercase();
    let place = match digest.accounts.as_slice() {
        [one] => Shape::Account.of(&one.key).map(|id| format!(" - {id}")).unwrap_or_default(),
        many => format!(" - {} accounts", many.len()),
    };
    format!("[{severity}] {}{place}", findings(digest))
}

pub(crate) fn findings(digest: &Digest) -> String {
    let more = if digest.more { "more than " } else { "" };
    match (digest.findings, digest.over) {
        (1, 1) => "1 resolved finding".to_owned(),
        (1, _) => "1 finding".to_owned(),
        (all, over) if all == over => format!("{more}{all} resolved findings"),
        (all, _) => format!("{more}{all} findings"),
    }
}

pub(crate) fn counts(digest: &Digest) -> String {
    let counts: Vec<String> =
        digest.severities.iter().map(|(severity, count)| format!("{count} {severity}")).collect();
    match digest.over {
        0 => counts.join(", "),
        over => format!("{}; {over} of them over", counts.join(", ")),
    }
}

pub(super) fn body(digest: &Digest) -> String {
    let mut page = Page::default();
    page.facts("WHAT", [format!("{}, told together", findings(digest)), counts(digest)]);
    page.facts("WHEN", [format!("{} to {}", utc(digest.from), utc(digest.until))]);
    page.section("WHAT THEY ARE", rules(digest));
    page.section("WHERE", accounts(digest));
    let worst = digest.worst.iter().flat_map(|line| {
        let state = if line.over { "Resolved: " } else { "" };
        let severity = line.severity.as_str().to_ascii_uppercase();
        let region = quoted(&line.region, 32);
        [
            format!(
                "[{severity}] {state}{} - {} {region}",
                tidy(&line.title, 100),
                quoted(&line.account, 32)
            ),
            format!("    {}", quoted(&line.message, 160)),
            format!("    trailpost explain {}", tidy(line.finding.as_str(), 64)),
        ]
    });
    page.section("THE WORST", worst.take(30).collect());
    page.section(
        "ALL OF THEM",
        vec![format!("    trailpost alerts digest {}", tidy(digest.id.as_str(), 160))],
    );
    page.finish()
}

fn rules(digest: &Digest) -> Vec<String> {
    let line = |rule: &engine::notify::Group<(String, String)>| {
        format!("{:>7} {:<8} {}", rule.count, rule.severity, tidy(&rule.key.1, 80))
    };
    listed(digest.rules.iter().map(line), digest.rules.len(), "rules")
}

fn accounts(digest: &Digest) -> Vec<String> {
    let line = |account: &engine::notify::Group<model::Untrusted>| {
        format!("{:>7} {:<8} account {}", account.count, account.severity, quoted(&account.key, 64))
    };
    listed(digest.accounts.iter().map(line), digest.accounts.len(), "accounts")
}

fn listed(lines: impl Iterator<Item = String>, all: usize, what: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines.take(LINES).collect();
    if all > LINES {
        lines.push(format!("        and {} more {what}", all.saturating_sub(LINES)));
    }
    lines
}
