//! What a format is, and which there are.

use std::io;

use crate::{
    Row, Style, Verdict, asff, csv, eventbridge, html, json, junit, markdown, ndjson, ocsf, sarif, table,
};

/// One way to write findings, and what checks say.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What people type.
    pub name: &'static str,
    /// What it is, for the help.
    pub about: &'static str,
    /// Writes all rows. Formats for programs leave the style alone.
    pub write: fn(&mut dyn io::Write, &[Row<'_>], Style) -> io::Result<()>,
    /// Writes what checks say of resources.
    pub write_verdicts: fn(&mut dyn io::Write, &[Verdict], Style) -> io::Result<()>,
}

/// Every format, in the order in which the help names them.
pub static FORMATS: &[&Format] = &[
    &table::TABLE,
    &json::JSON,
    &ndjson::NDJSON,
    &html::HTML,
    &csv::CSV,
    &markdown::MARKDOWN,
    &ocsf::OCSF,
    &ocsf::OCSF_1_7,
    &ocsf::OCSF_1_6,
    &ocsf::OCSF_1_5,
    &asff::ASFF,
    &eventbridge::EVENTBRIDGE,
    &sarif::SARIF,
    &junit::JUNIT,
];

impl Format {
    /// The format called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn names_are_unlike_and_found() {
        for format in FORMATS {
            assert_eq!(Format::named(format.name).unwrap().about, format.about);
        }
        assert!(Format::named("Table").is_none());
    }

    #[test]
    fn no_format_lets_hostile_text_act() {
        let (finding, rule) = (samples::hostile(), samples::rule());
        let rows = [None, Some(&rule)].map(|rule| Row { finding: &finding, rule });
        let verdicts = samples::verdicts().map(|verdict| Verdict {
            resource: finding.latest.message.clone(),
            reason: finding.latest.actor.user_agent.clone(),
            ..verdict
        });
        for format in FORMATS {
            let mut out = Vec::new();
            (format.write)(&mut out, &rows, Style::default()).unwrap();
            (format.write_verdicts)(&mut out, &verdicts, Style::default()).unwrap();
            // Lines end in CRLF where a format asks for it, and nowhere else.
            let out = String::from_utf8(out).unwrap().replace("\r\n", "\n");
            let active = |character: char| character != '\n' && model::is_deceptive(character);
            assert!(!out.contains(active), "{}: {out:?}", format.name);
        }
    }
}
