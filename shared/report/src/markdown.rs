//! Markdown, to paste into a ticket or a pull request: a summary, then each rule with what it found and what to do.
//!
//! Source: <https://spec.commonmark.org/0.31.2/> and <https://github.github.com/gfm/>.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use model::{Encoder, Finding, Severity, Untrusted};

use crate::entry::{Entry, State};
use crate::{Format, Row, Style, Terminal, Verdict};

pub(crate) static MARKDOWN: Format =
    Format { name: "markdown", about: "for a ticket or a pull request", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_entries(out, rows.iter().map(Entry::from))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_entries(out, verdicts.iter().map(Entry::from))
}

/// The states, what asks for somebody first, and what they are called.
const STATES: [(State, &str); 5] = [
    (State::Open, "Open"),
    (State::Unknown, "Unknown"),
    (State::Suppressed, "Suppressed"),
    (State::Resolved, "Resolved"),
    (State::Clean, "Clean"),
];

/// What one rule found.
#[derive(Default)]
struct Group<'a> {
    /// Whether anything is open, and how bad the worst is.
    worst: Option<(bool, Severity)>,
    entries: Vec<Entry<'a>>,
}

impl<'a> Group<'a> {
    fn add(&mut self, entry: Entry<'a>) {
        self.worst = self.worst.max(Some((entry.state == State::Open, entry.severity)));
        self.entries.push(entry);
    }

    fn count(&self, state: State) -> usize {
        self.entries.iter().filter(|entry| entry.state == state).count()
    }

    fn severity(&self) -> &'static str {
        self.worst.map_or("", |(_, severity)| severity.as_str())
    }
}

