//! `-o FORMAT[=PATH]`.

use std::path::PathBuf;
use std::str::FromStr;

use crate::{FORMATS, Format};

/// What to write, and where.
#[derive(Debug, Clone)]
pub struct OutputSpec {
    /// How.
    pub format: &'static Format,
    /// The file; `None`: standard output.
    pub path: Option<PathBuf>,
}

/// Why a text is no [`OutputSpec`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutputSpecError {
    /// There is no such format.
    #[error("{0:?} is no format: write {names}, and =PATH behind it for a file", names = names())]
    UnknownFormat(String),
    /// There is nothing behind the equals sign.
    #[error("{0:?} names no file: write {format}=PATH, or {format} alone for standard output", format = .0.trim_end_matches('='))]
    NoPath(String),
}

/// `table, json, ndjson or html`.
fn names() -> String {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

impl FromStr for OutputSpec {
    type Err = OutputSpecError;

    /// Reads `json`, `json=findings.json`, or `json=-` for standard output.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err(OutputSpecError::NoPath(text.to_owned())),
            Some((name, "-")) => (name, None),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = Format::named(name).ok_or_else(|| OutputSpecError::UnknownFormat(name.to_owned()))?;
        Ok(Self { format, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(&'static str, Option<PathBuf>), String> {
        text.parse::<OutputSpec>()
            .map(|spec| (spec.format.name, spec.path))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_format_goes_to_standard_output_or_to_a_file() {
        assert_eq!(parsed("table"), Ok(("table", None)));
        assert_eq!(parsed("ndjson=-"), Ok(("ndjson", None)));
        assert_eq!(parsed("json=a=b.json"), Ok(("json", Some("a=b.json".into()))));
    }

    #[test]
    fn an_error_says_what_to_write() {
        let unknown = parsed("jsn").unwrap_err();
        assert_eq!(parsed("jsn=x"), Err(unknown.clone()));
        assert!(unknown.starts_with(r#""jsn" is no format: write table, "#), "{unknown}");
        assert!(unknown.ends_with(", and =PATH behind it for a file"), "{unknown}");
        for format in FORMATS {
            assert!(unknown.contains(format.name), "{unknown}");
        }
        let no_path = r#""json=" names no file: write json=PATH, or json alone for standard output"#;
        assert_eq!(parsed("json="), Err(no_path.into()));
    }
}
