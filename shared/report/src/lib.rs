//! Findings as people and programs want to read them: one format a file.
//!
//! To add a format is to write one file with one [`Format`], and to name it in [`FORMATS`].

mod format;
pub mod html;
mod json;
mod ndjson;
mod output;
mod row;
mod style;
mod summary;
mod table;
mod terminal;
mod verdict;

#[cfg(test)]
mod samples;

pub use format::{FORMATS, Format};
pub use output::{OutputSpec, OutputSpecError};
pub use row::Row;
pub use style::Style;
pub use summary::summary;
pub use terminal::{Terminal, escape_json};
pub use verdict::Verdict;
