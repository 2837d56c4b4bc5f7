//! Comma-separated values, RFC 4180, as UTF-8: for spreadsheets and for scripts.

use std::io::{self, Write};

use model::{Encoder, Untrusted};

use crate::entry::Entry;
use crate::{Format, Row, Style, Terminal, Verdict};

pub(crate) static CSV: Format =
    Format { name: "csv", about: "for spreadsheets: RFC 4180, no cell is a formula", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_entries(out, rows.iter().map(Entry::from))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_entries(out, verdicts.iter().map(Entry::from))
}

/// A column, and what stands in it. Columns may be added behind these, and are never renamed, moved or removed.
type Column = (&'static str, fn(&Entry<'_>) -> Untrusted);

static COLUMNS: &[Column] = &[
    ("id", |entry| entry.id.as_str().into()),
    ("status", |entry| entry.state.as_str().into()),
    ("severity", |entry| entry.severity.as_str().into()),
    ("rule", |entry| entry.rule.into()),
    ("title", |entry| entry.title.into()),
    ("account", |entry| entry.account.clone().into_owned()),
    ("region", |entry| entry.region.clone().into_owned()),
    ("resource", |entry| entry.resource.map_or_else(Untrusted::default, |(resource, _)| resource.clone())),
    ("resource_type", |entry| entry.resource.map_or("", |(_, kind)| kind).into()),
    ("message", |entry| entry.message.clone()),
    ("first_seen", |entry| Untrusted::new(entry.first_seen.to_string())),
    ("last_seen", |entry| Untrusted::new(entry.last_seen.to_string())),
    ("updated", |entry| Untrusted::new(entry.updated.to_string())),
    ("count", |entry| Untrusted::new(entry.count.to_string())),
    ("outcome", |entry| entry.finding.map_or("", |finding| finding.outcome.as_str()).into()),
    ("scope", |entry| of_finding(entry, |finding| &finding.scope)),
    ("principal", |entry| of_finding(entry, |finding| &finding.latest.actor.principal)),
    ("session", |entry| of_finding(entry, |finding| &finding.latest.actor.session)),
    ("source_ip", |entry| of_finding(entry, |finding| &finding.latest.actor.source_ip)),
    ("user_agent", |entry| of_finding(entry, |finding| &finding.latest.actor.user_agent)),
    ("event_id", |entry| entry.event_id().cloned().unwrap_or_default()),
    ("event_source", |entry| of_finding(entry, |finding| &finding.latest.event_source)),
    ("event_name", |entry| of_finding(entry, |finding| &finding.latest.event_name)),
    ("error", |entry| of_finding(entry, |finding| &finding.latest.error)),
    ("cause", |entry| {
        let posture = entry.finding.and_then(|finding| finding.posture.as_ref());
        let episode = posture.and_then(|posture| posture.episode());
        episode.map_or("", |episode| episode.cause.certainty.as_str()).into()
    }),
    ("attack", |entry| Untrusted::new(entry.meta.map(|meta| meta.attack.join(" ")).unwrap_or_default())),
    ("fix", |entry| entry.meta.map_or("", |meta| meta.fix.text.trim()).into()),
];

fn of_finding(entry: &Entry<'_>, field: fn(&model::Finding) -> &Untrusted) -> Untrusted {
    entry.finding.map(field).cloned().unwrap_or_default()
}

fn write_entries<'a>(out: &mut dyn Write, entries: impl Iterator<Item = Entry<'a>>) -> io::Result<()> {
    line(out, COLUMNS.iter().map(|(name, _)| (*name).to_owned()))?;
    for entry in entries {
        line(out, COLUMNS.iter().map(|(_, cell)| cell(&entry).encode(&Cell)))?;
    }
    Ok(())
}

pub(crate) fn line(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    for (number, cell) in cells.enumerate() {
        write!(out, "{}{cell}", if number == 0 { "" } else { "," })?;
    }
    write!(out, "\r\n")
}

/// Makes text one cell that no program takes for a formula.
///
/// A spreadsheet runs a cell that begins with one of `= + - @`, a tab or a carriage return; a `'` before it makes it
/// text. One that splits at `;`, as in many countries, begins a new cell there. See
/// <https://owasp.org/www-community/attacks/CSV_Injection>. What cannot be seen is shown as an escape, as on a
/// terminal, so that a cell is one line.
pub(crate) struct Cell;

impl Cell {
    /// The most characters: Excel's cells hold 32,767.
    const LONGEST: usize = 32_000;

    /// What begins a formula, in the full width of East Asian keyboards too.
    const ACTIVE: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
}

impl Encoder for Cell {
    fn encode(&self, text: &str) -> String {
        let shown = Terminal { longest: Self::LONGEST }.encode(text);
        let mut cell = String::with_capacity(shown.len());
        if text.starts_with(Self::ACTIVE) {
            cell.push('\'');
        }
        let mut is_start = !text.starts_with(Self::ACTIVE);
        for character in shown.chars() {
            if is_start && Self::ACTIVE.contains(&character) {
                cell.push('\'');
            }
            is_start = character == ';' || is_start && (character.is_whitespace() || character == '"');
            cell.push(character);
        }
        if cell.contains([',', ';', '"', ' ']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn findings_and_verdicts_have_the_same_columns() {
        let (finding, rule) = (samples::posture(), samples::rule());
        let mut out = Vec::new();
        write(&mut out, &[Row { finding: &finding, rule: Some(&rule) }], Style::default()).unwrap();
        let findings = String::from_utf8(out).unwrap();
        let mut out = Vec::new();
        write_verdicts(&mut out, &samples::verdicts(), Style::default()).unwrap();
        let verdicts = String::from_utf8(out).unwrap();
        assert_eq!(findings.lines().next(), verdicts.lines().next());
        assert!(findings.ends_with("\r\n"));
        insta::assert_snapshot!(format!("{findings}{verdicts}").replace('\r', ""));
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let cell = Cell.encode(text);
            assert!(cell.trim_start_matches('"').starts_with('\''), "{cell}");
        }
        assert_eq!(Cell.encode(" =1"), "\" '=1\"");
        assert_eq!(Cell.encode("a;=cmd|' /C calc'!A0"), "\"a;'=cmd|' /C calc'!A0\"");
        assert_eq!(Cell.encode("a;\"=1"), "\"a;\"\"'=1\"");
        assert_eq!(Cell.encode("2026-03-01"), "2026-03-01");
    }

    #[test]
    fn quotes_and_commas_stay_in_their_cell() {
        assert_eq!(Cell.encode(r#"a,"b"#), r#""a,""b""#);
        assert_eq!(Cell.encode("a\r\nb"), r"a\r\nb");
        assert_eq!(Cell.encode(""), "");
    }
}
