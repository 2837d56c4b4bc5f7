//! Finding the next record after one that cannot be read.

use model::json::{ParseError, Problem, Tape};

use crate::problem::{Reason, SHOWN_BYTES};
use crate::shape::{self, Head, Shape};
use crate::space::past_space;

/// Reading the same bytes again and again is paid from this, plus a share of the bytes that were passed: so that
/// bytes made to look like many beginnings cost time in proportion to their number.
const FREE: u64 = 1024 * 1024;
const SHARE: u64 = 4;

/// What was spent on values that came to nothing.
#[derive(Debug, Default)]
pub(crate) struct Budget(u64);

impl Budget {
    /// Where to go on after a value from `start` came to nothing at `fault`; `passed` bytes lie behind in all.
    pub(crate) fn retry(&mut self, start: usize, fault: usize, passed: u64) -> usize {
        self.0 += fault.saturating_sub(start) as u64;
        if self.0 > FREE + SHARE * passed { fault.max(start + 1) } else { start + 1 }
    }
}

/// A search for the next place where reading can start again.
#[derive(Debug)]
pub(crate) struct Lost {
    /// Why, and where.
    pub(crate) reason: Reason,
    pub(crate) offset: u64,
    /// The bytes passed over, as far as they are shown.
    pub(crate) kept: Vec<u8>,
    /// The last byte passed that was no white space.
    previous: u8,
    /// The last byte passed was a line break.
    line_start: bool,
}

/// How a search stands.
#[derive(Debug)]
pub(crate) enum Found {
    /// Reading can start again here.
    At(usize),
    /// A new list of records starts here: whatever was open before is over.
    NewList(usize),
    /// More bytes are needed; those from here on are still of use.
    More(usize),
}

/// What is known of one `{`.
enum Candidate {
    Yes,
    NewList,
    /// No, and the search goes on from here.
    No(usize),
    Unsure,
}

/// What surrounds a search.
pub(crate) struct Field<'s> {
    pub(crate) tape: &'s mut Tape,
    pub(crate) budget: &'s mut Budget,
    /// The bytes of the input before the window.
    pub(crate) before: u64,
    pub(crate) record_bytes: usize,
    /// No list is open: values stand on lines of their own.
    pub(crate) lines: bool,
    /// The window reaches to the end of the input.
    pub(crate) last: bool,
}

impl Lost {
    pub(crate) fn new(reason: Reason, offset: u64) -> Self {
        Self { reason, offset, kept: Vec::new(), previous: 0, line_start: false }
    }

    /// Gives up on the bytes between `from` and `to`.
    pub(crate) fn give_up(&mut self, bytes: &[u8], from: usize, to: usize) {
        self.pass(bytes.get(from..to).unwrap_or_default());
        self.previous = 0;
    }

    fn pass(&mut self, bytes: &[u8]) {
        let room = SHOWN_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if let Some(last) = bytes.last() {
            self.line_start = *last == b'\n';
        }
        if let Some(byte) = bytes.iter().rev().find(|byte| !byte.is_ascii_whitespace()) {
            self.previous = *byte;
        }
    }

    /// Looks on from `at`.
    pub(crate) fn search(&mut self, bytes: &[u8], at: usize, field: &mut Field<'_>) -> Found {
        let mut at = at;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let brace = memchr::memchr(b'{', rest).map_or(bytes.len(), |offset| at + offset);
            self.pass(bytes.get(at..brace).unwrap_or_default());
            at = brace;
            if at >= bytes.len() {
                return Found::More(at);
            }
            match self.candidate(bytes, at, field) {
                Candidate::Yes => return Found::At(at),
                Candidate::NewList => return Found::NewList(at),
                Candidate::Unsure => return Found::More(at),
                Candidate::No(next) => {
                    self.pass(bytes.get(at..next).unwrap_or_default());
                    at = next;
                }
            }
        }
    }

    fn candidate(&self, bytes: &[u8], at: usize, field: &mut Field<'_>) -> Candidate {
        match bytes.get(past_space(bytes, at + 1)) {
            Some(b'"') => {}
            None if !field.last => return Candidate::Unsure,
            _ => return Candidate::No(at + 1),
        }
        if self.line_start && field.lines {
            return Candidate::Yes;
        }
        if self.line_start || self.previous == b'}' {
            match shape::head(bytes, at) {
                Head::List(_) => return Candidate::NewList,
                Head::Unsure if !field.last => return Candidate::Unsure,
                _ => {}
            }
        }
        // The value of a key is part of the broken record: a parameter must not pass for a record.
        if self.previous == b':' {
            return Candidate::No(at + 1);
        }
        let fault = match field.tape.parse_prefix(bytes, at) {
            Ok(end) if end - at <= field.record_bytes => {
                return match shape::shape(field.tape.root(bytes)) {
                    Shape::Record { sure: true } | Shape::Envelope(..) | Shape::Carrier(_) => Candidate::Yes,
                    _ => Candidate::No(end),
                };
            }
            Ok(end) => end,
            Err(ParseError { problem: Problem::Incomplete, .. })
                if !field.last && bytes.len() - at <= field.record_bytes =>
            {
                return Candidate::Unsure;
            }
            Err(error) => error.offset,
        };
        let fault = fault.min(at + field.record_bytes);
        Candidate::No(field.budget.retry(at, fault, field.before + at as u64))
    }
}
