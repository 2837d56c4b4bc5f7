//! `-o FORMAT[=PATH]`: findings in the formats that were asked for.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};

use model::Finding;
use report::{FORMATS, Format, OutputSpec, Row, Style, Verdict};
use rules::Meta;

use crate::exit::Failure;

/// What the help says of the formats.
pub(crate) fn formats() -> String {
    let longest = FORMATS.iter().map(|format| format.name.len()).max().unwrap_or_default();
    let lines = FORMATS.iter().map(|format| format!("  {:longest$}  {}", format.name, format.about));
    format!("Formats:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Reads the options; a table where there is none.
pub(crate) fn specs(options: &[String]) -> Result<Vec<OutputSpec>, Failure> {
    if options.is_empty() {
        return Ok(Format::named("table")
            .map(|format| OutputSpec { format, path: None })
            .into_iter()
            .collect());
    }
    options
        .iter()
        .map(|option| {
            option.parse().map_err(|error: report::OutputSpecError| Failure::usage(error.to_string()))
        })
        .collect()
}

/// Writes findings, with what their rules say.
pub(crate) fn write<'m>(
    specs: &[OutputSpec],
    findings: &[Finding],
    metas: impl Iterator<Item = &'m Meta>,
) -> Result<(), Failure> {
    let metas: HashMap<&str, &Meta> = metas.map(|meta| (meta.id.as_str(), meta)).collect();
    let rows: Vec<Row<'_>> = findings
        .iter()
        .map(|finding| Row { finding, rule: metas.get(finding.rule.as_str()).copied() })
        .collect();
    each(specs, |format, out, style| (format.write)(out, &rows, style))
}

/// Writes what checks say of resources.
pub(crate) fn write_verdicts(specs: &[OutputSpec], verdicts: &[Verdict]) -> Result<(), Failure> {
    each(specs, |format, out, style| (format.write_verdicts)(out, verdicts, style))
}

/// Opens each output and has it written.
fn each(
    specs: &[OutputSpec],
    write: impl Fn(&Format, &mut dyn std::io::Write, Style) -> std::io::Result<()>,
) -> Result<(), Failure> {
    for spec in specs {
        match &spec.path {
            Some(path) => {
                let failure = |error| {
                    Failure::usage(format!("{}: {error}; name a file that can be written", path.display()))
                };
                let mut out = BufWriter::new(File::create(path).map_err(failure)?);
                write(spec.format, &mut out, Style::default())?;
                out.flush()?;
            }
            None => {
                let mut out = BufWriter::new(anstream::AutoStream::auto(std::io::stdout()).lock());
                write(spec.format, &mut out, terminal_style())?;
                out.flush()?;
            }
        }
    }
    Ok(())
}

fn terminal_style() -> Style {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return Style::default();
    }
    let columns = terminal_size::terminal_size_of(&stdout).map_or(100, |(width, _)| width.0);
    let colour = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    Style { colour, width: columns.max(60) }
}
