//! The nouns that every other crate speaks in: JSON values, CloudTrail events, findings. No I/O, no async, no clock.

mod assessment;
mod cause;
mod closing;
mod digest;
mod episode;
mod event;
mod finding;
mod inventory;
pub mod json;
mod mute;
mod posture;
mod said;
mod severity;
mod timeline;
mod untrusted;

pub use assessment::{Assessment, Basis, Change, Standing};
pub use cause::{Cause, Certainty, Culprit, Decisive, Hop};
pub use closing::Closing;
pub use digest::Line;
pub use episode::Episode;
pub use event::{Event, Outcome};
pub use finding::{
    Actor, Finding, FindingId, Notice, NoticeId, NoticePolicy, Occurrence, OccurrenceId, Poison, Sighting,
    Status, WindowId,
};
pub use inventory::State;
pub use jiff::{SignedDuration, Timestamp};
pub use mute::{Mute, MuteMatch, MuteRecord, MuteRemoval, Muted};
pub use posture::{Posture, Resolution};
pub use said::Said;
pub use severity::{Severity, UnknownSeverity};
pub use timeline::{Call, Difference, Effect, Moment, TimelineId, Turn, What};
pub use untrusted::{Encoder, Untrusted, is_deceptive};
