//! A resource as it was read last, with what is needed to tell what changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{TimelineId, Untrusted};

/// The newest state of a resource. It comes from reads only, never from what an event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its timeline, and the key it is kept under: that of its ARN.
    pub key: TimelineId,
    /// Its type, such as `aws.s3.bucket`.
    pub resource_type: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// What identifies it among its siblings.
    pub id: Untrusted,
    /// A name for people.
    pub name: Untrusted,
    /// Its ARN.
    pub arn: Untrusted,
    /// What was read of it, as compact JSON in canonical order. What people write into it themselves, and may be
    /// secret, is left out.
    pub document: Untrusted,
    /// When it was seen first.
    pub first_seen: Timestamp,
    /// When the read began that this state is of.
    pub read_at: Timestamp,
    /// Facets that this read did not bring, and the time of the last one that did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, Timestamp>,
    /// When it was seen to differ last.
    pub changed_at: Timestamp,
    /// When it was seen to be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<Timestamp>,
    /// Counts how often it came into being under this ARN, from 1 on.
    pub incarnation: u32,
}

impl State {
    /// Whether it is there, as far as is known.
    pub const fn is_present(&self) -> bool {
        self.gone_at.is_none()
    }

    /// The timelines that hold moments of this resource: under its ARN, its id and its name, and of all of its type.
    pub fn timelines(&self) -> Vec<TimelineId> {
        let texts = [&self.arn, &self.id, &self.name].map(Untrusted::key);
        let mut timelines = Vec::with_capacity(texts.len());
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            let timeline = TimelineId::of_resource(&self.account, &self.region, &self.resource_type, text);
            if !timelines.contains(&timeline) {
                timelines.push(timeline);
            }
        }
        timelines.push(TimelineId::of_all(&self.account, &self.resource_type));
        timelines
    }
}
