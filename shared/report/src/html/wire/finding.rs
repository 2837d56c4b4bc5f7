//! A finding as the page reads it.

use std::collections::BTreeMap;

use model::{
    Closing, Episode, Finding, FindingId, Occurrence, Outcome, Resolution, Severity, SignedDuration, Status,
    Untrusted,
};
use rules::Meta;
use serde::Serialize;

use super::cause::{ActorOnPage, CauseOnPage, call};
use super::{seconds, shown};
use crate::fix::commands;
use crate::html::report::Entry;

#[derive(Serialize)]
pub(super) struct FindingOnPage<'a> {
    id: &'a FindingId,
    rule: &'a str,
    severity: Severity,
    status: &'static str,
    /// It is told from the record of a call, and no read has confirmed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
    #[serde(skip_serializing_if = "is_success")]
    outcome: Outcome,
    account: String,
    region: String,
    service: String,
    /// The ARN; of a finding about events, what they have in common.
    about: String,
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    resource_type: &'a str,
    message: String,
    /// The commands of its rule's fix, where they hold its own values.
    #[serde(skip_serializing_if = "Option::is_none")]
    cli: Option<String>,
    first: i64,
    last: i64,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosingOnPage>,
    /// The place of the resource's life among the lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    life: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    episodes: Vec<EpisodeOnPage>,
    /// The newest event, of a finding about events.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<OccurrenceOnPage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    occurrences: Vec<OccurrenceOnPage>,
}

#[derive(Serialize)]
struct EpisodeOnPage {
    opened: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<i64>,
    cause: CauseOnPage,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<CauseOnPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detect: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolve: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<i64>,
}

#[derive(Serialize)]
struct ClosingOnPage {
    at: i64,
    by: String,
    reason: String,
}

#[derive(Serialize)]
struct OccurrenceOnPage {
    time: i64,
    event: String,
    call: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    actor: ActorOnPage,
}

impl<'a> FindingOnPage<'a> {
    pub(super) fn new(entry: &Entry<'a>, lives: &BTreeMap<&Untrusted, usize>) -> Self {
        let finding = entry.finding;
        let posture = finding.posture.as_ref();
        let about = posture.map_or(&finding.scope, |posture| &posture.resource);
        let episodes = posture.map(|posture| posture.episodes.as_slice()).unwrap_or_default();
        Self {
            id: &finding.id,
            rule: &finding.rule,
            severity: finding.severity,
            status: match (finding.status, &finding.muted) {
                (Status::Resolved, _) => "resolved",
                (Status::Open, Some(_)) => "muted",
                (Status::Open, None) => "open",
            },
            provisional: finding.is_provisional(),
            outcome: finding.outcome,
            account: shown(&finding.account),
            region: shown(&finding.region),
            service: service(finding),
            about: shown(about),
            resource_type: posture.map_or("", |posture| &posture.resource_type),
            message: shown(&finding.latest.message),
            cli: cli(entry.rule, &finding.latest.evidence).filter(|_| finding.status == Status::Open),
            first: seconds(finding.first_seen),
            last: seconds(finding.last_seen),
            count: finding.count,
            resolution: posture.and_then(|posture| posture.resolution),
            closed: finding.closed.as_ref().map(ClosingOnPage::from),
            life: posture.and_then(|posture| lives.get(&posture.resource).copied()),
            episodes: episodes.iter().map(EpisodeOnPage::from).collect(),
            latest: posture.is_none().then(|| OccurrenceOnPage::from(&finding.latest)),
            occurrences: entry.occurrences.iter().map(OccurrenceOnPage::from).collect(),
        }
    }
}

/// The commands that mend what `evidence` is of, where they differ from those of anything else that the rule finds.
pub(super) fn cli(rule: Option<&Meta>, evidence: &Untrusted) -> Option<String> {
    let fix = &rule?.fix;
    fix.paths().next()?;
    Some(commands(fix, evidence).text)
}

/// The service that a type of resources is of: `s3` of `aws.s3.bucket`.
pub(super) fn service_of_type(resource_type: &str) -> &str {
    resource_type.split('.').nth(1).unwrap_or(resource_type)
}

fn service(finding: &Finding) -> String {
    match &finding.posture {
        Some(posture) => service_of_type(&posture.resource_type).to_owned(),
        None => shown(&finding.latest.event_source).trim_end_matches(".amazonaws.com").to_owned(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_success(outcome: &Outcome) -> bool {
    *outcome == Outcome::Success
}

impl From<&Episode> for EpisodeOnPage {
    fn from(episode: &Episode) -> Self {
        let span = |span: Option<SignedDuration>| span.map(|span| span.as_secs());
        Self {
            opened: seconds(episode.opened_at),
            resolved: episode.resolved_at.map(seconds),
            cause: CauseOnPage::from(&episode.cause),
            fix: episode.fix.as_ref().map(CauseOnPage::from),
            detect: span(episode.time_to_detect()),
            resolve: span(episode.time_to_resolve()),
            exposure: span(episode.exposure()),
        }
    }
}

impl From<&Closing> for ClosingOnPage {
    fn from(closing: &Closing) -> Self {
        Self { at: seconds(closing.at), by: shown(&closing.by), reason: shown(&closing.reason) }
    }
}

impl From<&Occurrence> for OccurrenceOnPage {
    fn from(occurrence: &Occurrence) -> Self {
        Self {
            time: seconds(occurrence.event_time),
            event: shown(&occurrence.event_id),
            call: call(&occurrence.event_source, &occurrence.event_name),
            error: shown(&occurrence.error),
            actor: ActorOnPage::from(&occurrence.actor),
        }
    }
}
