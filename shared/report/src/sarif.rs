//! SARIF 2.1.0, as code scanning and many viewers take it.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, and for what GitHub adds
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;
use std::io::{self, Write};

use model::{Encoder, Severity, Untrusted};
use serde_json::{Value, json};

use crate::entry::{Entry, State, flowing};
use crate::fix::commands;
use crate::json::to_text;
use crate::{Format, Row, Style, Terminal, Verdict};

pub(crate) static SARIF: Format =
    Format { name: "sarif", about: "for code scanning and viewers: SARIF 2.1.0", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_entries(out, rows.iter().map(Entry::from))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_entries(out, verdicts.iter().map(Entry::from))
}

/// Writes the rules first, then the results one by one, so that only the rules are in memory.
fn write_entries<'a>(
    out: &mut dyn Write,
    entries: impl Iterator<Item = Entry<'a>> + Clone,
) -> io::Result<()> {
    let mut rules: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    for entry in entries.clone() {
        rules.entry(entry.rule).or_insert(entry);
    }
    let indices: BTreeMap<&str, usize> = rules.keys().copied().zip(0..).collect();
    let driver = json!({
        "name": "Trailpost",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules.values().map(rule).collect::<Vec<_>>(),
    });
    writeln!(out, "{{")?;
    writeln!(out, r#""$schema": "https://json.schemastore.org/sarif-2.1.0.json","#)?;
    writeln!(out, r#""version": "2.1.0","#)?;
    writeln!(out, r#""runs": [{{"#)?;
    writeln!(out, r#""tool": {{"driver": {}}},"#, to_text(&driver, serde_json::to_string)?)?;
    writeln!(out, r#""columnKind": "unicodeCodePoints","#)?;
    write!(out, r#""results": ["#)?;
    let mut before = "\n";
    for entry in entries {
        let index = indices.get(entry.rule).copied().unwrap_or_default();
        write!(out, "{before}{}", to_text(&result(&entry, index), serde_json::to_string)?)?;
        before = ",\n";
    }
    writeln!(out, "\n]\n}}]\n}}")
}

/// What a rule says of itself; of one that is not loaded, what its first finding says.
fn rule(entry: &Entry<'_>) -> Value {
    let title = Text.encode(entry.title());
    let severity = entry.meta.map_or(entry.severity, |meta| meta.severity);
    let mut tags = vec!["security".to_owned(), "aws".to_owned()];
    tags.push(if entry.is_check() { "check" } else { "signature" }.to_owned());
    let mut rule = json!({
        "id": entry.rule,
        "name": entry.rule,
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": level(severity) },
    });
    let mut put = |name: &str, value: Value| {
        if let Some(members) = rule.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    if let Some(meta) = entry.meta {
        tags.extend(meta.attack.iter().map(|id| format!("external/attack/{}", id.to_ascii_lowercase())));
    }
    let why = Text.encode(&entry.why());
    if !why.is_empty() {
        put("fullDescription", json!({ "text": why }));
    }
    // A rule is told once for all that it found, so its commands hold the values of none.
    let nothing = Untrusted::default();
    let command = entry.meta.map_or_else(String::new, |meta| commands(&meta.fix, &nothing).text);
    let command = Text.encode(&flowing(&command));
    let help = [why, Text.encode(&entry.advice()), command];
    let help: Vec<String> = help.into_iter().filter(|text| !text.is_empty()).collect();
    if !help.is_empty() {
        put("help", json!({ "text": help.join("\n\n") }));
    }
    if let Some(url) = entry.references().next() {
        put("helpUri", json!(url));
    }
    put("properties", json!({ "tags": tags, "precision": "high", "security-severity": score(severity) }));
    rule
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// In the middle of what GitHub calls so: above 9.0 critical, from 7.0 high, from 4.0 medium, from 0.1 low.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn result(entry: &Entry<'_>, index: usize) -> Value {
    // Of what is over, what is clean and what could not be judged, only `kind` tells; its level is none by the standard.
    let (kind, level) = match entry.state {
        State::Open | State::Suppressed => ("fail", level(entry.severity)),
        State::Resolved | State::Clean => ("pass", "none"),
        State::Unknown => ("open", "none"),
    };
    let mut result = json!({
        "ruleId": entry.rule,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": { "text": entry.sentence().encode(&Text) },
        "locations": [location(entry)],
        "partialFingerprints": { "trailpostFinding/v1": *entry.id },
        "occurrenceCount": entry.count.clamp(1, i32::MAX.unsigned_abs().into()),
        "properties": properties(entry),
    });
    if let (State::Suppressed, Some(members)) = (entry.state, result.as_object_mut()) {
        members.insert("suppressions".to_owned(), json!([{ "kind": "external", "status": "accepted" }]));
    }
    result
}

/// A live resource is no file, so it is a logical location. GitHub shows no result without a file, so there is a path
/// too that names the place: it holds ids only.
fn location(entry: &Entry<'_>) -> Value {
    let (account, region) = (entry.account_id(), entry.region_id());
    let mut logical = Vec::new();
    if let Some((resource, kind)) = entry.resource {
        logical
            .push(json!({ "fullyQualifiedName": resource.encode(&Text), "kind": "resource", "name": kind }));
    }
    let place = format!("aws/{account}/{region}");
    logical.push(json!({ "fullyQualifiedName": place, "kind": "account", "name": account }));
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": format!("{place}/{}", path_part(entry.rule)) },
            "region": { "startLine": 1 },
        },
        "logicalLocations": logical,
    })
}

fn path_part(text: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    text.chars().take(128).map(plain).collect()
}

fn properties(entry: &Entry<'_>) -> Value {
    let latest = entry.finding.map(|finding| &finding.latest);
    json!({
        "id": *entry.id,
        "status": entry.state.as_str(),
        "severity": entry.severity,
        "account": *entry.account,
        "region": *entry.region,
        "resource": entry.resource.map(|(resource, _)| resource),
        "resourceType": entry.resource.map(|(_, kind)| kind),
        "firstSeen": entry.first_seen,
        "lastSeen": entry.last_seen,
        "principal": latest.map(|latest| &latest.actor.principal),
        "sourceIp": latest.map(|latest| &latest.actor.source_ip),
        "eventId": entry.event_id(),
        "eventName": latest.map(|latest| &latest.event_name),
    })
}

/// Makes text plain in a message: `[a](b)` would be a link and `{0}` a placeholder, see sections 3.11.5 and 3.11.6. What
/// could act or hide is shown as an escape, as on a terminal.
struct Text;

impl Encoder for Text {
    fn encode(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for character in (Terminal { longest: 4_000 }).encode(text).chars() {
            match character {
                '[' | ']' | '\\' => plain.extend(['\\', character]),
                '{' | '}' => plain.extend([character, character]),
                _ => plain.push(character),
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn written(rows: &[Row<'_>], verdicts: &[Verdict]) -> [Value; 2] {
        let (mut findings, mut judged) = (Vec::new(), Vec::new());
        write(&mut findings, rows, Style::default()).unwrap();
        write_verdicts(&mut judged, verdicts, Style::default()).unwrap();
        [findings, judged].map(|json| serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn a_log_of_findings() {
        let (finding, rule) = (samples::findings().swap_remove(1), samples::rule());
        let [log, _] = written(&[Row { finding: &finding, rule: Some(&rule) }], &[]);
        let shown = serde_json::to_string_pretty(&log).unwrap();
        insta::assert_snapshot!(shown.replace(env!("CARGO_PKG_VERSION"), "[version]"));
    }

    #[test]
    fn each_kind_of_verdict_has_its_kind_of_result() {
        let [empty, log] = written(&[], &samples::verdicts());
        assert_eq!(empty["runs"][0]["results"], json!([]));
        let results = log["runs"][0]["results"].as_array().unwrap();
        let kinds: Vec<_> = results.iter().map(|result| (&result["kind"], &result["level"])).collect();
        assert_eq!(
            kinds,
            [
                (&json!("fail"), &json!("warning")),
                (&json!("pass"), &json!("none")),
                (&json!("open"), &json!("none")),
            ]
        );
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        let finding = samples::posture();
        assert_eq!(results[0]["partialFingerprints"]["trailpostFinding/v1"], finding.id.as_str());
    }

    #[test]
    fn no_message_holds_a_link_or_a_placeholder() {
        assert_eq!(Text.encode("[a](https://x) {0} \\[b](1)"), r"\[a\](https://x) {{0}} \\\[b\](1)");
    }
}
