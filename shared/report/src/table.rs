//! A table for people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use model::{Actor, Encoder, Finding, Outcome, Severity, Status, Untrusted};

use crate::{Format, Row, Style, Terminal, Verdict};

pub(crate) static TABLE: Format =
    Format { name: "table", about: "for people, as wide as the terminal", write, write_verdicts };

/// The columns: what is narrow by nature keeps its width, the others share the rest.
const COLUMNS: [(&str, ColumnConstraint); 6] = [
    ("Severity\nId", ColumnConstraint::ContentWidth),
    ("What", ColumnConstraint::LowerBoundary(Width::Fixed(16))),
    ("Who", ColumnConstraint::Boundaries { lower: Width::Fixed(14), upper: Width::Percentage(30) }),
    ("Where", ColumnConstraint::ContentWidth),
    ("When (UTC)", ColumnConstraint::ContentWidth),
    ("Count", ColumnConstraint::ContentWidth),
];

/// A table is never narrower: words would be broken into pieces.
const NARROWEST: u16 = 80;

/// Below this width there is no room for the count.
const ROOMY: u16 = 96;

/// The most lines of one row.
const LINES: usize = 5;

/// Lines between the rows, space between the columns.
const LINED: TableStyle = TableStyle::new()
    .header_separator(LineStyle::none().fill('━'))
    .row_separator(LineStyle::none().fill('─'));

/// The columns of what checks say.
const VERDICT_COLUMNS: [(&str, ColumnConstraint); 4] = [
    ("Severity\nId", ColumnConstraint::ContentWidth),
    ("What", ColumnConstraint::LowerBoundary(Width::Fixed(24))),
    ("Resource", ColumnConstraint::LowerBoundary(Width::Fixed(20))),
    ("Where", ColumnConstraint::ContentWidth),
];

fn write(out: &mut dyn Write, rows: &[Row<'_>], style: Style) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = lined(COLUMNS, style);
    if let Some(count) = table.column_mut(COLUMNS.len() - 1).filter(|_| style.width < ROOMY) {
        count.set_constraint(ColumnConstraint::Hidden);
    }
    for row in rows {
        add(&mut table, cells(row.finding));
    }
    print(out, &table, style)
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], style: Style) -> io::Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let mut table = lined(VERDICT_COLUMNS, style);
    let together = |a: &Verdict, b: &Verdict| {
        (&a.check, a.status, a.change, &a.muted) == (&b.check, b.status, b.change, &b.muted)
    };
    for verdicts in verdicts.chunk_by(together) {
        if let Some(cells) = verdict_cells(verdicts) {
            add(&mut table, cells);
        }
    }
    print(out, &table, style)
}

fn lined<const N: usize>(columns: [(&str, ColumnConstraint); N], style: Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(LINED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width.max(NARROWEST))
        .set_truncation_indicator("…")
        .set_header(columns.map(|(name, _)| name))
        .set_constraints(columns.map(|(_, constraint)| constraint));
    table
}

fn add<const N: usize>(table: &mut Table, cells: [Cell; N]) {
    let mut cells = comfy_table::Row::from(cells);
    cells.max_height(LINES);
    table.add_row(cells);
}

fn print(out: &mut dyn Write, table: &Table, style: Style) -> io::Result<()> {
    table.lines().try_for_each(|line| {
        let line = line.trim_end();
        if style.colour { writeln!(out, "{}", painted(line)) } else { writeln!(out, "{line}") }
    })
}

fn cells(finding: &Finding) -> [Cell; 6] {
    let id = finding.id.as_str();
    let id = Terminal { longest: 8 }.encode(id.get(..8).unwrap_or(id));
    [
        Cell::new(format!("{}\n{id}", label(finding.severity))),
        Cell::new(what(finding)),
        Cell::new(who(&finding.latest.actor)),
        Cell::new(format!("{}\n{}", shown(&finding.account, 16), shown(&finding.region, 16))),
        Cell::new(finding.last_seen.strftime("%Y-%m-%d\n%H:%M:%S")),
        Cell::new(finding.count).set_alignment(CellAlignment::Right),
    ]
}

/// So many resources of a row are named, the others counted.
const NAMED: usize = 3;

/// What one check says of several resources, in one row: an account has thousands of findings.
fn verdict_cells(verdicts: &[Verdict]) -> Option<[Cell; 4]> {
    let first = verdicts.first()?;
    let id = first.finding.as_ref().map(|id| id.as_str().chars().take(8).collect::<String>());
    let second_line = match verdicts.len() {
        1 => id.unwrap_or_default(),
        count => format!("× {count}"),
    };
    let state = match (first.status, first.change) {
        ("finding", _) if first.muted.is_some() => "Muted: ",
        ("finding", Some("new")) => "New: ",
        ("finding", Some("reopened")) => "Again: ",
        ("finding", _) => "",
        ("clean", _) => "Clean: ",
        _ => "Unknown: ",
    };
    let title = Terminal { longest: 120 }.encode(&first.title);
    let reason = first.reason.encode(&Terminal { longest: 300 });
    let mut resources: Vec<String> = verdicts
        .iter()
        .take(NAMED)
        .map(|verdict| verdict.resource.encode(&Terminal { longest: 120 }))
        .collect();
    if verdicts.len() > NAMED {
        resources.push(format!("and {} more", verdicts.len() - NAMED));
    }
    let places: BTreeSet<(&str, &str)> =
        verdicts.iter().map(|verdict| (verdict.account.as_str(), verdict.region.as_str())).collect();
    let place = match places.len() {
        1 => format!("{}\n{}", first.account, first.region),
        count => format!("{}\n{count} places", first.account),
    };
    Some([
        Cell::new(format!("{}\n{second_line}", label(first.severity))),
        Cell::new(format!("{state}{title}\n{reason}").trim_end()),
        Cell::new(resources.join("\n")),
        Cell::new(place),
    ])
}

