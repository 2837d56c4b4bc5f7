//! One time that a finding about a resource was open, and the times that count.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Cause, Certainty};

/// One time that a finding was open: why it began, and why it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// When the read began that found it, or when it was told from the record of a call.
    pub opened_at: Timestamp,
    /// The record of a call says so, and no read has confirmed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// When the read began that confirmed what the record of a call said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Why the resource became so.
    #[serde(default)]
    pub cause: Cause,
    /// When the read began that found it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Why it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Cause>,
}

impl Episode {
    /// Whether it began with the record of a call, before anybody had read what the call did.
    pub const fn is_told(&self) -> bool {
        self.provisional || self.confirmed_at.is_some()
    }

    /// Whether the record of a call began it, no read confirmed that before it ended, and no call ended it.
    pub fn is_withdrawn(&self) -> bool {
        let is_fixed = self.fix.as_ref().is_some_and(|fix| self.is_ended_by(fix));
        self.provisional && self.resolved_at.is_some() && !is_fixed
    }

    /// Whether `fix` names calls, and none that came before the one that began it.
    pub fn is_ended_by(&self, fix: &Cause) -> bool {
        !fix.calls.is_empty() && !self.is_before(fix)
    }

    /// Whether a call that `fix` names came before the one that began it: then a look showed what had been before.
    fn is_before(&self, fix: &Cause) -> bool {
        let began = self.cause.calls.iter().map(|call| call.time).min();
        began.is_some_and(|began| fix.calls.iter().any(|call| call.time < began))
    }

    /// Takes back a fix that came before what it should have ended: which call it was is not known.
    pub(crate) fn take_back_fix(&mut self) {
        let is_before = self.fix.as_ref().is_some_and(|fix| self.is_before(fix));
        if let (true, Some(fix)) = (is_before, &mut self.fix) {
            fix.certainty = Certainty::None;
            fix.calls.clear();
        }
    }

    /// So long after a call a read may still miss what it did. A later one has the last word.
    pub const PATIENCE: Duration = Duration::from_mins(4);

    /// Whether a look at `time` may come too early to withdraw what the record of a call said.
    pub fn may_still_show(&self, time: Timestamp) -> bool {
        self.provisional && time < self.opened_at + Self::PATIENCE
    }

    /// From the causing call to the read that found it.
    pub fn time_to_detect(&self) -> Option<SignedDuration> {
        self.cause.happened().map(|happened| self.opened_at.duration_since(happened))
    }

    /// From the read that found it to the call that ended it, or to the read that found it over where no call is known.
    /// Nothing, where it was over before anybody was told of it.
    pub fn time_to_resolve(&self) -> Option<SignedDuration> {
        self.ended().map(|ended| ended.max(self.opened_at).duration_since(self.opened_at))
    }

    /// For how long the resource was so: from the causing call to the fixing one, and from or to the read where no call
    /// is known.
    pub fn exposure(&self) -> Option<SignedDuration> {
        let began = self.cause.happened().unwrap_or(self.opened_at);
        self.ended().map(|ended| ended.duration_since(began))
    }

    fn ended(&self) -> Option<Timestamp> {
        self.fix.as_ref().and_then(Cause::happened).or(self.resolved_at)
    }
}
