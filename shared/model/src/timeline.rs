//! The life of a resource as a list of moments: calls, and what they changed.
//!
//! A moment's id stands for what it tells, so that a record that comes twice, or on two lanes, is told once; its place
//! in the list is the time at which it happened, so that the order of arrival does not matter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::{digest, id};
use crate::{Actor, Cause, Outcome, Untrusted};

id! {
    /// 32 hexadecimal digits that stand for what a timeline is about: most often (account, region, type of resource,
    /// one text by which AWS calls it).
    TimelineId
}

impl TimelineId {
    /// The timeline of a resource under one of the texts that identify it: its ARN, its id, or its name. What is about
    /// the resource as it was read stands under its ARN; a call stands under what its record says.
    pub fn of_resource(account: &str, region: &str, resource_type: &str, text: &str) -> Self {
        Self(digest(["resource", account, region, resource_type, text]))
    }

    /// The timeline of what concerns all resources of a type in an account.
    pub fn of_all(account: &str, resource_type: &str) -> Self {
        Self(digest(["all", account, resource_type]))
    }

    /// The timeline of the sessions that were opened under an access key id: the calls that opened them.
    pub fn of_session(access_key: &Untrusted) -> Self {
        Self(digest(["session", access_key.key()]))
    }

    /// The calls of which nobody knows what they change, of all accounts.
    pub fn of_unmapped() -> Self {
        Self(digest(["unmapped"]))
    }
}

/// What a call does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Its tags change, and nothing else.
    Tags,
    /// It is made, or changed.
    Upsert,
    /// It goes away, now or soon.
    Gone,
}

/// A call as its record tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// CloudTrail's `eventID`, or `sha256:` and the digest of a record that has none.
    pub event_id: Untrusted,
    /// `sharedEventID`: the same in the records that several accounts have of one call.
    #[serde(default)]
    pub shared_event_id: Untrusted,
    /// The account that received the record.
    pub account: Untrusted,
    /// When it was made, to the second.
    pub time: Timestamp,
    /// `eventSource`.
    pub source: Untrusted,
    /// `eventName`, with the version that some services put behind it.
    pub name: Untrusted,
    /// Whether it took effect.
    pub outcome: Outcome,
    /// The error code of an attempt.
    #[serde(default)]
    pub error: Untrusted,
    /// Who made it.
    pub actor: Actor,
    /// The ARN of the role that it opened a session of, if it did.
    #[serde(default)]
    pub role: Untrusted,
    /// What it does to the resource.
    pub effect: Effect,
    /// The facets of the resource that it may change; all where this is empty.
    #[serde(default)]
    pub facets: BTreeSet<String>,
    /// What was asked for: `requestParameters` as compact JSON, secrets replaced, at most [`Call::REQUEST_LIMIT`] bytes.
    #[serde(default)]
    pub request: Untrusted,
    /// What its record tells of the document of the resource after it, as JSON: objects of `member`, a dotted path, `how`,
    /// a key of a row's entry such as `sets`, and `value`. At most [`Call::REQUEST_LIMIT`] bytes, secrets replaced.
    #[serde(default, skip_serializing_if = "Untrusted::is_empty")]
    pub sets: Untrusted,
    /// Where the record came from.
    #[serde(default)]
    pub lane: Untrusted,
}

impl Call {
    /// The most bytes of a request that are kept.
    pub const REQUEST_LIMIT: usize = 8 * 1024;
}

/// How a resource came to be as it is from one look to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// It was not there before.
    Appeared,
    /// It was there, and is another.
    Changed,
    /// It is not there any more.
    Vanished,
}

/// A difference between two looks at a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What became of it.
    pub turn: Turn,
    /// When the look before this one began; `None`: there was none.
    pub since: Option<Timestamp>,
    /// Facets that differ and that look did not read, and the time of the last look that did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, Timestamp>,
    /// What makes the earlier document the later one: a JSON Patch (RFC 6902).
    pub patch: Untrusted,
    /// What makes the later document the earlier one.
    pub undo: Untrusted,
    /// Only what other resources say of it differs.
    #[serde(default)]
    pub related: bool,
    /// Which call did it.
    pub cause: Cause,
    /// Members that differ though no call that is known may have changed them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unexplained: BTreeSet<String>,
    /// Who looked: a scan, a harvest.
    pub lane: Untrusted,
}

/// What a moment tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A call that took effect, or an attempt.
    Call(Box<Call>),
    /// A difference that was seen.
    Difference(Box<Difference>),
}

/// One moment of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Whose.
    pub timeline: TimelineId,
    /// When: of a call when it was made, of a difference when it was seen.
    pub time: Timestamp,
    /// Tells it from every other moment of its timeline: letters, digits and `-`.
    pub id: String,
    /// What happened.
    pub what: What,
}

impl Moment {
    /// A call, on the timeline of what it changes.
    pub fn call(timeline: TimelineId, call: Call) -> Self {
        let id = format!("call-{}", digest([call.event_id.key(), call.account.key()]));
        Self { timeline, time: call.time, id, what: What::Call(Box::new(call)) }
    }

    /// A difference that was seen at `time`.
    pub fn difference(timeline: TimelineId, time: Timestamp, difference: Difference) -> Self {
        Self { timeline, time, id: "difference".to_owned(), what: What::Difference(Box::new(difference)) }
    }

    /// The call, if it is one.
    pub fn as_call(&self) -> Option<&Call> {
        match &self.what {
            What::Call(call) => Some(call),
            What::Difference(_) => None,
        }
    }

    /// The difference, if it is one.
    pub fn as_difference(&self) -> Option<&Difference> {
        match &self.what {
            What::Difference(difference) => Some(difference),
            What::Call(_) => None,
        }
    }
}
