//! From an input to its stream of values, through the window.

use std::io::Read;
use std::ops::ControlFlow;

use crate::error::{ReadError, cause};
use crate::sink::Sink;
use crate::stream::Stream;
use crate::window::Window;

/// Gives all that `input` holds to `sink`.
pub(crate) fn pump(
    input: &mut dyn Read,
    name: &str,
    record_bytes: usize,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>, ReadError> {
    let mut window = Window::default();
    let mut stream = Stream::new(record_bytes);
    let flow = drain(input, name, &mut window, &mut stream, sink);
    sink.count_out(stream.done + window.bytes().len() as u64);
    flow
}

fn drain(
    input: &mut dyn Read,
    name: &str,
    window: &mut Window,
    stream: &mut Stream,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>, ReadError> {
    let mut fault = None;
    let mut last = false;
    loop {
        match stream.advance(window.bytes(), last, sink) {
            ControlFlow::Continue(count) => window.take(count),
            ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
        }
        if last {
            return Ok(stream.finish(window.bytes(), fault, sink));
        }
        match window.fill(input) {
            Ok(more) => last = !more,
            Err(error) => {
                fault = Some(cause(error, name)?);
                last = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` records, made as they are read.
    struct Endless {
        count: u32,
        rest: Vec<u8>,
        padding: usize,
    }

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.rest.is_empty() && self.count > 0 {
                self.count -= 1;
                let padding = "x".repeat(self.padding);
                self.rest =
                    format!("{{\"eventVersion\":\"1.11\",\"eventName\":\"{padding}\"}},").into_bytes();
            }
            let count = self.rest.as_slice().read(into)?;
            self.rest.drain(..count);
            Ok(count)
        }
    }

    fn drained(mut input: impl Read, record_bytes: usize) -> (u64, u64, usize) {
        let mut window = Window::default();
        let mut each = |_: crate::Item<'_>| ControlFlow::Continue(());
        let mut sink = Sink::new("a", &mut each);
        let flow = drain(&mut input, "a", &mut window, &mut Stream::new(record_bytes), &mut sink).unwrap();
        assert_eq!(flow, ControlFlow::Continue(()));
        (sink.tally(0).records, sink.tally(0).problems, window.capacity())
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_records() {
        let records = Endless { count: 30_000, rest: b"{\"Records\":[".to_vec(), padding: 1_000 };
        let (records, problems, capacity) = drained(records.chain(&b"]}"[..]), 16 << 20);
        assert_eq!((records, problems, capacity), (30_000, 0, 256 * 1024));
    }

    #[test]
    fn memory_is_bounded_by_the_record_limit_however_long_a_value_goes_on() {
        let long = std::io::repeat(b'x').take(10 << 20);
        let input = (&b"[{\"eventVersion\":\"1.11\",\"eventName\":\""[..]).chain(long);
        let input = input.chain(&b"\"},{\"eventVersion\":\"1.11\",\"eventName\":\"x\"}]"[..]);
        let (records, problems, capacity) = drained(input, 1 << 20);
        assert_eq!((records, problems), (1, 1));
        assert!(capacity <= 4 << 20, "{capacity}");
    }

    #[test]
    fn memory_is_bounded_when_nothing_can_be_read() {
        let input = (&b"{\"eventVersion\": oh no "[..]).chain(std::io::repeat(b'{').take(3 << 20));
        let (records, problems, capacity) = drained(input, 1 << 20);
        assert_eq!((records, problems), (0, 1));
        assert!(capacity <= 4 << 20, "{capacity}");
    }
}
