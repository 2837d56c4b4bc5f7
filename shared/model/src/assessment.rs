//! What a check says of a resource at a time, and what that makes of the finding: it opens, stays, is resolved and may
//! open again under the same id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Cause, Episode, Finding, FindingId, Occurrence, OccurrenceId, Outcome, Posture, Resolution, Severity,
    Status, Untrusted,
};

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

/// What an assessment rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// A read that shows what all known calls did.
    #[default]
    Read,
    /// A read that may come too early to show what a call did.
    EarlyRead,
    /// The record of a call made at this time: what the resource should be now.
    Record(Timestamp),
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
    /// Why the resource became so, or became clean, where that is known by now.
    pub cause: Option<Cause>,
    /// When the resource was read, or, if nobody has, when the record was judged.
    pub observed_at: Timestamp,
    /// What this rests on.
    pub basis: Basis,
    /// Who looked: a scan, a harvest.
    pub lane: Untrusted,
}

/// What an assessment did to the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was none before.
    Opened,
    /// It was resolved before.
    Reopened,
    /// It was open, and is.
    Kept,
    /// It was open, and is over.
    Resolved,
    /// It is what it was, and more is known of why.
    Amended,
    /// It was told from the record of a call, and this look came too early to say otherwise.
    Pending,
    /// There was nothing to change: no finding, one that is over, or one that was judged later than this.
    Nothing,
}

impl Change {
    /// Whether somebody has to look who had not to before.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened)
    }

    /// Whether the finding differs, and has to be kept.
    pub const fn is_kept(self) -> bool {
        !matches!(self, Self::Pending | Self::Nothing)
    }
}

impl Assessment {
    /// The id of the finding that this is about.
    pub fn finding_id(&self) -> FindingId {
        FindingId::of_resource(&self.rule, &self.account, &self.region, &self.resource)
    }

    /// The finding after this assessment, and what became of it. An older assessment than the finding's last changes
    /// nothing, so that the order of arrival does not matter. `None`: there is no finding, before or after.
    pub fn apply(&self, mut before: Option<Finding>) -> (Option<Finding>, Change) {
        if before.as_mut().is_some_and(|finding| self.correct(finding)) {
            return (before, Change::Amended);
        }
        match (before, &self.standing) {
            (None, Standing::Over(_)) => (None, Change::Nothing),
            (None, Standing::Finding { message, evidence }) => {
                let latest = self.occurrence(self.finding_id(), message, evidence);
                (Some(self.opened(latest)), Change::Opened)
            }
            (Some(finding), _) if self.is_outdated(&finding) || self.is_known(&finding) => {
                (Some(finding), Change::Nothing)
            }
            (Some(mut finding), Standing::Over(resolution)) => {
                let change = self.end(&mut finding, *resolution);
                (Some(finding), change)
            }
            (Some(mut finding), Standing::Finding { message, evidence }) => {
                let change = if finding.status == Status::Open { Change::Kept } else { Change::Reopened };
                if change == Change::Reopened {
                    finding.latest = self.occurrence(finding.id.clone(), message, evidence);
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
                    posture.checked_at = self.looked_at();
                    if change == Change::Reopened {
                        posture.begin(self.episode());
                    } else if let Some(episode) = posture.episodes.last_mut().filter(|one| one.provisional) {
                        episode.provisional = false;
                        episode.confirmed_at = Some(self.observed_at);
                    }
                }
                self.explain(&mut finding);
                (Some(finding), change)
            }
        }
    }

    /// Ends what is open.
    fn end(&self, finding: &mut Finding, resolution: Resolution) -> Change {
        let Some(posture) = finding.posture.as_mut().filter(|_| finding.status == Status::Open) else {
            return Change::Nothing;
        };
        let is_provisional = posture.is_provisional();
        let is_early = self.basis == Basis::EarlyRead && resolution == Resolution::Clean;
        if is_early && posture.episode().is_some_and(|episode| episode.may_still_show(self.observed_at)) {
            return Change::Pending;
        }
        let resolution = match resolution {
            Resolution::Clean if is_provisional => Resolution::Withdrawn,
            Resolution::Withdrawn | Resolution::Unconfirmed if !is_provisional => return Change::Nothing,
            resolution => resolution,
        };
        finding.status = Status::Resolved;
        posture.resolved_at = Some(self.observed_at);
        posture.resolution = Some(resolution);
        posture.checked_at = self.observed_at;
        if let Some(episode) = posture.episodes.last_mut() {
            episode.resolved_at = Some(self.observed_at);
            episode.fix.clone_from(&self.cause);
        }
        Change::Resolved
    }

    /// What the newest episode is caused by gets better as more is known.
    fn explain(&self, finding: &mut Finding) {
        let episode = finding.posture.as_mut().and_then(|posture| posture.episodes.last_mut());
        if let (Some(cause), Some(episode)) = (&self.cause, episode)
            && cause.improves(&episode.cause)
        {
            episode.cause = cause.clone();
            finding.latest.blame(cause);
        }
    }

