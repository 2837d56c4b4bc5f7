//! What could not be read, and what to do about it.

use std::borrow::Cow;
use std::fmt;

use crate::origin::Origin;

/// How much of the bytes in question a [`Problem`] shows.
pub(crate) const SHOWN_BYTES: usize = 1024 * 1024;

/// Something that could not be read as a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem<'a> {
    /// Where it stands.
    pub origin: Origin<'a>,
    /// The byte of the unpacked stream at which it shows; of a text inside a message, where the message starts.
    pub offset: u64,
    /// What is wrong, with a remedy.
    pub reason: Reason,
    /// The bytes in question, at most 1 MiB of them: as much as EventBridge and SQS carry.
    pub bytes: &'a [u8],
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, byte {}: {}", self.origin, self.offset, self.reason)
    }
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No JSON.
    #[error(
        "this is not JSON; the records around it are judged, get this one again from where it was copied"
    )]
    Syntax,
    /// The input ends in the middle.
    #[error(
        "the input ends in the middle; what came before is judged, copy or download the whole of it again"
    )]
    Truncated,
    /// A record beyond [`Limits::record_bytes`](crate::Limits::record_bytes).
    #[error(
        "this is larger than {limit} bytes, which no CloudTrail record is; raise the record limit if it is one"
    )]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A record beyond [`model::json::MAX_DEPTH`].
    #[error("this is nested deeper than {limit} levels, as no AWS service writes it; look at who sent it")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// JSON, but no CloudTrail record; says what it looks like and what to give instead.
    #[error("this is {0}")]
    NotARecord(Cow<'static, str>),
    /// An archive that unpacks to far more than a trail does.
    #[error(
        "the archive unpacks to more than {expansion} times its size, as a bomb does; unpack it yourself if you trust it"
    )]
    Bomb {
        /// The limit, as a multiple of the packed size.
        expansion: u64,
    },
    /// More bytes than [`Limits::total_bytes`](crate::Limits::total_bytes).
    #[error(
        "there is more than the limit of {limit} bytes; the rest is not judged, raise the limit or split the input"
    )]
    TooLong {
        /// The limit.
        limit: u64,
    },
    /// The archive is damaged, or of a kind that is not read.
    #[error("the archive cannot be unpacked: {0}; download it again, or unpack it first")]
    Decompression(String),
}

impl Reason {
    pub(crate) const fn not_a_record(looks_like: &'static str) -> Self {
        Self::NotARecord(Cow::Borrowed(looks_like))
    }
}
