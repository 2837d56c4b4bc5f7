//! Where in a file something is said of, shown with a caret below it.

use serde::Serialize;

use crate::error::RuleError;

/// A diagnostic with all that people and programs want to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The name of its kind.
    pub code: &'static str,
    /// `error` or `warning`.
    pub level: &'static str,
    /// The file.
    pub file: String,
    /// The line, from 1; 0: not known.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// How many characters it is about.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// The mend.
    pub help: String,
    /// The line of the file.
    #[serde(skip)]
    pub excerpt: String,
}

/// The longest part of a line that is shown.
const SHOWN: usize = 160;

/// Finds out which part of the file a diagnostic is about: the word that it names, or what stands at its place.
pub fn locate(error: &RuleError, text: Option<&str>) -> Said {
    let line = error.place.line.checked_sub(1).and_then(|at| text?.lines().nth(at)).unwrap_or_default();
    let letters: Vec<char> = line.chars().collect();
    let start = error.place.column.saturating_sub(1).min(letters.len());
    let rest: String = letters.get(start..).unwrap_or_default().iter().collect();
    let named = error.problem.split('`').nth(1).filter(|word| !word.is_empty());
    let found = named.and_then(|word| Some((rest.find(word)?, word.chars().count())));
    let (skipped, width) = match found {
        Some((at, width)) => (rest.get(..at).unwrap_or_default().chars().count(), width),
        None => (0, token(&rest)),
    };
    let line_known = error.place.line > 0;
    Said {
        code: error.code.name(),
        level: error.code.level().as_str(),
        file: error.origin.clone(),
        line: error.place.line,
        column: if line_known { start + skipped + 1 } else { 0 },
        width: if line.is_empty() { 0 } else { width },
        message: error.problem.clone(),
        help: error.remedy.clone(),
        excerpt: line.to_owned(),
    }
}

/// How long the word, or the text in quotes, at the beginning of `rest` is.
fn token(rest: &str) -> usize {
    let mut letters = rest.chars();
    let Some(first) = letters.next() else { return 1 };
    if matches!(first, '"' | '\'') {
        return letters.position(|each| each == first).map_or(1, |at| at + 2);
    }
    let end = rest.char_indices().find(|(_, each)| each.is_whitespace() || matches!(each, ',' | ']' | '}'));
    let word = rest.get(..end.map_or(rest.len(), |(at, _)| at)).unwrap_or_default();
    word.trim_end_matches(':').chars().count().max(1)
}

impl std::fmt::Display for Said {
    /// The diagnostic, the line that it is about with a caret below, and the mend. What could move the cursor of a
    /// terminal, or hide, is shown as `�`.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.line == 0 { String::new() } else { format!(":{}:{}", self.line, self.column) };
        writeln!(
            out,
            "{}{place}: {}[{}]: {}",
            plain(&self.file),
            self.level,
            self.code,
            plain(&self.message)
        )?;
        if !self.excerpt.trim().is_empty() {
            let number = self.line.to_string();
            let room = " ".repeat(number.len());
            let start = self.column.saturating_sub(1);
            // Of a long line the part around the place is shown.
            let from = if start + self.width > SHOWN { start.saturating_sub(SHOWN / 2) } else { 0 };
            let shown: String = plain(&self.excerpt).chars().skip(from).take(SHOWN).collect();
            let carets = "^".repeat(self.width.clamp(1, SHOWN.saturating_sub(start - from).max(1)));
            writeln!(
                out,
                "{room} |\n{number} | {}\n{room} | {}{carets}",
                shown.trim_end(),
                " ".repeat(start - from)
            )?;
        }
        writeln!(out, "  help: {}", plain(&self.help))
    }
}

/// One character for each of the text, none of which does anything to a terminal.
fn plain(text: &str) -> String {
    let hides = |each: char| {
        each.is_control() && each != '\t'
            || matches!(each, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let shown = |each: char| match each {
        '\t' => ' ',
        each if hides(each) => '\u{fffd}',
        each => each,
    };
    text.trim_end_matches(['\r', '\n']).chars().map(shown).collect()
}