    /// A better cause of the episode that began, or ended, with this very look: an event that was late explains what
    /// was seen before it came. `false`: there is nothing to correct.
    fn correct(&self, finding: &mut Finding) -> bool {
        let (Some(posture), Some(cause)) = (&mut finding.posture, &self.cause) else { return false };
        let count = posture.episodes.len();
        for (number, episode) in posture.episodes.iter_mut().enumerate() {
            match &self.standing {
                Standing::Over(_) if episode.resolved_at == Some(self.observed_at) => {
                    let known = episode.fix.get_or_insert_default();
                    if cause.corrects(known) {
                        *known = cause.clone();
                        return true;
                    }
                }
                Standing::Finding { .. } if episode.opened_at == self.observed_at => {
                    if cause.corrects(&episode.cause) {
                        episode.cause = cause.clone();
                        if number + 1 == count {
                            finding.latest.blame(cause);
                        }
                        return true;
                    }
                }
                Standing::Over(_) | Standing::Finding { .. } => {}
            }
        }
        false
    }

    /// Whether the record of a call says nothing new: the finding is open, or had an episode for that call.
    fn is_known(&self, finding: &Finding) -> bool {
        let told = self.cause.as_ref().and_then(Cause::exact).map(|culprit| &culprit.event_id);
        let episodes = finding.posture.iter().flat_map(|posture| &posture.episodes);
        let mut causes = episodes.filter_map(|episode| episode.cause.exact());
        matches!(self.basis, Basis::Record(_))
            && (finding.status == Status::Open || causes.any(|culprit| Some(&culprit.event_id) == told))
    }

    /// As of when the resource is known so. A read that began after the call knows better than its record.
    const fn looked_at(&self) -> Timestamp {
        match self.basis {
            Basis::Read | Basis::EarlyRead => self.observed_at,
            Basis::Record(called_at) => called_at,
        }
    }

