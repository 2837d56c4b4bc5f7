//! One JSON array with one object a finding.

use std::io::{self, Write};

use serde::Serialize;

use crate::row::Fields;
use crate::terminal::escape_json;
use crate::{Format, Row, Style};

pub(crate) static JSON: Format =
    Format { name: "json", about: "one array, an object for each finding", write };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    let fields: Vec<Fields<'_>> = rows.iter().map(Fields::from).collect();
    writeln!(out, "{}", to_text(&fields, serde_json::to_string_pretty)?)
}

/// `value` as JSON that is harmless on a terminal too.
pub(crate) fn to_text<T: Serialize>(
    value: &T,
    write: fn(&T) -> serde_json::Result<String>,
) -> io::Result<String> {
    Ok(escape_json(&write(value)?))
}
