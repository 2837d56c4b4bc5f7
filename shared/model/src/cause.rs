//! Why a resource is as it is: the call that made it so, as far as that can be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Call, Untrusted};

/// How sure a cause is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It was so when somebody looked for the first time.
    #[default]
    Before,
    /// It changed, and no event explains it.
    None,
    /// One of several calls did it.
    Several,
    /// This call did it.
    Exact,
}

impl Certainty {
    /// The word for it, as in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::None => "none",
            Self::Several => "several",
            Self::Exact => "exact",
        }
    }
}

/// A session that a caller acted in: who opened it, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The role whose session it is.
    pub role: Untrusted,
    /// The event that opened it.
    pub event_id: Untrusted,
    /// The account that recorded it.
    pub account: Untrusted,
    /// When.
    pub time: Timestamp,
    /// Who opened it.
    pub actor: Actor,
}

/// A call that caused something, with the sessions behind its caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Culprit {
    /// The event.
    pub event_id: Untrusted,
    /// When the call was made.
    pub time: Timestamp,
    /// `eventSource`.
    pub source: Untrusted,
    /// `eventName`.
    pub name: Untrusted,
    /// Who made it.
    pub actor: Actor,
    /// The sessions behind the caller, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Hop>,
}

impl Culprit {
    /// The call, without the sessions behind its caller.
    pub fn of(call: &Call) -> Self {
        Self {
            event_id: call.event_id.clone(),
            time: call.time,
            source: call.source.clone(),
            name: call.name.clone(),
            actor: call.actor.clone(),
            chain: Vec::new(),
        }
    }
}

/// Which of several parts of a change turned a verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decisive {
    /// All of them together.
    #[default]
    All,
    /// Each was enough, so that the first did.
    First,
    /// It took each of them, so that the last did.
    Last,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why something changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// How sure that is.
    pub certainty: Certainty,
    /// The calls: one of an exact cause, none where nothing explains it.
    pub calls: Vec<Culprit>,
    /// When somebody looked last before the change, and first after it; of what the record of a call says, when the call
    /// was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<(Timestamp, Timestamp)>,
    /// The change: a JSON Patch.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub patch: Untrusted,
    /// Which part of the change counts.
    #[serde(skip_serializing_if = "is_default")]
    pub decisive: Decisive,
    /// The conditions of the check that came out differently after the change, each in words with the values it saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clause: Vec<Untrusted>,
}

impl Cause {
    /// The one call that did it.
    pub fn exact(&self) -> Option<&Culprit> {
        self.calls.first().filter(|_| self.certainty == Certainty::Exact)
    }

    /// When the change happened, as far as a call tells.
    pub fn happened(&self) -> Option<Timestamp> {
        self.exact().map(|culprit| culprit.time)
    }

    /// Whether this says more than `other` about the same change.
    pub fn improves(&self, other: &Self) -> bool {
        self.certainty > other.certainty
    }

    /// Whether this, which was found out later, takes the place of `other`: it names other calls. More events may leave
    /// open what fewer seemed to decide.
    pub fn corrects(&self, other: &Self) -> bool {
        self != other && (self.certainty >= other.certainty || self.certainty == Certainty::Several)
    }
}
