//! A scan's row as the page reads it.

use model::{FindingId, Severity, Timestamp};
use serde::Serialize;

use super::finding::{cli, service_of_type};
use super::{seconds, shown};
use crate::Verdict;

#[derive(Serialize)]
pub(super) struct VerdictOnPage<'a> {
    id: Option<&'a FindingId>,
    rule: &'a str,
    severity: Severity,
    status: &'static str,
    account: &'a str,
    region: &'a str,
    service: &'a str,
    about: String,
    #[serde(rename = "type")]
    resource_type: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cli: Option<String>,
    first: i64,
    last: i64,
    count: u64,
}

impl<'a> VerdictOnPage<'a> {
    pub(super) fn new(row: &'a Verdict, now: Timestamp) -> Self {
        Self {
            id: row.finding.as_ref(),
            rule: &row.check,
            severity: row.severity,
            status: if row.muted.is_some() { "muted" } else { "open" },
            account: &row.account,
            region: &row.region,
            service: service_of_type(&row.resource_type),
            about: shown(&row.resource),
            resource_type: &row.resource_type,
            message: shown(&row.reason),
            cli: cli(row.rule.as_deref(), &row.evidence),
            first: seconds(now),
            last: seconds(now),
            count: 1,
        }
    }
}
