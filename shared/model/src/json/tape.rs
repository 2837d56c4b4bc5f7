//! One pass over the bytes: where each value starts, ends and continues.

use std::collections::HashSet;

use super::scan::{past_space, quote_or_backslash};
use super::text::unescape;
use super::value::Value;

/// The deepest nesting that is judged. EventBridge passes 1,000 levels; the rest is head room.
pub const MAX_DEPTH: usize = 10_000;

/// Objects with more members than this are checked for duplicate keys through a set.
const FEW_MEMBERS: u32 = 64;

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, kept as it was written.
    Number,
    /// A string, kept with its escapes.
    String,
    /// An array.
    Array,
    /// An object. Its members are a key (a string node) and a value in turn.
    Object,
}

/// One value on the tape. `start..end` are its bytes (of a string: without the quotation marks).
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The index of the node after this one and all that it holds.
    pub(super) next: u32,
    pub(super) kind: Kind,
    /// Of a string: it holds escapes. Of an object: one of its keys does.
    pub(super) escaped: bool,
}

/// Where each value of one JSON text stands. Made to be used again: a second `parse` keeps the memory of the first.
#[derive(Debug, Default, Clone)]
pub struct Tape {
    pub(super) nodes: Vec<Node>,
    open: Vec<Frame>,
    ambiguous: Option<u32>,
}

/// A container that is being read.
#[derive(Debug, Clone, Copy)]
struct Frame {
    node: u32,
    members: u32,
    /// One bit per key seen, chosen by length and ends: a clear bit proves that a key is new.
    seen: u128,
}

/// Why a text is no JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset}")]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, counted from the start of the text.
    pub offset: usize,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text ends inside a value: with more bytes it may be whole.
    #[error("the text ends inside a value")]
    Incomplete,
    /// A byte that cannot stand here.
    #[error("not JSON")]
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than 10,000 levels")]
    TooDeep,
    /// Longer than 4 GiB.
    #[error("longer than 4 GiB")]
    TooLong,
    /// Something follows the value.
    #[error("text after the end of the value")]
    Trailing,
}

/// What the parser expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

impl Tape {
    /// Reads one value that starts at `from` and returns the offset behind it.
    ///
    /// # Errors
    /// [`Problem::Incomplete`] when `bytes` end too early; else what is wrong and where.
    pub fn parse_prefix(&mut self, bytes: &[u8], from: usize) -> Result<usize, ParseError> {
        self.nodes.clear();
        self.open.clear();
        self.ambiguous = None;
        if u32::try_from(bytes.len()).is_err() {
            return Err(ParseError { problem: Problem::TooLong, offset: 0 });
        }
        let mut at = from;
        let mut expect = Expect::Value;
        loop {
            at = past_space(bytes, at);
            let Some(&byte) = bytes.get(at) else { return Err(incomplete(bytes.len())) };
            match (byte, expect) {
                (b'"', Expect::Key | Expect::KeyOrEnd) => {
                    at = self.string(bytes, at)?;
                    self.note_key(bytes);
                    at = past_space(bytes, at);
                    match bytes.get(at) {
                        Some(b':') => at += 1,
                        Some(_) => return Err(syntax(at)),
                        None => return Err(incomplete(at)),
                    }
                    expect = Expect::Value;
                    continue;
                }
                (b'"', Expect::Value | Expect::ValueOrEnd) => at = self.string(bytes, at)?,
                (b'{', Expect::Value | Expect::ValueOrEnd) => {
                    self.begin(Kind::Object, at)?;
                    at += 1;
                    expect = Expect::KeyOrEnd;
                    continue;
                }
                (b'[', Expect::Value | Expect::ValueOrEnd) => {
                    self.begin(Kind::Array, at)?;
                    at += 1;
                    expect = Expect::ValueOrEnd;
                    continue;
                }
                (b'}', Expect::KeyOrEnd | Expect::CommaOrEnd) => {
                    self.end(bytes, Kind::Object, at)?;
                    at += 1;
                }
                (b']', Expect::ValueOrEnd | Expect::CommaOrEnd) => {
                    self.end(bytes, Kind::Array, at)?;
                    at += 1;
                }
                (b',', Expect::CommaOrEnd) => {
                    at += 1;
                    expect = match self.container() {
                        Some(Kind::Object) => Expect::Key,
                        _ => Expect::Value,
                    };
                    continue;
                }
                (b't', Expect::Value | Expect::ValueOrEnd) => {
                    at = self.word(bytes, at, b"true", Kind::Bool)?;
                }
                (b'f', Expect::Value | Expect::ValueOrEnd) => {
                    at = self.word(bytes, at, b"false", Kind::Bool)?;
                }
                (b'n', Expect::Value | Expect::ValueOrEnd) => {
                    at = self.word(bytes, at, b"null", Kind::Null)?;
                }
                (b'-' | b'0'..=b'9', Expect::Value | Expect::ValueOrEnd) => at = self.number(bytes, at)?,
                _ => return Err(syntax(at)),
            }
            if self.open.is_empty() {
                return Ok(at);
            }
            expect = Expect::CommaOrEnd;
        }
    }

