//! Warnings about letters: what people do not see, and programs do.

use super::Warnings;
use crate::code::Code;
use crate::error::{Place, RuleError};

/// The text of a file.
///
/// # Errors
/// Where it is not UTF-8.
pub fn decoded(bytes: &[u8]) -> Result<&str, RuleError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = 1 + String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count();
        let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
        let problem = format!("not UTF-8: the byte 0x{byte:02x}");
        RuleError::new(Code::NotUtf8, Place { line, column }, problem, "save the file as UTF-8")
    })
}

/// Characters that turn the direction of writing: "Trojan Source", <https://trojansource.codes/trojan-source.pdf>.
const BIDI: &[std::ops::RangeInclusive<char>] = &['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// Characters without a shape of their own.
const INVISIBLE: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{a0}'..='\u{a0}',
    '\u{200b}'..='\u{200f}',
    '\u{2060}'..='\u{2064}',
    '\u{e0000}'..='\u{e007f}',
];

fn is_in(character: char, ranges: &[std::ops::RangeInclusive<char>]) -> bool {
    ranges.iter().any(|range| range.contains(&character))
}

pub(super) fn check(text: &str, warnings: &mut Warnings) {
    let start = Place { line: 1, column: 1 };
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            warnings.add(
                Code::ByteOrderMark,
                start,
                "the file begins with a byte-order mark",
                "save it as UTF-8 without BOM",
            );
            rest
        }
        None => text,
    };
    if text.trim().is_empty() {
        warnings.add(
            Code::EmptyFile,
            start,
            "the file holds no rule",
            "begin with `title:`, or remove the file",
        );
    }
    if let Some(at) = text.lines_with_cr() {
        let place = Place { line: at, column: 1 };
        warnings.add(Code::CarriageReturn, place, "lines end with CR LF", "save the file with LF alone");
    }
    for (number, line) in text.lines().enumerate() {
        for (column, character) in line.chars().enumerate() {
            let place = Place { line: number + 1, column: column + 1 };
            let named = format!("U+{:04X}", u32::from(character));
            if is_in(character, BIDI) {
                let problem = format!("the character {named} turns the direction of writing");
                warnings.add(Code::BidiControl, place, problem, "remove it");
            } else if is_in(character, INVISIBLE) {
                let problem = format!("the character {named} cannot be seen");
                warnings.add(Code::InvisibleCharacter, place, problem, "remove it, or write a plain space");
            }
        }
        look_alikes(line, number + 1, warnings);
    }
}

/// Words with Latin letters and Cyrillic or Greek ones among them.
fn look_alikes(line: &str, number: usize, warnings: &mut Warnings) {
    let is_other = |each: char| matches!(each, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{4ff}');
    if !line.contains(is_other) {
        return;
    }
    let mut column = 1;
    for word in line.split_inclusive(|each: char| !each.is_alphanumeric()) {
        if word.contains(is_other) && word.contains(|each: char| each.is_ascii_alphabetic()) {
            let at = word.chars().position(is_other).unwrap_or_default();
            let letter = word.chars().nth(at).unwrap_or_default();
            let problem = format!(
                "the letter U+{:04X} among Latin ones only looks like one of them",
                u32::from(letter)
            );
            warnings.add(
                Code::LookAlikeLetter,
                Place { line: number, column: column + at },
                problem,
                "type the word again",
            );
        }
        column += word.chars().count();
    }
}

trait Lines {
    fn lines_with_cr(&self) -> Option<usize>;
}

impl Lines for str {
    /// The first line that ends with CR LF.
    fn lines_with_cr(&self) -> Option<usize> {
        self.split('\n').position(|line| line.ends_with('\r')).map(|at| at + 1)
    }
}
