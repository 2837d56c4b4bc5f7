//! The proof of the rule language: the engine against its definition, against another engine, and by example.

#![cfg(test)]

// The name by which the workspace knows this crate.
extern crate trailpost_rules as rules;

mod corpus;
mod correlations;
mod differences;
mod document;
mod generate;
mod harness;
mod language;
mod mistakes;
mod oracle;
mod properties;
mod reference;
mod robustness;
