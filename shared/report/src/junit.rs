//! `JUnit` XML, as build servers show it: a test case for each finding, and for each check and resource.
//!
//! There is no standard; this is what Jenkins, GitLab and others read. See <https://github.com/testmoapp/junitxml>.

use std::io::{self, Write};

use model::{Encoder, Untrusted};

use crate::entry::{Entry, State};
use crate::{Format, Row, Style, Terminal, Verdict};

pub(crate) static JUNIT: Format = Format {
    name: "junit",
    about: "for build servers: a test case for each check and resource",
    write,
    write_verdicts,
};

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_entries(out, rows.iter().map(Entry::from))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_entries(out, verdicts.iter().map(Entry::from))
}

/// How many test cases there are of each kind.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn write_entries<'a>(
    out: &mut dyn Write,
    entries: impl Iterator<Item = Entry<'a>> + Clone,
) -> io::Result<()> {
    let mut counts = Counts::default();
    for entry in entries.clone() {
        counts.tests += 1;
        match entry.state {
            State::Open => counts.failures += 1,
            State::Unknown => counts.errors += 1,
            State::Suppressed => counts.skipped += 1,
            State::Resolved | State::Clean => {}
        }
    }
    let Counts { tests, failures, errors, skipped } = counts;
    let numbers =
        format!(r#"tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="0""#);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="trailpost" {numbers}>"#)?;
    writeln!(out, r#"  <testsuite name="trailpost" {numbers}>"#)?;
    for entry in entries {
        test_case(out, &entry)?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

/// What was judged, by one name a place: servers tell test cases by their class and name.
fn test_case(out: &mut dyn Write, entry: &Entry<'_>) -> io::Result<()> {
    let class = Xml.encode(entry.rule);
    let nothing = Untrusted::default();
    let what = match (entry.resource, entry.finding) {
        (Some((resource, _)), _) => resource,
        (None, finding) => finding.map_or(&nothing, |finding| &finding.scope),
    };
    let outcome = entry.finding.map_or("", |finding| finding.outcome.as_str());
    let outcome = if outcome == "attempt" { " attempt" } else { "" };
    let (what, account, region) = (what.encode(&Xml), entry.account.encode(&Xml), entry.region.encode(&Xml));
    let name = format!("{what} in {account} {region}{outcome}");
    write!(out, r#"    <testcase classname="{class}" name="{name}" time="0""#)?;
    let message = entry.sentence().encode(&Xml);
    match entry.state {
        State::Resolved | State::Clean => writeln!(out, "/>"),
        State::Suppressed => {
            writeln!(out, ">\n      <skipped message=\"suppressed: {message}\"/>\n    </testcase>")
        }
        State::Unknown => {
            let title = Xml.encode(entry.title());
            writeln!(
                out,
                ">\n      <error type=\"unknown\" message=\"{message}\">{title}</error>\n    </testcase>"
            )
        }
        State::Open => {
            let severity = entry.severity;
            writeln!(
                out,
                ">\n      <failure type=\"{severity}\" message=\"{message}\">{}</failure>",
                body(entry)
            )?;
            writeln!(out, "    </testcase>")
        }
    }
}

/// What somebody has to know who sees nothing but the failure.
fn body(entry: &Entry<'_>) -> String {
    let mut lines = vec![Xml.encode(entry.title())];
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name}: {value}"));
        }
    };
    line("finding", Xml.encode(entry.id.as_str()));
    line("seen", format!("{} to {}, {} times", entry.first_seen, entry.last_seen, entry.count));
    if let Some(finding) = entry.finding {
        line("who", finding.latest.actor.principal.encode(&Xml));
        line("from", finding.latest.actor.source_ip.encode(&Xml));
        line("call", finding.latest.event_name.encode(&Xml));
    }
    line("why", Xml.encode(&entry.why()));
    line("fix", Xml.encode(&entry.advice()));
    for command in entry.commands().lines() {
        line("  $", Xml.encode(command));
    }
    lines.join("\n")
}

/// Makes text harmless in XML, in text and in attributes. What XML 1.0 does not allow even as a reference (most control
/// characters, U+FFFE, U+FFFF; <https://www.w3.org/TR/xml/#charsets>) is shown as an escape, as on a terminal.
struct Xml;

impl Encoder for Xml {
    fn encode(&self, text: &str) -> String {
        let mut encoded = String::with_capacity(text.len());
        for character in (Terminal { longest: 4_000 }).encode(text).chars() {
            match character {
                '&' => encoded.push_str("&amp;"),
                '<' => encoded.push_str("&lt;"),
                '>' => encoded.push_str("&gt;"),
                '"' => encoded.push_str("&quot;"),
                '\'' => encoded.push_str("&apos;"),
                '\u{fffe}' | '\u{ffff}' => encoded.extend(character.escape_unicode()),
                _ => encoded.push(character),
            }
        }
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn findings_fail_and_what_is_over_passes() {
        let (mut finding, rule) = (samples::posture(), samples::rule());
        let resolved = finding.clone();
        finding.status = model::Status::Open;
        let rows = [Row { finding: &finding, rule: Some(&rule) }, Row { finding: &resolved, rule: None }];
        let mut out = Vec::new();
        write(&mut out, &rows, Style::default()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn what_is_unknown_is_an_error() {
        let mut out = Vec::new();
        write_verdicts(&mut out, &samples::verdicts(), Style::default()).unwrap();
        let xml = String::from_utf8(out).unwrap();
        assert!(xml.contains(r#"tests="3" failures="1" errors="1" skipped="0""#), "{xml}");
        assert!(xml.contains(r#"<error type="unknown" message="s3:ListAllMyBuckets was denied">"#), "{xml}");
    }

    #[test]
    fn no_text_ends_its_place() {
        assert_eq!(Xml.encode("]]></failure>\"'&"), "]]&gt;&lt;/failure&gt;&quot;&apos;&amp;");
        assert_eq!(Xml.encode("\0\u{b}\n\u{ffff}é😀"), "\\u{0}\\u{b}\\n\\u{ffff}é😀");
    }
}
