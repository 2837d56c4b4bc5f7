//! The inventory: what there is, how it changed, and which call did it.

mod canonical;
mod cause;
mod chain;
mod clause;
mod delta;
mod keep;
mod kept;
mod named;
mod passing;
mod past;
mod suspects;
mod trace;

pub use past::{Past, at};

pub(crate) use canonical::{sort, withhold};
pub(crate) use cause::{About, Question, attribute, made};
pub(crate) use chain::add_chains;
pub(crate) use clause::flipped;
pub(crate) use delta::Delta;
pub(crate) use keep::{Look, Looked, document_of, keep};
pub(crate) use kept::Kept;
pub(crate) use named::told;
pub(crate) use suspects::{LAG, SKEW, Suspects, suspects_from};
pub(crate) use trace::{Trace, is_as_said, makes};

/// The text as a key: it is compared and asked for, and shown nowhere.
pub(crate) fn plain(text: &model::Untrusted) -> String {
    struct Key;
    impl model::Encoder for Key {
        fn encode(&self, text: &str) -> String {
            text.to_owned()
        }
    }
    text.encode(&Key)
}
