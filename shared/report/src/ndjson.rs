//! One JSON object a line, one line a finding.

use std::io::{self, Write};

use crate::json::to_text;
use crate::row::Fields;
use crate::{Format, Row, Style, Verdict};

pub(crate) static NDJSON: Format =
    Format { name: "ndjson", about: "an object a line, for pipes", write, write_verdicts };

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    rows.iter().try_for_each(|row| writeln!(out, "{}", to_text(&Fields::from(row), serde_json::to_string)?))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    verdicts.iter().try_for_each(|verdict| writeln!(out, "{}", to_text(verdict, serde_json::to_string)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn written(format: &Format, rows: &[Row<'_>]) -> String {
        let mut out = Vec::new();
        (format.write)(&mut out, rows, Style::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_is_one_line_whatever_it_holds() {
        let findings = [samples::findings().swap_remove(2), samples::hostile()];
        let rows = findings.each_ref().map(|finding| Row { finding, rule: None });
        let ndjson = written(&NDJSON, &rows);
        assert_eq!(ndjson.lines().count(), 2);
        insta::assert_snapshot!(ndjson.lines().next().unwrap());
    }

    #[test]
    fn an_array_holds_what_the_lines_hold() {
        let findings = samples::findings();
        let rows: Vec<Row<'_>> = findings.iter().map(|finding| Row { finding, rule: None }).collect();
        let array: Vec<serde_json::Value> =
            serde_json::from_str(&written(&crate::json::JSON, &rows)).unwrap();
        let lines = written(&NDJSON, &rows);
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, lines);
        assert_eq!(written(&crate::json::JSON, &[]), "[]\n");
    }
}
