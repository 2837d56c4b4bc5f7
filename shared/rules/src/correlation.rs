//! Rules over several events: Sigma's correlations, its older `search | count() by field > 5`, and `new_terms`.
//!
//! Everything here is a pure function. What events told of a group is handed in as [`Seen`], in any order and as
//! often as one likes; [`Correlated::fired`] says which of them complete something. Who keeps it, and how long, is
//! decided elsewhere.
//!
//! Specification: "Sigma Correlation Rules",
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-correlation-rules-specification.md>.

mod bound;
mod compiled;
mod legacy;
mod link;
mod observe;
mod read;
mod thin;
mod window;

use jiff::SignedDuration;

use crate::detection::Detection;
use crate::error::Place;

pub(crate) use bound::{Bound, Sign};
pub use compiled::Correlated;
pub(crate) use compiled::Feed;
pub(crate) use legacy::aggregation;
pub(crate) use link::{Directory, Linked, NotLinked, Slot, link};
pub use observe::{Admit, Observed, Said};
pub(crate) use read::{KINDS, read};
pub use window::{Fired, Seen};

/// A correlation that was read, and whose rules are not looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Correlation {
    pub(crate) kind: Kind,
    pub(crate) steps: Vec<Step>,
    /// Fields, or names of aliases.
    pub(crate) group_by: Vec<String>,
    pub(crate) aliases: Vec<Alias>,
    /// The fields whose values count.
    pub(crate) fields: Vec<String>,
    /// How far apart events may be.
    pub(crate) span: SignedDuration,
    pub(crate) bounds: Vec<Bound>,
    /// Whether its rules are reported on their own as well.
    pub(crate) generate: bool,
    pub(crate) place: Place,
}

/// What a correlation looks for among the events of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// So many events.
    EventCount,
    /// So many different values.
    ValueCount,
    /// The sum of a field's numbers.
    Sum,
    /// Their average.
    Average,
    /// The least of them.
    Least,
    /// The greatest.
    Greatest,
    /// An event of each step, or of as many steps as the condition says.
    Temporal,
    /// An event of each step, one after the other.
    Ordered,
    /// A value that the group did not have before, once the group is known for so long.
    NewTerms {
        /// How long a group has to be known.
        learning: SignedDuration,
    },
}

impl Kind {
    /// Whether it looks at values.
    pub(crate) const fn has_values(self) -> bool {
        !matches!(self, Self::EventCount | Self::Temporal | Self::Ordered)
    }
}

/// One of the rules of a correlation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// As the correlation names it.
    pub(crate) label: String,
    pub(crate) place: Place,
    /// A condition of the rule's own; `None`: another rule, found by its label.
    pub(crate) own: Option<Detection>,
}

/// A name for what is called otherwise in the events of each rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// The label of a step, and the field there.
    pub(crate) fields: Vec<(String, String)>,
}
