//! A finding as one row.

use model::{Actor, Closing, Finding, FindingId, Muted, Outcome, Severity, Status, Timestamp, Untrusted};
use rules::{Fix, Meta};
use serde::Serialize;

use crate::fix::filled;

/// A finding to write, with what its rule says about it; `None` for a rule that is not loaded here.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its rule.
    pub rule: Option<&'a Meta>,
}

/// The fields of a row that programs read. Fields may be added, and are never renamed or removed.
#[derive(Debug, Serialize)]
pub(crate) struct Fields<'a> {
    id: &'a FindingId,
    rule: &'a str,
    title: &'a str,
    severity: Severity,
    status: Status,
    /// Told from the record of a call, and not yet confirmed by a read; left out of all others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
    outcome: Outcome,
    account: &'a Untrusted,
    region: &'a Untrusted,
    scope: &'a Untrusted,
    count: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
    message: &'a Untrusted,
    /// Of the newest occurrence, as all that follows.
    event_id: &'a Untrusted,
    event_source: &'a Untrusted,
    event_name: &'a Untrusted,
    error: &'a Untrusted,
    actor: &'a Actor,
    /// With the values of this finding in its commands.
    fix: Option<Fix>,
    /// That somebody has dealt with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<&'a Closing>,
    /// The mute that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<&'a Muted>,
}

impl<'a> From<&Row<'a>> for Fields<'a> {
    fn from(row: &Row<'a>) -> Self {
        let finding = row.finding;
        let latest = &finding.latest;
        Self {
            id: &finding.id,
            rule: &finding.rule,
            title: &finding.title,
            severity: finding.severity,
            status: finding.status,
            provisional: finding.is_provisional(),
            outcome: finding.outcome,
            account: &finding.account,
            region: &finding.region,
            scope: &finding.scope,
            count: finding.count,
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
            message: &latest.message,
            event_id: &latest.event_id,
            event_source: &latest.event_source,
            event_name: &latest.event_name,
            error: &latest.error,
            actor: &latest.actor,
            fix: row.rule.map(|rule| filled(&rule.fix, &latest.evidence)),
            closed: finding.closed.as_ref(),
            muted: finding.muted.as_ref(),
        }
    }
}
