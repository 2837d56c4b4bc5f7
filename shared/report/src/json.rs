//! One JSON array with one object a finding.

use std::io::{self, Write};

use serde::Serialize;

use crate::row::Fields;
use crate::terminal::escape_json;
use crate::{Format, Row, Style, Verdict};

pub(crate) static JSON: Format =
    Format { name: "json", about: "one array, an object for each finding", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    let fields: Vec<Fields<'_>> = rows.iter().map(Fields::from).collect();
    writeln!(out, "{}", to_text(&fields, serde_json::to_string_pretty)?)
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    writeln!(out, "{}", to_text(&verdicts, serde_json::to_string_pretty)?)
}

/// `value` as JSON that is harmless on a terminal too.
pub(crate) fn to_text<T: Serialize>(
    value: &T,
    write: fn(&T) -> serde_json::Result<String>,
) -> io::Result<String> {
    Ok(escape_json(&write(value)?))
}
