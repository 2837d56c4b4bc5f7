//! From bytes to CloudTrail records.
//!
//! [`read`] takes a stream, [`Source::read`] a file, [`read_message`] what a Lambda function was handed. All three
//! give each record to a callback, and each thing that could not be read as a [`Problem`] with its place and a
//! remedy: nothing is skipped in silence, and one bad record costs its neighbours nothing.
//!
//! The shape is found in the content, never in a name: `{"Records":[…]}`, single records, arrays, JSON lines,
//! `EventBridge`, SQS and SNS envelopes, `lookup-events` and CloudWatch Logs output; plain, gzip or zip.
//!
//! Memory does not grow with the input. A window slides over the bytes, grows for one large record up to
//! [`Limits::record_bytes`], and each record is indexed where it stands: one pass, no copy.

mod archive;
mod error;
mod limits;
mod lost;
mod meter;
mod origin;
mod problem;
mod pump;
mod record;
mod shape;
mod sink;
mod skip;
mod sources;
mod space;
mod stream;
mod window;

use std::cell::Cell;
use std::io::Read;
use std::ops::ControlFlow;

pub use error::ReadError;
pub use limits::Limits;
pub use origin::Origin;
pub use problem::{Problem, Reason};
pub use record::{Envelope, Item, Record};
pub use sink::{Each, Tally};
pub use sources::{LeftOut, Source, Sources, Why, sources};

use meter::Meter;
use sink::Sink;
use stream::Stream;

/// Reads everything in `input`, packed or plain, and gives each record and each problem to `each`.
///
/// `source` names the input in messages. Reading ends early, without an error, when `each` breaks.
///
/// # Errors
/// Only when `input` itself cannot be read. Whatever is wrong with its content is a [`Problem`].
pub fn read<R: Read>(
    input: R,
    source: &str,
    limits: &Limits,
    each: &mut Each<'_>,
) -> Result<Tally, ReadError> {
    let taken = Cell::new(0);
    let mut sink = Sink::new(source, each);
    // Whether `each` broke makes no difference to the tally.
    let _ = archive::unpack(
        &mut Meter::new(input, &taken),
        &archive::Unpacking::new(source, limits, &taken),
        &mut sink,
    )?;
    Ok(sink.tally(taken.get()))
}

/// Reads one message that is in memory already: an `EventBridge` event, the body of an SQS message, a file's content.
pub fn read_message(bytes: &[u8], source: &str, each: &mut Each<'_>) -> Tally {
    let mut sink = Sink::new(source, each);
    let _: ControlFlow<()> = Stream::new(Limits::default().record_bytes).whole(bytes, &mut sink);
    sink.count_out(bytes.len() as u64);
    sink.tally(bytes.len() as u64)
}
