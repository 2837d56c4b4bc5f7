//! Mutes, and mistakes in them, as people read them.

use std::io::Write;

use model::{Finding, Mute, MuteMatch, Muted, Severity, Timestamp, Untrusted};
use report::Terminal;
use rules::RuleError;

const SHOWN: Terminal = Terminal { longest: 200 };

/// So many findings are named.
const NAMED: usize = 10;

/// Text of an argument or a file, harmless on a terminal.
pub(super) fn text(text: &str) -> String {
    Untrusted::new(text).encode(&SHOWN)
}

/// What is wrong, the line that it stands in, a caret below it, and the remedy.
pub(super) fn mistake(error: &RuleError, file: &str) -> String {
    let RuleError { origin, place, problem, remedy, .. } = error;
    let (problem, remedy) = (text(problem), text(remedy));
    let Some(line) = place.line.checked_sub(1).and_then(|before| file.lines().nth(before)) else {
        return format!("{origin}: {problem}\n  = help: {remedy}");
    };
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let caret = " ".repeat(place.column.saturating_sub(1));
    let line = text(&line.replace('\t', " "));
    format!(
        "{origin}:{number}:{}: {problem}\n{margin} |\n{number} | {line}\n{margin} | {caret}^\n{margin} = help: {remedy}",
        place.column
    )
}

/// What a mute covers, in a line.
pub(super) fn matches(matches: &MuteMatch) -> String {
    let fields = [
        ("rule", &matches.rule),
        ("resource", &matches.resource),
        ("account", &matches.account),
        ("region", &matches.region),
        ("principal", &matches.principal),
    ];
    let mut parts: Vec<String> = fields
        .into_iter()
        .filter(|(_, patterns)| !patterns.is_empty())
        .map(|(field, patterns)| format!("{field} {}", few(patterns)))
        .collect();
    parts.extend(matches.tags.iter().map(|(key, pattern)| format!("tag {}={}", text(key), text(pattern))));
    parts.join(", ")
}

fn few(patterns: &[String]) -> String {
    let named: Vec<String> = patterns.iter().take(3).map(|pattern| text(pattern)).collect();
    match patterns.len().saturating_sub(named.len()) {
        0 => named.join(" or "),
        more => format!("{} or {more} more", named.join(" or ")),
    }
}

/// How long a mute holds on.
pub(super) fn left(mute: &Mute, now: Timestamp) -> String {
    let seconds = mute.expires.as_second().saturating_sub(now.as_second());
    match seconds {
        ..=0 => "expired".to_owned(),
        1..86_400 => "less than a day left".to_owned(),
        86_400..172_800 => "1 day left".to_owned(),
        _ => format!("{} days left", seconds / 86_400),
    }
}

/// By which mute a finding is hidden, in a line.
pub(crate) fn muted(muted: &Muted) -> String {
    let Muted { id, owner, reason, expires } = muted;
    let (owner, reason) = (owner.encode(&SHOWN), reason.encode(&SHOWN));
    format!("by {} of {owner} until {}: {reason}", text(id), expires.strftime("%Y-%m-%d"))
}

/// How many findings there are, by severity, and some of them.
pub(super) fn findings(out: &mut impl Write, findings: &[&Finding]) -> std::io::Result<()> {
    let mut worst = findings.to_vec();
    worst.sort_by(|a, b| (b.severity, b.last_seen, &a.id).cmp(&(a.severity, a.last_seen, &b.id)));
    for finding in worst.iter().take(NAMED) {
        let resource = finding.posture.as_ref().map_or(&finding.scope, |posture| &posture.resource);
        let id = text(&finding.id.as_str().chars().take(8).collect::<String>());
        let (severity, rule) = (finding.severity, text(&finding.rule));
        writeln!(out, "  {severity:<8} {id}  {rule}  {}", resource.encode(&SHOWN))?;
    }
    if worst.len() > NAMED {
        writeln!(out, "  … and {} more", worst.len().saturating_sub(NAMED))?;
    }
    Ok(())
}

/// `3 findings (1 critical, 2 low)`.
pub(super) fn count(findings: &[&Finding]) -> String {
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| of(*severity) > 0)
        .map(|severity| format!("{} {severity}", of(severity)))
        .collect();
    match findings.len() {
        0 => "no finding".to_owned(),
        1 => format!("1 finding ({})", counts.join(", ")),
        several => format!("{several} findings ({})", counts.join(", ")),
    }
}
