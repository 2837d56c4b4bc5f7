//! Mutes: findings that somebody knows of and does not want to hear of, for a reason and for a time.
//!
//! A mute is data. Whether it covers a finding is asked when the finding is shown or told, and is not kept with it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Untrusted;

/// What a mute covers. A field that is empty says nothing; of one that is not, any pattern has to match. A pattern is
/// the whole text, with `*` for any characters and `?` for one, or a regular expression of the whole text behind `re:`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MuteMatch {
    /// The id of the signature or check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rule: Vec<String>,
    /// The account's id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account: Vec<String>,
    /// The region.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<String>,
    /// The resource's ARN; of a signature's finding, what its occurrences have in common.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// Values of tags of the resource, by key. All of them have to match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who made the calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub principal: Vec<String>,
}

impl MuteMatch {
    /// An id for a mute that covers this: `prefix`, and 8 digits that stand for it and for `salt`.
    pub fn id(&self, prefix: &str, salt: &str) -> String {
        let Self { rule, account, region, resource, tags, principal } = self;
        let lists = [rule, account, region, resource, principal].into_iter();
        let texts = lists.flat_map(|list| list.iter().map(String::as_str).chain(["/"]));
        let tags = tags.iter().flat_map(|(key, pattern)| [key.as_str(), pattern.as_str()]);
        let digest = crate::finding::digest(["mute", salt].into_iter().chain(texts).chain(tags));
        format!("{prefix}-{}", digest.get(..8).unwrap_or_default())
    }
}

/// A decision not to hear of some findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    /// Its id: lower-case letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// What it covers.
    #[serde(rename = "match")]
    pub matches: MuteMatch,
    /// Why.
    pub reason: Untrusted,
    /// Who answers for it.
    pub owner: Untrusted,
    /// Where it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Untrusted>,
    /// Since when.
    pub created: Timestamp,
    /// From then on it covers nothing.
    pub expires: Timestamp,
    /// Who added it: the caller's ARN, or `os:` and the name of a user of a machine; empty for one of a file.
    #[serde(default, skip_serializing_if = "Untrusted::is_empty")]
    pub created_by: Untrusted,
}

/// What a muted finding says of its mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Muted {
    /// The mute.
    pub id: String,
    /// Who answers for it.
    pub owner: Untrusted,
    /// Why.
    pub reason: Untrusted,
    /// Until when.
    pub expires: Timestamp,
}

impl From<&Mute> for Muted {
    fn from(mute: &Mute) -> Self {
        let Mute { id, owner, reason, expires, .. } = mute;
        Self { id: id.clone(), owner: owner.clone(), reason: reason.clone(), expires: *expires }
    }
}

/// That a mute was taken away before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRemoval {
    /// When.
    pub at: Timestamp,
    /// By whom, as [`Mute::created_by`].
    pub by: Untrusted,
}

/// A mute as a store keeps it, for ever: who added it and who took it away stay on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRecord {
    /// The mute.
    pub mute: Mute,
    /// Counts the writes of this record, from 1 on.
    pub revision: u64,
    /// That it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<MuteRemoval>,
    /// When people were told that it is going to expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<Timestamp>,
    /// When people were told that it covers nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_told_at: Option<Timestamp>,
}

impl MuteRecord {
    /// The record of a mute that is new.
    pub const fn new(mute: Mute) -> Self {
        Self { mute, revision: 1, removed: None, warned_at: None, end_told_at: None }
    }

    /// The record that comes behind this one.
    #[must_use]
    pub fn next(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        next.revision = self.revision.saturating_add(1);
        next
    }

    /// From when on it covers nothing.
    pub fn ends(&self) -> Timestamp {
        let expires = self.mute.expires;
        self.removed.as_ref().map_or(expires, |removed| removed.at.min(expires))
    }
}