    /// Reads `bytes` as one value with nothing but white space around it.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse<'a>(&'a mut self, bytes: &'a [u8]) -> Result<Value<'a>, ParseError> {
        let end = self.parse_prefix(bytes, 0)?;
        let rest = past_space(bytes, end);
        if rest < bytes.len() {
            return Err(ParseError { problem: Problem::Trailing, offset: rest });
        }
        Ok(self.root(bytes))
    }

    /// The value that was read last, over the bytes it was read from.
    pub fn root<'a>(&'a self, bytes: &'a [u8]) -> Value<'a> {
        Value::new(bytes, &self.nodes, 0)
    }

    /// A key that stands twice in one object, so that two readers may disagree on the value; the first found.
    pub fn ambiguous(&self, bytes: &[u8]) -> Option<String> {
        let node = self.nodes.get(self.ambiguous? as usize)?;
        Some(unescape(bytes.get(node.start as usize..node.end as usize)?).into_owned())
    }

    fn container(&self) -> Option<Kind> {
        let frame = self.open.last()?;
        self.nodes.get(frame.node as usize).map(|node| node.kind)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB, checked on entry")]
    fn push(&mut self, kind: Kind, start: usize, end: usize, escaped: bool) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: start as u32, end: end as u32, next, kind, escaped });
    }

    fn begin(&mut self, kind: Kind, at: usize) -> Result<(), ParseError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ParseError { problem: Problem::TooDeep, offset: at });
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a node needs a byte, and there are fewer than 2^32"
        )]
        self.open.push(Frame { node: self.nodes.len() as u32, members: 0, seen: 0 });
        self.push(kind, at, at, false);
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB, checked on entry")]
    fn end(&mut self, bytes: &[u8], kind: Kind, at: usize) -> Result<(), ParseError> {
        if self.container() != Some(kind) {
            return Err(syntax(at));
        }
        let Some(frame) = self.open.pop() else { return Err(syntax(at)) };
        let next = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(frame.node as usize) {
            node.end = at as u32 + 1;
            node.next = next;
            let escaped = node.escaped;
            if kind == Kind::Object && (escaped || frame.members > FEW_MEMBERS) && self.ambiguous.is_none() {
                self.ambiguous = self.duplicate(bytes, frame.node);
            }
        }
        Ok(())
    }

    fn string(&mut self, bytes: &[u8], at: usize) -> Result<usize, ParseError> {
        let start = at + 1;
        let mut from = start;
        let mut escaped = false;
        loop {
            let Some(found) = quote_or_backslash(bytes, from) else { return Err(incomplete(bytes.len())) };
            if bytes.get(found) == Some(&b'"') {
                self.push(Kind::String, start, found, escaped);
                return Ok(found + 1);
            }
            escaped = true;
            from = found + 2;
        }
    }

    fn word(&mut self, bytes: &[u8], at: usize, word: &[u8], kind: Kind) -> Result<usize, ParseError> {
        let end = at + word.len();
        match bytes.get(at..end) {
            Some(found) if found == word => {
                self.push(kind, at, end, false);
                Ok(end)
            }
            None if word.starts_with(bytes.get(at..).unwrap_or_default()) => Err(incomplete(bytes.len())),
            _ => Err(syntax(at)),
        }
    }

    fn number(&mut self, bytes: &[u8], at: usize) -> Result<usize, ParseError> {
        let rest = bytes.get(at..).unwrap_or_default();
        let length =
            rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        // At the very end of the bytes a number may go on; only a whole text (no container) may end with one.
        let length = match length {
            Some(length) => length,
            None if self.open.is_empty() => rest.len(),
            None => return Err(incomplete(bytes.len())),
        };
        self.push(Kind::Number, at, at + length, false);
        Ok(at + length)
    }

    /// Notes the key just pushed in its object, and whether it stood there before.
    fn note_key(&mut self, bytes: &[u8]) {
        let Some((key, before)) = self.nodes.split_last() else { return };
        let Some(frame) = self.open.last_mut() else { return };
        frame.members += 1;
        if key.escaped {
            if let Some(object) = self.nodes.get_mut(frame.node as usize) {
                object.escaped = true;
            }
            return;
        }
        let Some(text) = bytes.get(key.start as usize..key.end as usize) else { return };
        let bit = 1_u128 << (fingerprint(text) & 127);
        if frame.seen & bit != 0 && frame.members <= FEW_MEMBERS && self.ambiguous.is_none() {
            let mut at = frame.node as usize + 1;
            while let (Some(earlier), Some(value)) = (before.get(at), before.get(at + 1)) {
                if bytes.get(earlier.start as usize..earlier.end as usize) == Some(text) {
                    self.ambiguous = u32::try_from(before.len()).ok();
                    break;
                }
                at = value.next as usize;
            }
        }
        frame.seen |= bit;
    }

    /// The first key of the object at `object` that equals an earlier one, escapes undone.
    fn duplicate(&self, bytes: &[u8], object: u32) -> Option<u32> {
        let end = self.nodes.get(object as usize)?.next;
        let mut seen = HashSet::new();
        let mut at = object + 1;
        while at < end {
            let key = self.nodes.get(at as usize)?;
            if !seen.insert(unescape(bytes.get(key.start as usize..key.end as usize)?)) {
                return Some(at);
            }
            at = self.nodes.get(at as usize + 1)?.next;
        }
        None
    }
}

