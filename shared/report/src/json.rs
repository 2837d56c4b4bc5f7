//! One JSON array with one object a finding.

use std::io::{self, Write};

use serde::Serialize;

use crate::row::Fields;
use crate::terminal::escape_json;
use crate::{Format, Row, Style, Verdict};

pub(crate) static JSON: Format =
    Format { name: "json", about: "one array, an object for each finding", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_array(out, rows.iter().map(Fields::from))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_array(out, verdicts.iter())
}

/// Writes an array item by item, so that only one of them is in memory at a time.
pub(crate) fn write_array<T: Serialize>(
    out: &mut dyn Write,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    let mut before = "\n  ";
    write!(out, "[")?;
    for item in items {
        // A line feed only ever stands between values: within a string it is an escape.
        let text = to_text(&item, serde_json::to_string_pretty)?.replace('\n', "\n  ");
        write!(out, "{before}{text}")?;
        before = ",\n  ";
    }
    writeln!(out, "{}", if before.starts_with(',') { "\n]" } else { "]" })
}

/// `value` as JSON that is harmless on a terminal too.
pub(crate) fn to_text<T: Serialize>(
    value: &T,
    write: fn(&T) -> serde_json::Result<String>,
) -> io::Result<String> {
    Ok(escape_json(&write(value)?))
}
