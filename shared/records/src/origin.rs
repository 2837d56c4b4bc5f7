//! Where a record came from.

use std::fmt;

/// Where a record came from, so that a person can find it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The file, `-` for standard input, or `archive.zip!member`.
    pub source: &'a str,
    /// The how manyth record of that source it is, from 1; what could not be read counts too.
    pub number: u64,
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} record {}", self.source, self.number)
    }
}
