//! The use cases, and the ports they need: what happens, without saying where it is kept or how it is told.

pub mod canary;
pub mod check;
pub mod collect;
pub mod correlate;
pub mod detect;
mod event_facts;
pub mod harvest;
pub mod health;
pub mod ingest;
pub mod intake;
pub mod inventory;
pub mod mapping;
pub mod mute;
pub mod notify;
pub mod ports;
mod redact;
pub mod rule_test;
pub mod scan;
pub mod times;
pub mod track;

pub use event_facts::{EventFacts, event_fact_names};
