//! The bytes of one input, value by value.
//!
//! Nothing here reads: [`Stream::advance`] is given the bytes in sight and says how many it is done with. What it
//! does never depends on where the bytes in sight end, so the pieces in which an input comes make no difference.

use std::ops::ControlFlow;

use model::Event;
use model::json::{Kind, MAX_DEPTH, ParseError, Problem, Tape, Value};

use crate::lost::{Budget, Field, Found, Lost};
use crate::problem::Reason;
use crate::shape::{self, Head, Shape};
use crate::sink::Sink;
use crate::skip::Skip;
use crate::space;

/// Lists within lists: a folder of trail files made into one array has three levels.
const MAX_OPEN: usize = 6;

/// Messages within messages: SQS around SNS around `EventBridge` has three.
const MAX_CARRIERS: usize = 8;

/// A container whose items are taken one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// An array.
    List,
    /// An object, for the list that is one of its members.
    Members,
}

#[derive(Debug)]
enum Mode {
    /// A value, or the end of a container, comes next.
    Between,
    /// Inside a value that is passed over.
    Skipping(Skip),
    /// Behind something that cannot be read.
    Lost(Lost),
}

/// Where one step led.
enum Step {
    /// Done with the bytes before this.
    To(usize),
    /// Done with the bytes before this, and the ones behind do not suffice.
    More(usize),
}

/// The state of one input.
#[derive(Debug)]
pub(crate) struct Stream {
    tape: Tape,
    open: Vec<Open>,
    mode: Mode,
    record_bytes: usize,
    /// The bytes done with.
    pub(crate) done: u64,
    budget: Budget,
    /// Something stood in the input.
    started: bool,
    /// Something was broken, so brackets may close that never opened.
    broken: bool,
    /// Of a text inside a message: where the message stands.
    place: Option<u64>,
    /// How many messages are around.
    carriers: usize,
    /// For the text inside a message; kept for the next one.
    inner: Option<Box<Stream>>,
}

impl Stream {
    pub(crate) fn new(record_bytes: usize) -> Self {
        Self {
            tape: Tape::default(),
            open: Vec::new(),
            mode: Mode::Between,
            record_bytes,
            done: 0,
            budget: Budget::default(),
            started: false,
            broken: false,
            place: None,
            carriers: 0,
            inner: None,
        }
    }

