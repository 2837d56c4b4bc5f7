//! JSON as CloudTrail really sends it: indexed once, decoded only where someone looks.
//!
//! [`Tape::parse`] makes one iterative pass over the bytes and notes where each value starts and ends. Nothing is
//! copied or unescaped until a [`Value`] is asked for its text. Unlike a strict decoder it accepts what a record
//! can carry to blind a detector: nesting to [`MAX_DEPTH`], lone surrogates, invalid UTF-8 inside text, numbers of
//! any size. Duplicate keys are accepted too, and reported by [`Tape::ambiguous`].

mod document;
mod scan;
mod tape;
mod text;
mod value;
mod writer;

pub use document::Document;
pub use tape::{Kind, MAX_DEPTH, ParseError, Problem, Tape};
pub use text::{escape_into, unescape};
pub use value::{Items, Members, Value};
pub use writer::Writer;
