//! What a check says of a resource at a time, and what that makes of the finding: it opens, stays, is resolved and may
//! open again under the same id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Cause, Episode, Finding, FindingId, Occurrence, OccurrenceId, Outcome, Posture, Resolution, Said,
    Severity, Status, Untrusted,
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
    /// It was open, and is; the finding differs only where the look says something new, or the last one was long ago.
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
            (Some(finding), _) if Said::by(&finding).is_some_and(|said| said.is_again(self)) => {
                (Some(finding), Change::Kept)
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
        let is_undone = posture.episode().is_some_and(|episode| self.undoes(episode));
        if is_early
            && !is_undone
            && posture.episode().is_some_and(|episode| episode.may_still_show(self.observed_at))
        {
            return Change::Pending;
        }
        let resolution = match resolution {
            Resolution::Clean if is_provisional && !is_undone => Resolution::Withdrawn,
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
            episode.take_back_fix();
        }
        Change::Resolved
    }

    /// Whether it names the calls that ended what the record of another one began.
    fn undoes(&self, episode: &Episode) -> bool {
        self.cause.as_ref().is_some_and(|cause| episode.is_ended_by(cause))
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
                Standing::Over(resolution) if episode.resolved_at == Some(self.observed_at) => {
                    let is_told_only = episode.provisional && *resolution == Resolution::Clean;
                    // Nothing that was done before it began ended what nobody has seen.
                    if is_told_only && !episode.is_ended_by(cause) {
                        continue;
                    }
                    let known = episode.fix.get_or_insert_default();
                    if cause.corrects(known) {
                        *known = cause.clone();
                        episode.take_back_fix();
                        if is_told_only && number + 1 == count {
                            posture.resolution = Some(Resolution::Clean);
                        }
                        return true;
                    }
                }
                Standing::Finding { .. } if episode.opened_at == self.observed_at => {
                    if cause.corrects(&episode.cause) {
                        episode.cause = cause.clone();
                        episode.take_back_fix();
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
        let told = self.cause.iter().flat_map(|cause| &cause.calls);
        let episodes = finding.posture.iter().flat_map(|posture| &posture.episodes);
        let known: Vec<&Untrusted> =
            episodes.flat_map(|episode| &episode.cause.calls).map(|culprit| &culprit.event_id).collect();
        matches!(self.basis, Basis::Record(_))
            && (finding.status == Status::Open
                || told.into_iter().any(|call| known.contains(&&call.event_id)))
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
            closed: None,
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
pub(crate) mod tests;
