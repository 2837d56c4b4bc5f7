//! The rule language: Sigma, and a few additions, over JSON documents with holes.
//!
//! Three steps, each on its own: [`read`] parses a file, [`RuleSet::new`] compiles rules for one installation, and
//! [`RuleSet::judge`] judges an event. There is no I/O here, nothing asynchronous, no clock and no AWS: whoever
//! judges hands in the facts and the time through a [`View`].
//!
//! Judging is three-valued ([`Truth`]): what depends on data that could not be seen is unknown, never a match.

mod body;
mod build;
mod calendar;
mod case;
mod code;
mod compile;
mod condition;
mod correlation;
mod detection;
mod duration;
mod error;
mod explain;
mod expr;
mod family;
mod filter;
mod fix;
mod index;
mod judge;
pub mod keys;
pub mod lint;
mod message;
mod meta;
mod modifier;
mod near;
mod path;
mod pattern;
mod rule;
mod set;
mod settings;
pub mod shape;
mod subject;
pub mod tree;
mod truth;
mod values;

pub use case::{Case, RECORD, settings as test_settings};
pub use code::{Code, Level};
pub use correlation::{Admit, Correlated, Fired, Observed, Said, Seen};
pub use detection::Quantifier;
pub use error::{Place, RuleError, unknown_key};
pub use explain::Explanation;
pub use fix::{Fix, FixPiece};
pub use meta::{Attempt, Automation, Meta};
pub use near::{did_you_mean, nearest};
pub use pattern::TextPattern;
pub use rule::{Rule, Target, from_node, read};
pub use set::{Compiled, Judged, Resting, RuleSet, until};
pub use settings::{EMPTY_UNLESS_SET, Settings};
pub use subject::{Facts, NoFacts, Scratch, View};
pub use truth::Truth;
