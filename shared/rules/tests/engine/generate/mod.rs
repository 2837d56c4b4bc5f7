//! Random rules and events over so few names and values that they often have to do with each other.

mod events;
mod fields;
mod rules;
mod subset;

pub(crate) use events::{event, facts, filled, holes_filled};
pub(crate) use rules::{condition, detection, searches};
pub(crate) use subset::{common_detection, common_event};