fn shown(text: &Untrusted, longest: usize) -> String {
    if text.is_empty() { "-".to_owned() } else { text.encode(&Terminal { longest }) }
}

fn what(finding: &Finding) -> String {
    let state = match (finding.status, finding.outcome) {
        (Status::Resolved, _) if finding.closed.is_some() => "Closed: ",
        (Status::Resolved, _) => "Resolved: ",
        (Status::Open, _) if finding.muted.is_some() => "Muted: ",
        (Status::Open, _) if finding.is_provisional() => "Provisional: ",
        (Status::Open, Outcome::Attempt) => "Attempt: ",
        (Status::Open, Outcome::Success) => "",
    };
    let title = Terminal { longest: 120 }.encode(&finding.title);
    let message = finding.latest.message.encode(&Terminal { longest: 200 });
    let resource =
        finding.posture.as_ref().map(|posture| posture.resource.encode(&Terminal { longest: 120 }));
    let message = match resource {
        Some(resource) => format!("{message}\n{resource}"),
        None => message,
    };
    if message.is_empty() || message == title {
        format!("{state}{title}")
    } else {
        format!("{state}{title}\n{message}")
    }
}

fn who(actor: &Actor) -> String {
    let principal = actor.principal.encode(&Principal);
    let session = actor.session.encode(&Terminal { longest: 64 });
    let from = actor.source_ip.encode(&Terminal { longest: 64 });
    let lines = [principal, session, from];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What names a principal within its account: `role/Admin` of `arn:aws:iam::111122223333:role/path/Admin`.
struct Principal;

impl Encoder for Principal {
    fn encode(&self, text: &str) -> String {
        let name = if text.starts_with("arn:") { text.splitn(6, ':').last().unwrap_or(text) } else { text };
        let name = match (name.split_once('/'), name.rsplit_once('/')) {
            (Some((kind, _)), Some((_, name))) => format!("{kind}/{name}"),
            _ => name.to_owned(),
        };
        Terminal { longest: 80 }.encode(&name)
    }
}

/// A word, and a sign that the eye finds; both the same without colour.
const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "◆ critical",
        Severity::High => "▲ high",
        Severity::Medium => "● medium",
        Severity::Low => "○ low",
        Severity::Info => "· info",
    }
}

/// `line` with its severity coloured. Only the first column can be at the start of a line, and it holds only labels
/// and ids, so what stands there is never somebody else's text.
fn painted(line: &str) -> String {
    let painted = Severity::ALL.into_iter().find_map(|severity| {
        let label = label(severity);
        let rest = line.strip_prefix(' ')?.strip_prefix(label)?;
        // Select graphic rendition, ECMA-48, section 8.3.117.
        let colour = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "34",
            Severity::Info => "2",
        };
        Some(format!(" \u{1b}[{colour}m{label}\u{1b}[0m{rest}"))
    });
    painted.unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn table(findings: &[Finding], style: Style) -> String {
        let rows: Vec<Row<'_>> = findings.iter().map(|finding| Row { finding, rule: None }).collect();
        let mut out = Vec::new();
        write(&mut out, &rows, style).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn findings_at_100_columns() {
        insta::assert_snapshot!(table(&samples::findings(), Style::default()));
    }

    #[test]
    fn findings_at_160_columns() {
        insta::assert_snapshot!(table(&samples::findings(), Style { width: 160, colour: false }));
    }

    #[test]
    fn findings_at_80_columns() {
        insta::assert_snapshot!(table(&samples::findings(), Style { width: 80, colour: false }));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut findings = samples::findings();
        findings.push(samples::hostile());
        for width in 80..200 {
            for line in table(&findings, Style { width, colour: false }).lines() {
                assert!(line.chars().count() <= width.into(), "{width}: {line}");
            }
        }
    }

    #[test]
    fn hostile_text_stays_in_its_cell() {
        insta::assert_snapshot!(table(&[samples::hostile()], Style::default()));
    }

    #[test]
    fn only_severities_are_coloured() {
        let plain = table(&samples::findings(), Style::default());
        let coloured = table(&samples::findings(), Style { colour: true, ..Style::default() });
        assert!(coloured.contains("\u{1b}[1;31m◆ critical\u{1b}[0m"));
        let bare = ["1;31", "31", "33", "34", "2", "0"]
            .iter()
            .fold(coloured, |text, colour| text.replace(&format!("\u{1b}[{colour}m"), ""));
        assert_eq!(bare, plain);
    }

    #[test]
    fn nothing_is_written_of_nothing() {
        assert_eq!(table(&[], Style::default()), "");
    }
}
