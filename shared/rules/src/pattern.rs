//! Text patterns: case-insensitive unless said otherwise, `*` for any text, `?` for one character.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// This text.
    Text(String),
    /// Any text, also none (`*`).
    Any,
    /// One character (`?`).
    One,
}

/// A compiled text pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPattern {
    shape: Shape,
    cased: bool,
    /// The pattern with its wildcards, for people.
    shown: String,
}

/// What kind of comparison the parts come down to. Unless cased, the text is in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    Anything,
    Parts(Vec<Part>),
}

/// Splits a Sigma value at its wildcards. `\*`, `\?` and `\\` stand for the character itself; a backslash before
/// anything else is a backslash.
pub(crate) fn parts(value: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = value.chars().peekable();
    while let Some(each) = chars.next() {
        let wildcard = match each {
            '\\' => {
                text.push(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\'));
                continue;
            }
            '*' => Part::Any,
            '?' => Part::One,
            other => {
                text.push(other);
                continue;
            }
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(wildcard);
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

/// The parts as one text, in which a wildcard and the character itself look the same.
pub(crate) fn shown(parts: &[Part]) -> String {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Any => "*",
        Part::One => "?",
    });
    texts.collect()
}

impl TextPattern {
    /// Compiles parts.
    pub(crate) fn new(parts: Vec<Part>, cased: bool) -> Self {
        let shown = shown(&parts);
        let fold = |text: &String| if cased { text.clone() } else { text.to_lowercase() };
        let mut merged: Vec<Part> = Vec::with_capacity(parts.len());
        for part in parts {
            match (part, merged.last_mut()) {
                (Part::Any, Some(Part::Any)) => {}
                (Part::Text(text), Some(Part::Text(before))) => before.push_str(&fold(&text)),
                (Part::Text(text), _) => merged.push(Part::Text(fold(&text))),
                (other, _) => merged.push(other),
            }
        }
        let shape = match merged.as_slice() {
            [] => Shape::Exact(String::new()),
            [Part::Text(text)] => Shape::Exact(text.clone()),
            [Part::Any] => Shape::Anything,
            [Part::Text(text), Part::Any] => Shape::Prefix(text.clone()),
            [Part::Any, Part::Text(text)] => Shape::Suffix(text.clone()),
            [Part::Any, Part::Text(text), Part::Any] => Shape::Contains(text.clone()),
            _ => Shape::Parts(merged),
        };
        Self { shape, cased, shown }
    }

    /// The text, if the pattern fits exactly one (apart from case).
    pub(crate) fn exact(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// The ASCII text that has to stand somewhere, if that is all there is to the pattern.
    fn needle(&self) -> Option<&str> {
        match &self.shape {
            Shape::Contains(text) if !self.cased && text.is_ascii() && !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether `text` fits.
    pub fn fits(&self, text: &[u8]) -> bool {
        if self.cased {
            return self.fits_folded(text, |a, b| a == b);
        }
        if text.is_ascii() {
            return self.fits_folded(text, |byte, lower| byte.to_ascii_lowercase() == lower);
        }
        let lower = String::from_utf8_lossy(text).to_lowercase();
        self.fits_folded(lower.as_bytes(), |a, b| a == b)
    }

    fn fits_folded(&self, text: &[u8], same: impl Fn(u8, u8) -> bool + Copy) -> bool {
        match &self.shape {
            Shape::Exact(pattern) => text.len() == pattern.len() && starts(text, pattern.as_bytes(), same),
            Shape::Prefix(pattern) => starts(text, pattern.as_bytes(), same),
            Shape::Suffix(pattern) => text
                .len()
                .checked_sub(pattern.len())
                .and_then(|at| text.get(at..))
                .is_some_and(|end| starts(end, pattern.as_bytes(), same)),
            Shape::Contains(pattern) => find(text, pattern.as_bytes(), same).is_some(),
            Shape::Anything => true,
            Shape::Parts(parts) => glob(parts, text, same),
        }
    }

    /// The pattern as people write it.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Several patterns that are all about containing a text, looked for in one pass.
#[derive(Debug, Clone)]
pub(crate) struct Needles {
    /// Made when it is first needed: of the rules that a start compiles, few come to look at a text.
    automaton: OnceLock<Option<AhoCorasick>>,
    patterns: Vec<TextPattern>,
}

/// With fewer patterns than this, one pass each is as fast.
const FEW: usize = 3;

impl Needles {
    /// The patterns as one, if they are enough of one kind.
    pub(crate) fn of(patterns: &[TextPattern]) -> Option<Self> {
        if patterns.len() < FEW {
            return None;
        }
        let all_needles = patterns.iter().all(|pattern| pattern.needle().is_some());
        all_needles.then(|| Self { automaton: OnceLock::new(), patterns: patterns.to_vec() })
    }

    fn automaton(&self) -> Option<&AhoCorasick> {
        let make = || {
            let needles = self.patterns.iter().filter_map(TextPattern::needle);
            AhoCorasick::builder().ascii_case_insensitive(true).build(needles).ok()
        };
        self.automaton.get_or_init(make).as_ref()
    }

    /// Whether one of the patterns fits.
    pub(crate) fn fit(&self, text: &[u8]) -> bool {
        // Folding other letters may change what a text contains; the patterns know how.
        match self.automaton() {
            Some(automaton) if text.is_ascii() => automaton.is_match(text),
            _ => self.patterns.iter().any(|each| each.fits(text)),
        }
    }

    /// The patterns as people write them.
    pub(crate) fn shown(&self) -> String {
        let shown: Vec<_> = self.patterns.iter().map(|pattern| format!("{:?}", pattern.shown())).collect();
        shown.join(" or ")
    }
}

fn starts(text: &[u8], pattern: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    text.len() >= pattern.len() && text.iter().zip(pattern).all(|(a, b)| same(*a, *b))
}

fn find(text: &[u8], pattern: &[u8], same: impl Fn(u8, u8) -> bool + Copy) -> Option<usize> {
    let Some((first, rest)) = pattern.split_first() else { return Some(0) };
    let last = text.len().checked_sub(pattern.len())?;
    // A pattern is in lower case unless case counts; where it does, `same` refuses what is found too much.
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), text.get(..=last)?).find(|at| {
        text.get(*at..)
            .and_then(<[u8]>::split_first)
            .is_some_and(|(byte, tail)| same(*byte, *first) && starts(tail, rest, same))
    })
}

/// Greedy matching with one step back to the last `*`: no more than length of text times length of pattern.
fn glob(parts: &[Part], text: &[u8], same: impl Fn(u8, u8) -> bool + Copy) -> bool {
    let mut part = 0;
    let mut at = 0;
    let mut star: Option<(usize, usize)> = None;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let step = match parts.get(part) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Part::Any) => {
                part += 1;
                star = Some((part, at));
                continue;
            }
            Some(Part::One) => (!rest.is_empty()).then(|| character(rest)),
            Some(Part::Text(literal)) => starts(rest, literal.as_bytes(), same).then_some(literal.len()),
        };
        if let Some(length) = step {
            at += length;
            part += 1;
            continue;
        }
        let Some((after, from)) = star else { return false };
        let Some(tail) = text.get(from..).filter(|tail| !tail.is_empty()) else { return false };
        at = from + character(tail);
        part = after;
        star = Some((after, at));
    }
}

/// How many bytes the first character of `text` takes.
fn character(text: &[u8]) -> usize {
    1 + text.iter().skip(1).take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// A value with `windash` may become so many: more than four dashes are a mistake.
const MAX_FORMS: usize = 625;

/// The forms that a value takes when each dash or slash that starts an option is any of five: `windash`.
pub(crate) fn dashes(text: &str) -> Result<Vec<String>, String> {
    let is_word = |each: &char| each.is_alphanumeric() || *each == '_';
    let mut forms = vec![String::with_capacity(text.len())];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(each) = chars.next() {
        let starts_option =
            matches!(each, '-' | '/') && !is_word(&before) && chars.peek().is_some_and(is_word);
        let dashes = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
        let here = if starts_option { dashes.as_slice() } else { std::slice::from_ref(&each) };
        if forms.len() * here.len() > MAX_FORMS {
            return Err(format!("`{text}` has too many dashes for `windash`"));
        }
        forms = forms.iter().flat_map(|form| here.iter().map(move |dash| format!("{form}{dash}"))).collect();
        before = each;
    }
    Ok(forms)
}

/// The text of `value` folded for a comparison without case.
pub(crate) fn folded(value: &str, cased: bool) -> Cow<'_, str> {
    if cased { Cow::Borrowed(value) } else { Cow::Owned(value.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        TextPattern::new(parts(pattern), false).fits(text.as_bytes())
    }

    #[test]
    fn wildcards_and_escapes() {
        for (pattern, text, expected) in [
            ("StopLogging", "stoplogging", true),
            ("StopLogging", "StopLoggings", false),
            ("Create*", "CreateFunction20150331", true),
            ("*Trail", "DeleteTrail", true),
            ("*rail*", "DeleteTrails", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?rail", "trail", true),
            ("?rail", "rail", false),
            ("?", "\u{e9}", true),
            ("*", "", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"C:\dir", r"c:\DIR", true),
            (r"C:\\*", r"C:\anything", true),
            (r"a\?c", "abc", false),
            ("STRA\u{df}E", "stra\u{df}e", true),
            ("\u{c9}COLE", "\u{e9}cole", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} on {text}");
        }
        assert!(!TextPattern::new(parts("AKIA*"), true).fits(b"akia"));
    }

    #[test]
    fn each_dash_of_an_option_has_its_forms() {
        let forms = dashes("-enc x-y").unwrap();
        assert!(forms.contains(&"/enc x-y".to_owned()));
        assert!(forms.contains(&"\u{2014}enc x-y".to_owned()));
        assert_eq!(forms.len(), 5);
        assert!(dashes("-a /b").unwrap().contains(&"/a -b".to_owned()));
        assert!(dashes("-a -b -c -d -e").is_err());
    }

    /// Matching by definition, over characters.
    fn naive(parts: &[Part], text: &[char]) -> bool {
        match parts.split_first() {
            None => text.is_empty(),
            Some((Part::Any, rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some((Part::One, rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((Part::Text(literal), rest)) => {
                let literal: Vec<char> = literal.to_lowercase().chars().collect();
                text.starts_with(&literal) && naive(rest, &text[literal.len()..])
            }
        }
    }

    proptest! {
        #[test]
        fn the_compiled_pattern_agrees_with_its_definition(pattern in "[abA\u{e9}*?\\\\]{0,7}", text in "[abB\u{e9}\u{c9}]{0,9}") {
            let lower: Vec<char> = text.to_lowercase().chars().collect();
            prop_assert_eq!(fits(&pattern, &text), naive(&parts(&pattern), &lower));
        }
    }
}
