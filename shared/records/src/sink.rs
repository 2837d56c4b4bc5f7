//! Numbers what is found, counts it, and hands it to the caller.

use std::ops::ControlFlow;

use model::Event;

use crate::origin::Origin;
use crate::problem::{Problem, Reason, SHOWN_BYTES};
use crate::record::{Envelope, Item, Record};

/// What the caller does with each record and each problem; [`ControlFlow::Break`] ends the reading.
pub type Each<'e> = dyn FnMut(Item<'_>) -> ControlFlow<()> + 'e;

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records handed out.
    pub records: u64,
    /// Problems handed out.
    pub problems: u64,
    /// Bytes taken from the input.
    pub bytes_in: u64,
    /// Bytes after unpacking.
    pub bytes_out: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.problems += other.problems;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
    }
}

pub(crate) struct Sink<'e> {
    source: String,
    number: u64,
    tally: Tally,
    each: &'e mut Each<'e>,
}

impl<'e> Sink<'e> {
    pub(crate) fn new(source: &str, each: &'e mut Each<'_>) -> Self {
        Self { source: source.to_owned(), number: 0, tally: Tally::default(), each }
    }

    /// What follows comes from `source`, and is numbered from 1 again.
    pub(crate) fn begin(&mut self, source: &str) {
        self.source.clear();
        self.source.push_str(source);
        self.number = 0;
    }

    pub(crate) fn record(
        &mut self,
        event: Event<'_>,
        ambiguous: Option<String>,
        envelope: Option<Envelope<'_>>,
    ) -> ControlFlow<()> {
        self.number += 1;
        self.tally.records += 1;
        let origin = Origin { source: &self.source, number: self.number };
        (self.each)(Item::Record(Record { event, origin, ambiguous, envelope, bytes: event.root().raw() }))
    }

    pub(crate) fn problem(&mut self, offset: u64, reason: Reason, bytes: &[u8]) -> ControlFlow<()> {
        self.number += 1;
        self.tally.problems += 1;
        let origin = Origin { source: &self.source, number: self.number };
        let bytes = bytes.get(..SHOWN_BYTES).unwrap_or(bytes);
        (self.each)(Item::Problem(Problem { origin, offset, reason, bytes }))
    }

    pub(crate) fn count_out(&mut self, bytes: u64) {
        self.tally.bytes_out += bytes;
    }

    pub(crate) fn tally(&self, bytes_in: u64) -> Tally {
        Tally { bytes_in, ..self.tally }
    }
}