    /// Takes `bytes` as the whole of the input.
    pub(crate) fn whole(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> ControlFlow<()> {
        let count = self.advance(bytes, true, sink)?;
        self.finish(bytes.get(count..).unwrap_or_default(), None, sink)
    }

    /// Takes what it can of `bytes`, which follow those taken before, and says how many it took. With `last`,
    /// nothing follows them.
    pub(crate) fn advance(
        &mut self,
        bytes: &[u8],
        last: bool,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<(), usize> {
        let mut at = 0;
        loop {
            let step = match &mut self.mode {
                Mode::Between => self.next(bytes, at, sink)?,
                Mode::Skipping(skip) => match skip.end(bytes, at) {
                    Some(end) => {
                        self.mode = Mode::Between;
                        Step::To(end)
                    }
                    None => Step::More(bytes.len()),
                },
                Mode::Lost(_) => self.search(bytes, at, last, sink)?,
            };
            match step {
                Step::To(next) => at = next,
                // A value without an end may have swallowed the ones behind it.
                Step::More(next) if last && next < bytes.len() && matches!(self.mode, Mode::Between) => {
                    let retry = self.budget.retry(next, bytes.len(), self.done + next as u64);
                    self.lose(Reason::Truncated, bytes, next, bytes.len(), retry);
                    at = retry;
                }
                Step::More(next) => {
                    self.done += next as u64;
                    return ControlFlow::Continue(next);
                }
            }
        }
    }

    /// The input is over; `pending` was not taken. `fault` is what ended it, if that was not its end.
    pub(crate) fn finish(
        &mut self,
        pending: &[u8],
        fault: Option<Reason>,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let offset = self.offset(pending.len());
        let mode = std::mem::replace(&mut self.mode, Mode::Between);
        let reason = match (mode, fault) {
            (Mode::Lost(lost), None) => return sink.problem(lost.offset, lost.reason, &lost.kept),
            (Mode::Lost(lost), Some(fault)) if lost.reason == Reason::Truncated => {
                return sink.problem(offset, fault, &lost.kept);
            }
            (Mode::Lost(lost), Some(fault)) => {
                sink.problem(lost.offset, lost.reason, &lost.kept)?;
                fault
            }
            (_, Some(fault)) => fault,
            (Mode::Skipping(_), None) => Reason::Truncated,
            (Mode::Between, None) if !pending.is_empty() || !self.open.is_empty() => Reason::Truncated,
            (Mode::Between, None) if !self.started => {
                Reason::not_a_record("empty; there is nothing to judge")
            }
            (Mode::Between, None) => return ControlFlow::Continue(()),
        };
        sink.problem(offset, reason, pending)
    }

    /// The place of byte `at` in sight, for a person.
    fn offset(&self, at: usize) -> u64 {
        self.place.unwrap_or(self.done + at as u64)
    }

    /// One value, or one bracket.
    fn next(&mut self, bytes: &[u8], at: usize, sink: &mut Sink<'_>) -> ControlFlow<(), Step> {
        let at = space::past_separators(bytes, at);
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(&byte) = rest.first().filter(|_| !space::may_be_mark(rest)) else {
            return ControlFlow::Continue(Step::More(at));
        };
        self.started = true;
        let step = match (byte, self.open.last()) {
            (b'{', None | Some(Open::List)) => match shape::head(bytes, at) {
                Head::List(items) if self.open.len() < MAX_OPEN => {
                    self.open.extend([Open::Members, Open::List]);
                    Step::To(items)
                }
                _ => self.value(bytes, at, sink)?,
            },
            (b'[', None | Some(Open::List)) if self.open.len() < MAX_OPEN => {
                self.open.push(Open::List);
                Step::To(at + 1)
            }
            (b'"' | b'[', None | Some(Open::List)) => self.value(bytes, at, sink)?,
            (b'"', Some(Open::Members)) => self.member(bytes, at, sink)?,
            (b']', Some(Open::List)) | (b'}', Some(Open::Members)) => {
                self.open.pop();
                Step::To(at + 1)
            }
            (b']' | b'}', _) if self.broken => Step::To(at + 1),
            _ => self.lose(shape::of_junk(byte), bytes, at, at, at + 1),
        };
        ControlFlow::Continue(step)
    }

    /// One item that should be a record, or hold some.
    fn value(&mut self, bytes: &[u8], at: usize, sink: &mut Sink<'_>) -> ControlFlow<(), Step> {
        let error = match self.tape.parse_prefix(bytes, at) {
            Ok(end) if end - at <= self.record_bytes => return self.judge(bytes, at, end, sink),
            Ok(end) => ParseError { problem: Problem::TooLong, offset: end },
            Err(error) => error,
        };
        let in_reach = bytes.get(..at + self.record_bytes).unwrap_or(bytes);
        if bytes.get(at) == Some(&b'{')
            && self.open.len() < MAX_OPEN
            && shape::leads_to_list(&mut self.tape, in_reach, at)
        {
            self.open.push(Open::Members);
            return ControlFlow::Continue(Step::To(at + 1));
        }
        self.unread(error, bytes, at, sink)
    }

    /// One member of an object that holds a list: the list itself is opened, all else passed over.
    fn member(&mut self, bytes: &[u8], at: usize, sink: &mut Sink<'_>) -> ControlFlow<(), Step> {
        let end = match self.tape.parse_prefix(bytes, at) {
            Ok(end) => end,
            Err(error) => return self.unread(error, bytes, at, sink),
        };
        let colon = space::past_space(bytes, end);
        let value = space::past_space(bytes, colon + 1);
        match (bytes.get(colon), bytes.get(value)) {
            (Some(b':'), Some(b'['))
                if shape::is_list(&self.tape.root(bytes).as_str().unwrap_or_default()) =>
            {
                self.open.push(Open::List);
                return ControlFlow::Continue(Step::To(value + 1));
            }
            (Some(b':'), Some(_)) => {}
            (Some(b':') | None, None) => return ControlFlow::Continue(Step::More(at)),
            _ => return ControlFlow::Continue(self.lose(Reason::Syntax, bytes, at, colon, at + 1)),
        }
        let read = match self.tape.parse_prefix(bytes, value) {
            Ok(end) if end - value > self.record_bytes => {
                Err(ParseError { problem: Problem::TooLong, offset: end })
            }
            read => read,
        };
        match read {
            // A number may go on behind the bytes in sight.
            Ok(end) if end < bytes.len() => ControlFlow::Continue(Step::To(end)),
            Ok(_) => ControlFlow::Continue(Step::More(at)),
            Err(error) => self.unread(error, bytes, value, sink).map_continue(|step| match step {
                Step::More(_) => Step::More(at),
                step @ Step::To(_) => step,
            }),
        }
    }

    /// What to do about a value at `at` that was not read.
    fn unread(
        &mut self,
        error: ParseError,
        bytes: &[u8],
        at: usize,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<(), Step> {
        // The length decides before the fault does: a smaller window would have seen nothing else.
        let too_large =
            error.problem == Problem::TooLong || error.offset.saturating_sub(at) > self.record_bytes;
        let step = match error.problem {
            _ if too_large && self.open.last() == Some(&Open::Members) => self.skip(
                Reason::TooLarge { limit: self.record_bytes },
                bytes,
                at,
                at + self.record_bytes,
                sink,
            )?,
            _ if too_large => self.lose(Reason::TooLarge { limit: self.record_bytes }, bytes, at, at, at + 1),
            Problem::Incomplete => Step::More(at),
            // Whole but for that, so it has an end; and what its sender nested must not pass for a record.
            Problem::TooDeep => {
                self.skip(Reason::TooDeep { limit: MAX_DEPTH }, bytes, at, error.offset, sink)?
            }
            _ => {
                let next = self.budget.retry(at, error.offset, self.done + at as u64);
                self.lose(Reason::Syntax, bytes, at, error.offset, next)
            }
        };
        ControlFlow::Continue(step)
    }

    /// Passes over the value at `at` as a whole; its bytes up to `shown` are shown.
    fn skip(
        &mut self,
        reason: Reason,
        bytes: &[u8],
        at: usize,
        shown: usize,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<(), Step> {
        sink.problem(self.offset(at), reason, bytes.get(at..shown).unwrap_or_default())?;
        self.mode = Mode::Skipping(Skip::default());
        ControlFlow::Continue(Step::To(at))
    }

    /// Starts the search for the next value: the bytes from `at` to `next` are given up, `fault` is to blame.
    fn lose(&mut self, reason: Reason, bytes: &[u8], at: usize, fault: usize, next: usize) -> Step {
        let mut lost = Lost::new(reason, self.offset(fault));
        lost.give_up(bytes, at, next);
        self.broken = true;
        self.mode = Mode::Lost(lost);
        Step::To(next)
    }

    fn search(&mut self, bytes: &[u8], at: usize, last: bool, sink: &mut Sink<'_>) -> ControlFlow<(), Step> {
        let Mode::Lost(lost) = &mut self.mode else { return ControlFlow::Continue(Step::To(at)) };
        let found = lost.search(
            bytes,
            at,
            &mut Field {
                tape: &mut self.tape,
                budget: &mut self.budget,
                before: self.done,
                record_bytes: self.record_bytes,
                lines: self.open.is_empty(),
                last,
            },
        );
        let next = match found {
            Found::More(next) => return ControlFlow::Continue(Step::More(next)),
            Found::At(next) => {
                while self.open.last() == Some(&Open::Members) {
                    self.open.pop();
                }
                next
            }
            Found::NewList(next) => {
                self.open.clear();
                next
            }
        };
        if let Mode::Lost(lost) = std::mem::replace(&mut self.mode, Mode::Between) {
            sink.problem(lost.offset, lost.reason, &lost.kept)?;
        }
        ControlFlow::Continue(Step::To(next))
    }

    /// Hands out the value between `at` and `end`, which the tape holds.
    fn judge(&mut self, bytes: &[u8], at: usize, end: usize, sink: &mut Sink<'_>) -> ControlFlow<(), Step> {
        let offset = self.offset(at);
        let root = self.tape.root(bytes);
        match shape::shape(root) {
            Shape::Record { .. } => sink.record(Event::new(root), self.tape.ambiguous(bytes), None)?,
            Shape::Envelope(detail, envelope) => {
                sink.record(Event::new(detail), self.tape.ambiguous(bytes), Some(envelope))?;
            }
            // A line break in it shows that its quotation mark is a stray one.
            Shape::Carrier(text)
                if root.kind() == Kind::String
                    && (!shape::looks_like_json(text).1 || root.raw().contains(&b'\n')) =>
            {
                let reason = Reason::not_a_record("a bare text; a CloudTrail record is an object");
                return ControlFlow::Continue(self.lose(reason, bytes, at, at, at + 1));
            }
            Shape::Carrier(text) => {
                let inner = self.inner.take();
                let (inner, flow) = carried(text, inner, self.record_bytes, self.carriers + 1, offset, sink);
                self.inner = inner;
                flow?;
            }
            Shape::List if self.open.len() < MAX_OPEN => {
                self.open.push(Open::Members);
                return ControlFlow::Continue(Step::To(at + 1));
            }
            Shape::List => {
                let reason = Reason::not_a_record("a list inside too many lists; give the inner one");
                sink.problem(offset, reason, root.raw())?;
            }
            Shape::Other(looks_like) => sink.problem(offset, Reason::NotARecord(looks_like), root.raw())?,
        }
        ControlFlow::Continue(Step::To(end))
    }
}

/// Reads the JSON text that a message at `place` carries.
fn carried(
    text: Value<'_>,
    inner: Option<Box<Stream>>,
    record_bytes: usize,
    carriers: usize,
    place: u64,
    sink: &mut Sink<'_>,
) -> (Option<Box<Stream>>, ControlFlow<()>) {
    if carriers > MAX_CARRIERS {
        let reason = Reason::not_a_record("a message inside too many messages; give the inner one");
        return (inner, sink.problem(place, reason, text.raw()));
    }
    let mut inner = inner.unwrap_or_else(|| Box::new(Stream::new(record_bytes)));
    let kept = (std::mem::take(&mut inner.tape), inner.inner.take());
    *inner =
        Stream { tape: kept.0, inner: kept.1, place: Some(place), carriers, ..Stream::new(record_bytes) };
    let flow = inner.whole(text.as_str().unwrap_or_default().as_bytes(), sink);
    (Some(inner), flow)
}
