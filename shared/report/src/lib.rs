//! Findings as people and programs want to read them: one format a file.
//!
//! To add a format is to write one file with one [`Format`], and to name it in [`FORMATS`].

pub mod asff;
mod attack;
pub mod compliance;
mod csv;
mod cut;
pub mod document;
mod entry;
pub mod eventbridge;
mod fix;
mod format;
pub mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod output;
mod row;
mod sarif;
mod shape;
mod style;
mod summary;
mod table;
mod terminal;
mod verdict;

#[cfg(test)]
mod samples;

pub use cut::cut;
pub use document::Document;
pub use entry::State;
pub use fix::{Commands, commands};
pub use format::{FORMATS, Format};
pub use output::{OutputSpec, OutputSpecError};
pub use row::Row;
pub use shape::Shape;
pub use style::Style;
pub use summary::summary;
pub use terminal::{Terminal, escape_json};
pub use verdict::Verdict;
