//! What a check says of a resource, and how a finding about a resource lives: it opens, stays, is resolved and may
//! open again under the same id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Finding, FindingId, Occurrence, OccurrenceId, Outcome, Severity, Status, Untrusted};

/// What a finding about a resource says besides what every finding says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posture {
    /// The type of the resource, such as `aws.s3.bucket`.
    pub resource_type: String,
    /// The resource's ARN.
    pub resource: Untrusted,
    /// When the resource was judged last.
    pub checked_at: Timestamp,
    /// When it was resolved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Why it was resolved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// Why a finding about a resource is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// The check is content with the resource.
    Clean,
    /// There is no such resource any more.
    Gone,
}

/// What was seen of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The check matches.
    Finding {
        /// The check's sentence.
        message: Untrusted,
        /// The document, as compact JSON.
        evidence: Untrusted,
    },
    /// It does not, or the resource is gone.
    Over(Resolution),
}

/// What a check said of a resource at a time. What could not be judged is no assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The check.
    pub rule: String,
    /// The check's title.
    pub title: String,
    /// How bad a match is.
    pub severity: Severity,
    /// The account.
    pub account: Untrusted,
    /// The region.
    pub region: Untrusted,
    /// The type of the resource.
    pub resource_type: String,
    /// The resource's ARN.
    pub resource: Untrusted,
    /// What the check said.
    pub standing: Standing,
    /// When the resource was read.
    pub observed_at: Timestamp,
    /// Who looked: a scan, a harvest.
    pub lane: Untrusted,
}

/// What an assessment did to the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There was none before.
    Opened,
    /// It was resolved before.
    Reopened,
    /// It was open, and is.
    Kept,
    /// It was open, and is over.
    Resolved,
    /// There was nothing to change: no finding, one that is over, or one that was judged later than this.
    Nothing,
}

impl Change {
    /// Whether somebody has to look who had not to before.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened)
    }
}

impl Assessment {
    /// The id of the finding that this is about.
    pub fn finding_id(&self) -> FindingId {
        FindingId::of_resource(&self.rule, &self.account, &self.region, &self.resource)
    }

    /// The finding after this assessment, and what became of it. An older assessment than the finding's last changes
    /// nothing, so that the order of arrival does not matter. `None`: there is no finding, before or after.
    pub fn apply(&self, before: Option<Finding>) -> (Option<Finding>, Change) {
        match (before, &self.standing) {
            (None, Standing::Over(_)) => (None, Change::Nothing),
            (None, Standing::Finding { message, evidence }) => {
                let latest = self.episode(self.finding_id(), message, evidence);
                (Some(self.opened(latest)), Change::Opened)
            }
            (Some(finding), _) if self.is_outdated(&finding) => (Some(finding), Change::Nothing),
            (Some(mut finding), Standing::Over(resolution)) => {
                let change = if finding.status == Status::Open { Change::Resolved } else { Change::Nothing };
                if let (Change::Resolved, Some(posture)) = (change, &mut finding.posture) {
                    finding.status = Status::Resolved;
                    posture.resolved_at = Some(self.observed_at);
                    posture.resolution = Some(*resolution);
                    posture.checked_at = self.observed_at;
                }
                (Some(finding), change)
            }
            (Some(mut finding), Standing::Finding { message, evidence }) => {
                let change = if finding.status == Status::Open { Change::Kept } else { Change::Reopened };
                if change == Change::Reopened {
                    finding.latest = self.episode(finding.id.clone(), message, evidence);
                    finding.count = finding.count.saturating_add(1);
                } else {
                    finding.latest.message = message.clone();
                    finding.latest.evidence = evidence.clone();
                    finding.latest.severity = self.severity;
                }
                finding.status = Status::Open;
                finding.title.clone_from(&self.title);
                finding.severity = self.severity;
                finding.last_seen = self.observed_at;
                if let Some(posture) = &mut finding.posture {
                    posture.checked_at = self.observed_at;
                }
                (Some(finding), change)
            }
        }
    }

