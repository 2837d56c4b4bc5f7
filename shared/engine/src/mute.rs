//! Mutes: which findings nobody wants to hear of now, and what follows from that.
//!
//! A muted finding is judged, counted, kept and resolved like any other. Whether it is muted is asked at the moment it is
//! shown or told, by the time of then: so a mute ends without a write, and one that is added works at once on all that is
//! kept.
//!
//! - [`Mutes`] knows which mute covers a finding; [`about`] looks up what that takes.
//! - [`file`] reads mutes from YAML, [`import`] from other tools.
//! - [`preview`] says what a mute would hide.
//! - [`Keeper`] tells people of mutes that end; [`Book`] reads the mutes of a deployment.

mod book;
mod check;
mod cover;
pub mod file;
mod hold;
pub mod import;
mod keeper;
mod pattern;
mod preview;

pub use book::{Book, Reading};
pub use check::{LONGEST_DAYS, Mistake, idle, mistakes};
pub use cover::{Background, Mutes, about, mark};
pub use hold::Hold;
pub use keeper::{Keeper, Tended};
pub use preview::{Hidden, end, hidden};
