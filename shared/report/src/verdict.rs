//! What checks say of resources, as rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{FindingId, Muted, Severity, Timestamp, Untrusted};
use rules::Meta;
use serde::Serialize;

/// What one check says of one resource. Fields may be added, and are never renamed or removed.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The check.
    pub check: String,
    /// The resource's ARN; its type, where no resource could be listed.
    pub resource: Untrusted,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `finding`, `clean` or `unknown`.
    pub status: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// The ids of the same check elsewhere, by tool.
    pub equivalents: BTreeMap<String, Vec<String>>,
    /// What is the matter with a finding; what could not be read of something unknown.
    pub reason: Untrusted,
    /// The check's title.
    pub title: String,
    /// The resource's type.
    pub resource_type: String,
    /// Of a finding: `new`, `reopened` or `open` since an earlier scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
    /// The finding's id, as `explain` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
    /// The mute that covers a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<Muted>,
    /// Of a finding: what was read of the resource, as it is kept; its fix is made of it.
    #[serde(skip)]
    pub evidence: Untrusted,
    /// When the resource was judged.
    #[serde(skip)]
    pub judged_at: Timestamp,
    /// What the check says of itself; `None` for one that is not loaded here.
    #[serde(skip)]
    pub rule: Option<Arc<Meta>>,
}
