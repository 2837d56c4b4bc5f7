//! What a finding about a resource says besides what every finding says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Episode, Untrusted};

/// What a finding about a resource says besides what every finding says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posture {
    /// The type of the resource, such as `aws.s3.bucket`.
    pub resource_type: String,
    /// The resource's ARN.
    pub resource: Untrusted,
    /// When the resource was judged last; of a finding that stays as it is, to within twelve hours.
    pub checked_at: Timestamp,
    /// When it was resolved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Why it was resolved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The newest times that it was open, the oldest first, at most [`Posture::EPISODES`].
    #[serde(default)]
    pub episodes: Vec<Episode>,
}

impl Posture {
    /// So many episodes are kept.
    pub const EPISODES: usize = 20;

    /// The newest episode.
    pub fn episode(&self) -> Option<&Episode> {
        self.episodes.last()
    }

    /// Whether the record of a call says so, and no read has confirmed it.
    pub fn is_provisional(&self) -> bool {
        self.episode().is_some_and(|episode| episode.provisional && episode.resolved_at.is_none())
    }

    pub(crate) fn begin(&mut self, episode: Episode) {
        self.episodes.push(episode);
        let over = self.episodes.len().saturating_sub(Self::EPISODES);
        self.episodes.drain(..over);
    }
}

/// Why a finding about a resource is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// The check is content with the resource, after a read or a call that found it otherwise.
    Clean,
    /// There is no such resource any more.
    Gone,
    /// It was told from the record of a call, a read shows that it is not so, and no later call explains that.
    Withdrawn,
    /// It was told from the record of a call, and nobody could read the resource in time.
    Unconfirmed,
}

impl Resolution {
    /// Why a provisional finding is withdrawn, in words; `None` where it stood.
    pub const fn withdrawn(self) -> Option<&'static str> {
        match self {
            Self::Clean | Self::Gone => None,
            Self::Withdrawn => Some("a read shows that it is not so"),
            Self::Unconfirmed => Some("the resource could not be read in time"),
        }
    }
}
