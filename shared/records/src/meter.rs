//! Readers that count: what is taken from the input, and how far it unpacks.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

use crate::error::InputError;
use crate::limits::Limits;
use crate::problem::Reason;

/// Below this an archive may unpack as far as it likes.
const SMALL: u64 = 16 * 1024 * 1024;

/// Is told how many bytes were taken from the input so far.
pub(crate) type Progress<'p> = dyn FnMut(u64) + 'p;

/// The input itself. Its errors are marked as such.
pub(crate) struct Meter<'c, R> {
    input: R,
    taken: &'c Cell<u64>,
    progress: Option<&'c mut Progress<'c>>,
}

impl<'c, R> Meter<'c, R> {
    pub(crate) fn new(input: R, taken: &'c Cell<u64>) -> Self {
        Self { input, taken, progress: None }
    }

    pub(crate) fn with_progress(self, progress: &'c mut Progress<'_>) -> Self {
        Self { progress: Some(progress), ..self }
    }
}

impl<R: Read> Read for Meter<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into).map_err(mark)?;
        self.taken.set(self.taken.get() + count as u64);
        if let Some(progress) = &mut self.progress {
            progress(self.taken.get());
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Meter<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A seek to a place before the start is the fault of the archive that named it.
        self.input.seek(to)
    }
}

fn mark(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, InputError(error)),
    }
}

/// A decoder, held to [`Limits`].
pub(crate) struct Guard<'c, R> {
    decoder: R,
    taken: &'c Cell<u64>,
    /// What was taken from the input before this decoder began.
    before: u64,
    given: u64,
    limits: &'c Limits,
}

impl<'c, R> Guard<'c, R> {
    pub(crate) fn new(decoder: R, taken: &'c Cell<u64>, limits: &'c Limits) -> Self {
        Self { decoder, taken, before: taken.get(), given: 0, limits }
    }
}

impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.limits.total_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(self.given));
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        if room == 0 && !into.is_empty() {
            // The limit is reached: whether that is the end too, one byte more tells.
            return match (self.decoder.read(&mut [0])?, self.limits.total_bytes) {
                (1.., Some(limit)) => Err(io::Error::other(Reason::TooLong { limit })),
                _ => Ok(0),
            };
        }
        let count = self.decoder.read(into.get_mut(..room).unwrap_or_default())?;
        self.given += count as u64;
        let taken = (self.taken.get() - self.before).max(1);
        if self.given > SMALL && self.given / taken > self.limits.expansion {
            return Err(io::Error::other(Reason::Bomb { expansion: self.limits.expansion }));
        }
        Ok(count)
    }
}
