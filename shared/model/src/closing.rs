//! That somebody has dealt with a finding about events.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Finding, Notice, NoticePolicy, Status, Untrusted};

/// That somebody has dealt with a finding about events: it is over until the same happens again.
///
/// A finding about a resource cannot be closed: what is so stays open until a look shows that it is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// Who: an ARN, or `os:` and a user of the machine.
    pub by: Untrusted,
    /// What came of it.
    pub reason: Untrusted,
}

impl Finding {
    /// This finding, closed; `None` where there is nothing to close: it is about a resource, or it is closed.
    #[must_use]
    pub fn close(&self, closing: &Closing) -> Option<Self> {
        let closable = self.posture.is_none() && self.status == Status::Open;
        closable.then(|| Self { status: Status::Resolved, closed: Some(closing.clone()), ..self.clone() })
    }

    /// The notices that this finding is over, of those that told of what happened last.
    pub fn ended<'n>(&self, told: impl IntoIterator<Item = &'n Notice>) -> Vec<Notice> {
        let told: Vec<&Notice> = told.into_iter().collect();
        let channels: BTreeSet<&str> = told.iter().map(|notice| notice.channel.as_str()).collect();
        let channels = channels.into_iter().map(str::to_owned).collect();
        NoticePolicy { channels, minimum: None }.end(self, |id| told.iter().any(|notice| notice.id == *id))
    }
}
