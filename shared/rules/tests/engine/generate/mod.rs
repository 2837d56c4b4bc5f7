//! Random rules and events over so few names and values that they often have to do with each other.

mod common;
mod events;
mod fields;
mod rules;

pub(crate) use common::{common_detection, common_event};
pub(crate) use events::{event, facts, filled, holes_filled};
pub(crate) use rules::{condition, detection, searches};
