//! The bytes in sight: a buffer that slides over the input.

use std::io::{self, Read};

/// What is asked of the input at once: it fits in the second-level cache.
const CHUNK: usize = 256 * 1024;

/// A run of the input, refilled at its end and taken from at its start.
#[derive(Debug, Default)]
pub(crate) struct Window {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Window {
    /// The bytes that were read and not yet taken.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Takes `count` bytes from the start.
    pub(crate) fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Reads on; `false` at the end of the input.
    ///
    /// What is in sight holds no whole value, or it would have been taken. So this waits until a value may have
    /// become whole: until a brace came, or twice as much is in sight. An input that gives a few bytes at a
    /// time does not make the reader look at the same ones over and over.
    pub(crate) fn fill(&mut self, input: &mut dyn Read) -> io::Result<bool> {
        let goal = 2 * (self.end - self.start);
        self.make_room();
        loop {
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            if free.is_empty() {
                return Ok(true);
            }
            let count = match input.read(free) {
                Ok(0) => return Ok(false),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let fresh = free.get(..count).unwrap_or_default();
            let brace = memchr::memrchr2(b'}', b']', fresh).is_some();
            self.end += fresh.len();
            if brace || self.end - self.start >= goal {
                return Ok(true);
            }
        }
    }

    /// Makes sure that there is room at the end for as much again as is in sight.
    fn make_room(&mut self) {
        let pending = self.end - self.start;
        let wanted = pending.max(CHUNK / 2);
        if self.buffer.len() - self.end >= wanted {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.start = 0;
        self.end = pending;
        let size = (pending + wanted).next_power_of_two().max(CHUNK);
        if self.buffer.is_empty() {
            // Zeroed by the system as it is touched: a small file pays for a small buffer.
            self.buffer = vec![0; size];
        } else if self.buffer.len() < pending + wanted {
            self.buffer.resize(size, 0);
        }
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_order_and_the_buffer_stays_as_it_is() {
        let input: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut rest = input.as_slice();
        let mut window = Window::default();
        let mut seen = Vec::new();
        while window.fill(&mut rest).unwrap() {
            let count = window.bytes().len().saturating_sub(700);
            seen.extend_from_slice(&window.bytes()[..count]);
            window.take(count);
            assert_eq!(window.capacity(), CHUNK);
        }
        seen.extend_from_slice(window.bytes());
        assert_eq!(seen, input);
    }

    #[test]
    fn a_large_value_grows_the_buffer_to_at_most_four_times_its_size() {
        let mut input = io::repeat(b'a');
        let mut window = Window::default();
        while window.bytes().len() < 5_000_000 {
            window.fill(&mut input).unwrap();
        }
        assert!(window.capacity() <= 20_000_000, "{}", window.capacity());
    }

    #[test]
    fn small_pieces_are_gathered_until_a_value_may_be_whole() {
        struct Drip(&'static [u8]);
        impl Read for Drip {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.0.read(&mut into[..1])
            }
        }
        let mut input = Drip(b"abcdefgh}ij");
        let mut window = Window::default();
        assert!(window.fill(&mut input).unwrap());
        assert_eq!(window.bytes(), b"a");
        assert!(window.fill(&mut input).unwrap());
        assert!(window.fill(&mut input).unwrap());
        assert_eq!(window.bytes(), b"abcd");
        assert!(window.fill(&mut input).unwrap());
        assert!(window.fill(&mut input).unwrap());
        assert_eq!(window.bytes(), b"abcdefgh}", "the brace ends the wait");
        assert!(!window.fill(&mut input).unwrap());
        assert_eq!(window.bytes(), b"abcdefgh}ij", "the end of the input does too");
    }
}