    fn is_outdated(&self, finding: &Finding) -> bool {
        finding.posture.as_ref().is_some_and(|posture| posture.checked_at > self.looked_at())
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
            muted: None,
            posture: Some(Posture {
                resource_type: self.resource_type.clone(),
                resource: self.resource.clone(),
                checked_at: self.looked_at(),
                resolved_at: None,
                resolution: None,
                episodes: vec![self.episode()],
            }),
        }
    }

    fn episode(&self) -> Episode {
        let cause = self.cause.clone().unwrap_or_default();
        Episode {
            opened_at: self.observed_at,
            provisional: matches!(self.basis, Basis::Record(_)),
            confirmed_at: None,
            cause,
            resolved_at: None,
            fix: None,
        }
    }

    /// The beginning of an episode, as an occurrence of the finding: the causing call, where it is known.
    fn occurrence(&self, finding_id: FindingId, message: &Untrusted, evidence: &Untrusted) -> Occurrence {
        let event_id = format!("episode:{}", self.observed_at);
        let culprit = self.cause.as_ref().and_then(Cause::exact);
        Occurrence {
            id: OccurrenceId::of_episode(&finding_id, &event_id),
            finding_id,
            event_id: Untrusted::new(event_id),
            event_time: self.observed_at,
            event_source: culprit.map(|culprit| culprit.source.clone()).unwrap_or_default(),
            event_name: culprit.map(|culprit| culprit.name.clone()).unwrap_or_default(),
            outcome: Outcome::Success,
            error: Untrusted::default(),
            severity: self.severity,
            message: message.clone(),
            actor: culprit.map(|culprit| culprit.actor.clone()).unwrap_or_default(),
            evidence: evidence.clone(),
            lane: self.lane.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{Actor, Certainty, Culprit};

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
            cause: None,
            observed_at: Timestamp::from_second(minute * 60).unwrap(),
            basis: Basis::Read,
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

    fn caused(assessment: Assessment, certainty: Certainty, second: i64) -> Assessment {
        let culprit = Culprit {
            event_id: "e".into(),
            time: Timestamp::from_second(second).unwrap(),
            source: "s3.amazonaws.com".into(),
            name: "PutBucketVersioning".into(),
            actor: Actor { principal: "arn:aws:iam::1:user/u".into(), ..Actor::default() },
            chain: Vec::new(),
        };
        let cause = Cause { certainty, calls: vec![culprit], ..Cause::default() };
        Assessment { cause: Some(cause), ..assessment }
    }

    fn episode(finding: &Finding) -> Episode {
        finding.posture.as_ref().unwrap().episode().unwrap().clone()
    }

    #[test]
    fn an_episode_says_which_calls_began_and_ended_it() {
        let (finding, _) = caused(bad(1), Certainty::Exact, 50).apply(None);
        let (finding, _) = caused(good(5), Certainty::Exact, 290).apply(finding);

        let finding = finding.unwrap();
        assert_eq!(finding.latest.event_name, "PutBucketVersioning".into());
        assert_eq!(finding.latest.actor.principal, "arn:aws:iam::1:user/u".into());
        let episode = episode(&finding);
        let seconds = |duration: Option<SignedDuration>| duration.unwrap().as_secs();
        assert_eq!(seconds(episode.time_to_detect()), 10);
        assert_eq!(seconds(episode.time_to_resolve()), 230);
        assert_eq!(seconds(episode.exposure()), 240);
    }

    #[test]
    fn a_cause_gets_better_and_never_worse() {
        let (finding, _) = bad(1).apply(None);
        assert_eq!(episode(finding.as_ref().unwrap()).cause.certainty, Certainty::Before);
        let (finding, kept) = caused(bad(2), Certainty::Exact, 50).apply(finding);
        let (finding, _) = caused(bad(3), Certainty::Several, 55).apply(finding);
        assert_eq!(
            (kept, episode(finding.as_ref().unwrap()).cause.certainty),
            (Change::Kept, Certainty::Exact)
        );

        let (finding, _) = good(4).apply(finding);
        let (finding, amended) = caused(good(4), Certainty::Exact, 230).apply(finding);
        let (finding, reopened) = bad(6).apply(finding);
        let (finding, earlier) = caused(bad(1), Certainty::Exact, 55).apply(finding);
        assert_eq!([reopened, earlier], [Change::Reopened, Change::Amended]);
        let first = finding.as_ref().unwrap().posture.as_ref().unwrap().episodes.first().unwrap().clone();
        assert_eq!(first.cause.happened(), Some(Timestamp::from_second(55).unwrap()));
        let (finding, _) = good(7).apply(finding);
        let (finding, nothing) = caused(good(5), Certainty::None, 230).apply(finding);
        assert_eq!([amended, nothing], [Change::Amended, Change::Nothing]);
        assert_eq!(first.fix.unwrap().certainty, Certainty::Exact);
        assert_eq!(episode(&finding.unwrap()).fix, None);
    }

    fn of_record(minute: i64) -> Assessment {
        let called_at = Timestamp::from_second(minute * 60 - 2).unwrap();
        let assessment = caused(bad(minute), Certainty::Exact, minute * 60 - 2);
        Assessment { basis: Basis::Record(called_at), ..assessment }
    }

    fn early(assessment: Assessment) -> Assessment {
        Assessment { basis: Basis::EarlyRead, ..assessment }
    }

    #[test]
    fn a_read_confirms_what_a_record_said() {
        let (finding, opened) = of_record(1).apply(None);
        assert!(finding.as_ref().unwrap().is_provisional());
        let (finding, again) = of_record(1).apply(finding);
        let (finding, kept) = bad(2).apply(finding);
        let finding = finding.unwrap();
        assert_eq!([opened, again, kept], [Change::Opened, Change::Nothing, Change::Kept]);
        let episode = episode(&finding);
        assert_eq!((finding.is_provisional(), finding.count), (false, 1));
        assert_eq!(episode.confirmed_at, Some(bad(2).observed_at));
        assert_eq!(episode.cause.certainty, Certainty::Exact);
    }

    #[test]
    fn a_read_withdraws_what_a_record_said_once_it_is_late_enough() {
        let (finding, _) = of_record(1).apply(None);
        let (finding, pending) = early(good(2)).apply(finding);
        assert!(finding.as_ref().unwrap().is_provisional());
        let (withdrawn, over) = good(2).apply(finding.clone());
        let (late, also_over) = early(good(5)).apply(finding);
        assert_eq!([pending, over, also_over], [Change::Pending, Change::Resolved, Change::Resolved]);
        for finding in [&withdrawn, &late] {
            let resolution = finding.as_ref().unwrap().posture.as_ref().unwrap().resolution;
            assert_eq!(resolution, Some(Resolution::Withdrawn));
        }
        // The same record again opens nothing.
        assert_eq!(of_record(1).apply(withdrawn).1, Change::Nothing);
    }

    #[test]
    fn only_what_is_provisional_ends_as_unconfirmed() {
        let unconfirmed = assessment(Standing::Over(Resolution::Unconfirmed), 6);
        let (finding, _) = of_record(1).apply(None);
        assert_eq!(unconfirmed.apply(finding).1, Change::Resolved);
        let (finding, _) = bad(1).apply(None);
        assert_eq!(unconfirmed.apply(finding).1, Change::Nothing);
    }

    #[test]
    fn what_was_seen_earlier_changes_nothing() {
        let (finding, _) = bad(5).apply(None);
        let (after, change) = good(4).apply(finding.clone());
        assert_eq!((after, change), (finding, Change::Nothing));
        assert_eq!(good(1).apply(None), (None, Change::Nothing));
    }
}