fn fingerprint(key: &[u8]) -> u64 {
    let first = key.first().copied().unwrap_or_default();
    let last = key.last().copied().unwrap_or_default();
    let middle = key.get(key.len() / 2).copied().unwrap_or_default();
    let mixed = (key.len() as u64) << 24 | u64::from(first) << 16 | u64::from(middle) << 8 | u64::from(last);
    mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56
}

fn incomplete(offset: usize) -> ParseError {
    ParseError { problem: Problem::Incomplete, offset }
}

fn syntax(offset: usize) -> ParseError {
    ParseError { problem: Problem::Syntax, offset }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    fn problem(text: &str) -> Problem {
        Tape::default().parse(text.as_bytes()).unwrap_err().problem
    }

    #[test]
    fn a_cut_text_is_incomplete_and_a_wrong_one_is_not() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "[1", "[1,", "\"abc", "\"abc\\", "tr", "[nul", "{\"a\":1"]
        {
            assert_eq!(problem(text), Problem::Incomplete, "{text}");
        }
        for text in ["}", "{]", "[}", "{\"a\" 1}", "{a:1}", "[1 2]", "[,]", "[1,]", "{\"a\":1,}", "trux"] {
            assert_eq!(problem(text), Problem::Syntax, "{text}");
        }
        assert_eq!(problem("{} x"), Problem::Trailing);
    }

    #[test]
    fn nesting_is_read_to_the_limit_and_refused_beyond_it() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Tape::default().parse(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(problem(&deep(MAX_DEPTH + 1)), Problem::TooDeep);
        assert_eq!(problem(&"{\"a\":".repeat(100_000)), Problem::TooDeep);
    }

    #[test]
    fn a_key_that_stands_twice_is_named() {
        let ambiguous = |text: &str| Document::parse(text).unwrap().ambiguous();
        assert_eq!(ambiguous(r#"{"a":1,"b":{"a":2}}"#), None);
        assert_eq!(ambiguous(r#"{"a":1,"b":2,"a":3}"#).as_deref(), Some("a"));
        assert_eq!(ambiguous(r#"[{"x":{"eventName":1,"event\u004eame":2}}]"#).as_deref(), Some("eventName"));
        let many: Vec<String> = (0..500).map(|n| format!("\"k{n}\":[{n}]")).collect();
        assert_eq!(ambiguous(&format!("{{{}}}", many.join(","))), None);
        assert_eq!(ambiguous(&format!("{{{},\"k7\":0}}", many.join(","))).as_deref(), Some("k7"));
    }

    #[test]
    fn a_value_may_be_followed_by_the_next() {
        let text = br#"  {"a":1} {"b":2}"#;
        let mut tape = Tape::default();
        let end = tape.parse_prefix(text, 0).unwrap();
        assert_eq!(&text[end..], br#" {"b":2}"#);
    }
}
