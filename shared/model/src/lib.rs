//! The nouns that every other crate speaks in: JSON values, CloudTrail events, findings. No I/O, no async, no clock.

mod event;
mod finding;
pub mod json;
mod posture;
mod severity;
mod untrusted;

pub use event::{Event, Outcome};
pub use finding::{
    Actor, Finding, FindingId, Notice, NoticeId, NoticePolicy, Occurrence, OccurrenceId, Poison, Sighting,
    Status, WindowId,
};
pub use jiff::Timestamp;
pub use posture::{Assessment, Change, Posture, Resolution, Standing};
pub use severity::{Severity, UnknownSeverity};
pub use untrusted::{Encoder, Untrusted, is_deceptive};