fn write_entries<'a>(out: &mut dyn Write, entries: impl Iterator<Item = Entry<'a>>) -> io::Result<()> {
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for entry in entries {
        groups.entry(entry.rule).or_default().add(entry);
    }
    writeln!(out, "# Trailpost findings\n")?;
    if groups.is_empty() {
        return writeln!(out, "No findings.");
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    // The sort is stable: the rules of one severity stay in their order.
    groups.sort_by_key(|group| Reverse(group.worst));
    summary(out, &groups)?;
    groups.iter().try_for_each(|group| section(out, group))
}

/// A table of the rules, with a column for each state that occurs.
fn summary(out: &mut dyn Write, groups: &[Group<'_>]) -> io::Result<()> {
    let occurs = |state| groups.iter().any(|group| group.count(state) > 0);
    let shown: Vec<(State, &str)> = STATES.into_iter().filter(|(state, _)| occurs(*state)).collect();
    write!(out, "| Severity | Rule |")?;
    shown.iter().try_for_each(|(_, name)| write!(out, " {name} |"))?;
    writeln!(out, "\n| --- | --- |{}", " ---: |".repeat(shown.len()))?;
    for group in groups {
        let title = group.entries.first().map_or("", Entry::title);
        write!(out, "| {} | {} |", group.severity(), Prose.encode(title))?;
        shown.iter().try_for_each(|(state, _)| write!(out, " {} |", group.count(*state)))?;
        writeln!(out)?;
    }
    Ok(())
}

fn section(out: &mut dyn Write, group: &Group<'_>) -> io::Result<()> {
    let Some(first) = group.entries.first() else { return Ok(()) };
    writeln!(out, "\n## {}: {}\n", group.severity(), Prose.encode(first.title()))?;
    let rule = format!("Rule {}. {}", Code.encode(first.rule), Prose.encode(&first.why()));
    writeln!(out, "{}\n", rule.trim_end())?;
    for (state, name) in STATES {
        for entry in group.entries.iter().filter(|entry| entry.state == state) {
            item(out, entry, name)?;
        }
    }
    fix(out, first, group)
}

fn item(out: &mut dyn Write, entry: &Entry<'_>, state: &str) -> io::Result<()> {
    write!(out, "- **{state}**")?;
    if entry.finding.is_some_and(Finding::is_provisional) {
        write!(out, ", provisional until a read confirms it")?;
    }
    let mut part = |before: &str, text: &Untrusted| {
        if text.is_empty() { Ok(()) } else { write!(out, "{before}{}", text.encode(&Code)) }
    };
    part(": ", entry.message)?;
    if let Some((resource, _)) = entry.resource {
        part(" - ", resource)?;
    }
    part(" in ", &entry.account)?;
    part(" ", &entry.region)?;
    if let Some(finding) = entry.finding {
        let latest = &finding.latest;
        part(" by ", &latest.actor.principal)?;
        part(" session ", &latest.actor.session)?;
        part(" from ", &latest.actor.source_ip)?;
        part(" with ", &latest.event_name)?;
        part(", refused with ", &latest.error)?;
    }
    let (first, last) = (entry.first_seen.strftime("%F %T"), entry.last_seen.strftime("%F %T"));
    match entry.count {
        1 => write!(out, ", {last} UTC")?,
        count => write!(out, ", {count} times from {first} to {last} UTC")?,
    }
    writeln!(out, " ({})", Code.encode(entry.id.as_str()))
}

/// The commands of so many findings of a rule are shown.
const COMMANDS: usize = 10;

/// What to do: in words, as commands for each that is open, as Terraform.
fn fix(out: &mut dyn Write, entry: &Entry<'_>, group: &Group<'_>) -> io::Result<()> {
    let Some(meta) = entry.meta else { return Ok(()) };
    let advice = entry.advice();
    if !advice.is_empty() {
        writeln!(out, "\n**What to do:** {}", Prose.encode(&advice))?;
    }
    let open: Vec<&Entry<'_>> = group.entries.iter().filter(|entry| entry.state == State::Open).collect();
    let told = if open.is_empty() { vec![entry] } else { open };
    let mut commands: Vec<String> = Vec::new();
    for entry in told.iter().take(COMMANDS) {
        let more = entry.commands();
        if !commands.contains(&more) {
            commands.push(more);
        }
    }
    block(out, "sh", &commands.join("\n"))?;
    if let Some(more) = told.len().checked_sub(COMMANDS).filter(|more| *more > 0 && !meta.fix.cli.is_empty())
    {
        writeln!(out, "\nAnd the same for {more} more, each with its own values.")?;
    }
    block(out, "hcl", &meta.fix.terraform)?;
    entry.references().try_for_each(|url| writeln!(out, "\n<{url}>"))
}

/// Code in a block of its own, where there is any.
fn block(out: &mut dyn Write, language: &str, code: &str) -> io::Result<()> {
    if code.trim().is_empty() {
        return Ok(());
    }
    // A fence of more backticks than the code has anywhere is not ended by it.
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines = code.trim().lines().map(|line| Terminal { longest: 2_000 }.encode(line));
    writeln!(out, "\n{fence}{language}\n{}\n{fence}", lines.collect::<Vec<_>>().join("\n"))
}

/// Makes text of an event or a resource a code span, in which nothing is a link, an image, HTML, a mention or a
/// reference to an issue; a backslash would not keep GitHub from making the last two. What could end the span, act or
/// hide is shown as an escape, as on a terminal.
struct Code;

impl Encoder for Code {
    fn encode(&self, text: &str) -> String {
        let shown = Terminal { longest: 1_000 }.encode(text).replace('`', r"\u{60}").replace('|', r"\u{7c}");
        // A span of spaces alone is none, and one around the text would be taken away.
        if shown.trim().is_empty() { "`-`".to_owned() } else { format!("`{}`", shown.trim()) }
    }
}

/// Makes the words of a rule plain text: a backslash before all punctuation that could mean something. A word that
/// GitHub could make a link, a mention or a reference of whatever stands before it, such as an address, is code.
struct Prose;

impl Prose {
    fn is_reference(word: &str) -> bool {
        let is_host = |(start, _): (usize, &str)| {
            word.get(start + 1..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
        };
        word.contains(['@', '#']) || word.contains("://") || word.match_indices('.').any(is_host)
    }
}

impl Encoder for Prose {
    fn encode(&self, text: &str) -> String {
        let text = Terminal { longest: 4_000 }.encode(text);
        let words = text.split_whitespace().map(|word| {
            if Self::is_reference(word) {
                return Code.encode(word);
            }
            let mut plain = String::with_capacity(word.len());
            for character in word.chars() {
                if character.is_ascii_punctuation() && !",.;'?%/".contains(character) {
                    plain.push('\\');
                }
                plain.push(character);
            }
            plain
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_report_of_findings() {
        let (findings, rule) = (samples::findings(), samples::rule());
        let resolved = samples::posture();
        let rule = |finding: &model::Finding| (finding.rule == rule.id).then_some(&rule);
        let rows: Vec<Row<'_>> =
            findings.iter().chain([&resolved]).map(|finding| Row { finding, rule: rule(finding) }).collect();
        let mut out = Vec::new();
        write(&mut out, &rows, Style::default()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn each_open_finding_has_its_commands_up_to_a_bound() {
        let rule = samples::rule();
        let named = |number: usize| {
            let mut finding = samples::findings().swap_remove(1);
            finding.latest.evidence =
                format!(r#"{{"requestParameters":{{"name":"trail-{number}"}}}}"#).as_str().into();
            finding
        };
        let findings: Vec<_> = (0..12).map(named).collect();
        let rows: Vec<_> = findings.iter().map(|finding| Row { finding, rule: Some(&rule) }).collect();
        let mut out = Vec::new();
        write(&mut out, &rows, Style::default()).unwrap();
        let out = String::from_utf8(out).unwrap();
        let commands: Vec<_> = out.lines().filter(|line| line.starts_with("aws ")).collect();
        assert_eq!(commands.len(), COMMANDS);
        assert_eq!(commands.first(), Some(&"aws cloudtrail start-logging --name trail-0"));
        assert!(out.contains("\nAnd the same for 2 more, each with its own values.\n"), "{out}");
    }

    #[test]
    fn a_report_of_verdicts() {
        let mut out = Vec::new();
        write_verdicts(&mut out, &samples::verdicts(), Style::default()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn no_text_leaves_its_span() {
        assert_eq!(Code.encode("a`[x](y)|\n"), r"`a\u{60}[x](y)\u{7c}\n`");
        assert_eq!(Code.encode("  "), "`-`");
        assert_eq!(Prose.encode("<b>*x*</b> [a](b) #1 @you"), r"\<b\>\*x\*\</b\> \[a\]\(b\) `#1` `@you`");
        assert_eq!(Prose.encode("See www.a.b, x. And"), "See `www.a.b,` x. And");
    }
}
