//! What is wrong with a rule, and how to mend it.

use std::fmt;

use crate::code::Code;
use crate::near::did_you_mean;
use crate::tree::Key;

/// A place in a rule file, both counted from 1. Line 0: the place is not known (a packed rule).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A rule that cannot be used: what is wrong, where, and the mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// Of which kind it is.
    pub code: Code,
    /// The file, or what stands for it.
    pub origin: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl RuleError {
    /// An error whose file is not known yet; see [`RuleError::in_file`].
    pub fn new(code: Code, place: Place, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, origin: String::new(), place, problem: problem.into(), remedy: remedy.into() }
    }

    /// The same error, said of the file `origin`.
    #[must_use]
    pub fn in_file(mut self, origin: &str) -> Self {
        if self.origin.is_empty() {
            origin.clone_into(&mut self.origin);
        }
        self
    }
}

/// A key that nobody would look at, with the known key that comes nearest.
pub fn unknown_key(key: &Key, known: &[&str]) -> RuleError {
    let remedy = did_you_mean(&key.text, known.iter().copied(), "the keys");
    RuleError::new(Code::UnknownKey, key.place, format!("unknown key `{}`", key.text), remedy)
}

impl fmt::Display for RuleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, place, problem, remedy, .. } = self;
        match place.line {
            0 => write!(formatter, "{origin}: {problem}; {remedy}"),
            line => write!(formatter, "{origin}:{line}:{}: {problem}; {remedy}", place.column),
        }
    }
}

impl std::error::Error for RuleError {}
