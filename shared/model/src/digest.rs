//! A digest: one message about many findings, and what it says of each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Finding, FindingId, Notice, NoticeId, Outcome, Severity, Untrusted};

/// What a digest says of one finding: what would have been a message of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The notice that it stands for.
    pub notice: NoticeId,
    /// The finding.
    pub finding: FindingId,
    /// Its rule.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the calls took effect.
    pub outcome: Outcome,
    /// Whether the notice says that it is over.
    pub over: bool,
    /// The account.
    pub account: Untrusted,
    /// The region.
    pub region: Untrusted,
    /// What happened, in a sentence.
    pub message: Untrusted,
    /// When it happened last.
    pub time: Timestamp,
}

impl Line {
    /// The most bytes that are kept of what happened.
    const MESSAGE_LIMIT: usize = 512;

    /// What `notice` has to say of `finding`.
    pub fn of(notice: &Notice, finding: &Finding) -> Self {
        Self {
            notice: notice.id.clone(),
            finding: finding.id.clone(),
            rule: finding.rule.clone(),
            title: finding.title.clone(),
            severity: finding.severity,
            outcome: finding.outcome,
            over: notice.is_end(),
            account: finding.account.start(Self::MESSAGE_LIMIT),
            region: finding.region.start(Self::MESSAGE_LIMIT),
            message: finding.latest.message.start(Self::MESSAGE_LIMIT),
            time: finding.last_seen,
        }
    }
}

impl NoticeId {
    /// The id of the digest that `channel` gets at `at`.
    pub fn of_digest(channel: &str, at: Timestamp) -> Self {
        Self(format!("digest-{}-{channel}", at.strftime("%Y%m%dT%H%M%SZ")))
    }
}

impl Notice {
    /// The notice that has `channel` hear of many findings at `at`. It stands for no finding of its own.
    pub fn of_digest(channel: &str, at: Timestamp) -> Self {
        let id = NoticeId::of_digest(channel, at);
        Self { finding_id: FindingId::from_text(id.as_str()), id, channel: channel.to_owned() }
    }

    /// Whether this is a digest.
    pub fn is_digest(&self) -> bool {
        self.finding_id.as_str() == self.id.as_str()
    }

    /// Whether it says that a finding is over.
    pub fn is_end(&self) -> bool {
        self.id.as_str().ends_with(NoticeId::END)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_told_by_its_id() {
        let at = "2026-11-25T08:40:00Z".parse().unwrap();
        let digest = Notice::of_digest("text", at);
        assert_eq!(digest.id.as_str(), "digest-20261125T084000Z-text");
        assert!(digest.is_digest() && !digest.is_end());
        let finding = FindingId::from_text("f");
        let of = |id| Notice { id, finding_id: finding.clone(), channel: "text".into() };
        let (one, end) =
            (of(NoticeId::new(&finding, at, "text")), of(NoticeId::of_end(&finding, at, "text")));
        assert!(!one.is_digest() && !one.is_end());
        assert!(!end.is_digest() && end.is_end());
    }
}
