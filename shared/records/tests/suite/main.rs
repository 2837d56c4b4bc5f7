//! What comes out of the reader, for what goes in.

#![cfg(test)]

// The name by which the workspace knows this crate.
extern crate trailpost_records as records;

mod archives;
mod damage;
mod files;
mod reading;
mod shapes;