    fn is_outdated(&self, finding: &Finding) -> bool {
        finding.posture.as_ref().is_some_and(|posture| posture.checked_at > self.observed_at)
    }

    fn opened(&self, latest: Occurrence) -> Finding {
        Finding {
            id: latest.finding_id.clone(),
            rule: self.rule.clone(),
            title: self.title.clone(),
            severity: self.severity,
            status: Status::Open,
            outcome: Outcome::Success,
            account: self.account.clone(),
            region: self.region.clone(),
            scope: self.resource.clone(),
            first_seen: self.observed_at,
            last_seen: self.observed_at,
            count: 1,
            latest,
            posture: Some(Posture {
                resource_type: self.resource_type.clone(),
                resource: self.resource.clone(),
                checked_at: self.observed_at,
                resolved_at: None,
                resolution: None,
            }),
        }
    }

    /// The beginning of an episode, as an occurrence of the finding. Who caused it is not known here.
    fn episode(&self, finding_id: FindingId, message: &Untrusted, evidence: &Untrusted) -> Occurrence {
        let event_id = format!("episode:{}", self.observed_at);
        Occurrence {
            id: OccurrenceId::of_episode(&finding_id, &event_id),
            finding_id,
            event_id: Untrusted::new(event_id),
            event_time: self.observed_at,
            event_source: Untrusted::default(),
            event_name: Untrusted::default(),
            outcome: Outcome::Success,
            error: Untrusted::default(),
            severity: self.severity,
            message: message.clone(),
            actor: Actor::default(),
            evidence: evidence.clone(),
            lane: self.lane.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assessment(standing: Standing, minute: i64) -> Assessment {
        Assessment {
            rule: "s3-bucket-versioning-off".into(),
            title: "S3 bucket without versioning".into(),
            severity: Severity::Medium,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            resource_type: "aws.s3.bucket".into(),
            resource: "arn:aws:s3:::b".into(),
            standing,
            observed_at: Timestamp::from_second(minute * 60).unwrap(),
            lane: "scan".into(),
        }
    }

    fn bad(minute: i64) -> Assessment {
        assessment(Standing::Finding { message: "m".into(), evidence: "{}".into() }, minute)
    }

    fn good(minute: i64) -> Assessment {
        assessment(Standing::Over(Resolution::Clean), minute)
    }

    #[test]
    fn a_finding_opens_stays_is_resolved_and_opens_again_under_its_id() {
        let (finding, opened) = bad(1).apply(None);
        let id = finding.as_ref().unwrap().id.clone();
        let (finding, kept) = bad(2).apply(finding);
        assert_eq!(finding.as_ref().unwrap().first_seen, bad(1).observed_at);
        assert_eq!(finding.as_ref().unwrap().count, 1);
        let (finding, resolved) = good(3).apply(finding);
        assert_eq!(finding.as_ref().unwrap().status, Status::Resolved);
        assert_eq!(
            finding.as_ref().unwrap().posture.as_ref().unwrap().resolved_at,
            Some(good(3).observed_at)
        );
        let (finding, nothing) = good(4).apply(finding);
        let (finding, reopened) = bad(5).apply(finding);
        let finding = finding.unwrap();
        assert_eq!(
            [opened, kept, resolved, nothing, reopened],
            [Change::Opened, Change::Kept, Change::Resolved, Change::Nothing, Change::Reopened]
        );
        assert_eq!((finding.id, finding.status, finding.count), (id, Status::Open, 2));
    }

    #[test]
    fn what_was_seen_earlier_changes_nothing() {
        let (finding, _) = bad(5).apply(None);
        let (after, change) = good(4).apply(finding.clone());
        assert_eq!((after, change), (finding, Change::Nothing));
        assert_eq!(good(1).apply(None), (None, Change::Nothing));
    }
}
