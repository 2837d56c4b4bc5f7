//! A finding as a JSON document for programs.
//!
//! The document is versioned by its `schema`: fields may be added under the same version, and are never renamed or
//! removed. Everything that whoever made the call could choose stands under `untrusted`, and nowhere else; what
//! stands outside is ours, the rule's, or has been checked to be no more than an id.

use model::{Occurrence, Outcome, Resolution, Severity, Status, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::fix::filled;
use crate::{Shape, cut};

/// The name and version of the document.
pub const SCHEMA: &str = "trailpost.finding/1";

/// How far texts are cut until the document fits: first the evidence goes, then ever more of every text.
const CUTS: [usize; 6] = [64 * 1024, 16 * 1024, 4 * 1024, 1024, 256, 64];

/// The most members that a list or map keeps once texts are cut; more than any object of the schema has.
const MEMBERS: usize = 16;

/// The document.
#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    /// The notice's id: the same whenever the same message is sent again.
    dedup_id: String,
    kind: &'static str,
    /// Whether something was left out so that the document fits.
    truncated: bool,
    finding: Finding,
    occurrence: Latest,
    rule: Value,
    untrusted: Value,
}

#[derive(Debug, Serialize)]
struct Finding {
    id: String,
    severity: Severity,
    severity_rank: u8,
    status: Status,
    /// It is told from the record of a call, and no read has confirmed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
    /// Why it is over, of a finding about a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    outcome: Outcome,
    account: Option<String>,
    region: Option<String>,
    first_seen: Timestamp,
    last_seen: Timestamp,
    count: u64,
}

/// The newest occurrence.
#[derive(Debug, Serialize)]
struct Latest {
    id: String,
    event_id: Option<String>,
    event_time: Timestamp,
    service: Option<String>,
    severity: Severity,
    outcome: Outcome,
}

impl Document {
    /// The document about `finding`. `dedup_id` is the same whenever the same message is sent again; `kind` says what
    /// judged.
    pub fn new(
        kind: &'static str,
        dedup_id: &str,
        finding: &model::Finding,
        rule: Option<&rules::Meta>,
    ) -> Self {
        let latest = &finding.latest;
        Self {
            schema: SCHEMA,
            dedup_id: cut(dedup_id, 256),
            kind,
            truncated: false,
            finding: Finding {
                id: cut(finding.id.as_str(), 256),
                severity: finding.severity,
                severity_rank: finding.severity.rank(),
                status: finding.status,
                provisional: finding.is_provisional(),
                resolution: resolution(finding),
                outcome: finding.outcome,
                account: Shape::Account.of(&finding.account),
                region: Shape::Region.of(&finding.region),
                first_seen: finding.first_seen,
                last_seen: finding.last_seen,
                count: finding.count,
            },
            occurrence: Latest {
                id: cut(latest.id.as_str(), 256),
                event_id: Shape::Uuid.of(&latest.event_id),
                event_time: latest.event_time,
                service: Shape::Service.of(&latest.event_source),
                severity: latest.severity,
                outcome: latest.outcome,
            },
            rule: rule_part(finding, rule),
            untrusted: untrusted_part(finding, latest),
        }
    }

    /// The document as JSON of at most `room` bytes, whatever the finding holds: it is cut until it fits, and says so.
    /// `room` is several kilobytes.
    pub fn fitting(mut self, room: usize) -> String {
        let mut body = self.encode();
        if body.len() > room {
            self.truncated = true;
            if let Some(evidence) = self.untrusted.get_mut("evidence") {
                *evidence = Value::Null;
            }
            body = self.encode();
        }
        for longest in CUTS {
            if body.len() <= room {
                break;
            }
            shorten(&mut self.rule, longest);
            shorten(&mut self.untrusted, longest);
            body = self.encode();
        }
        body
    }

    /// Nothing in the document can fail to be written: it holds no map with keys other than text.
    fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What the rule says; of a rule that is not loaded, the id and title that the finding keeps.
fn rule_part(finding: &model::Finding, rule: Option<&rules::Meta>) -> Value {
    match rule {
        None => json!({ "id": finding.rule, "title": finding.title, "loaded": false }),
        Some(rule) => json!({
            "id": finding.rule,
            "title": finding.title,
            "loaded": true,
            "why": rule.why,
            "false_positives": rule.false_positives,
            "fix": filled(&rule.fix, &finding.latest.evidence),
            "attack": rule.attack,
            "references": rule.references,
            "equivalents": rule.equivalents,
            "origin": rule.origin,
        }),
    }
}

fn untrusted_part(finding: &model::Finding, latest: &Occurrence) -> Value {
    let mut part = json!({
        "account": finding.account,
        "region": finding.region,
        "scope": finding.scope,
        "message": latest.message,
        "event_id": latest.event_id,
        "event_source": latest.event_source,
        "event_name": latest.event_name,
        "error": latest.error,
        "actor": latest.actor,
        "lane": latest.lane,
        "evidence": latest.evidence,
    });
    if let (Some(closing), Some(members)) = (&finding.closed, part.as_object_mut()) {
        members.insert("closed".to_owned(), json!(closing));
    }
    // Of a finding about a resource: which, since when, and why.
    if let (Some(posture), Some(members)) = (&finding.posture, part.as_object_mut()) {
        members.insert("resource".to_owned(), json!(posture.resource));
        members.insert("resource_type".to_owned(), json!(posture.resource_type));
        members.insert("episode".to_owned(), json!(posture.episode()));
    }
    part
}

/// Cuts every text in `value` to `longest` bytes, and every list and map to [`MEMBERS`].
fn shorten(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) if text.len() > longest => *text = cut(text, longest),
        Value::Array(items) => {
            items.truncate(MEMBERS);
            for item in items {
                shorten(item, longest);
            }
        }
        Value::Object(members) => {
            let kept = std::mem::take(members).into_iter().take(MEMBERS);
            *members = kept.map(|(key, value)| (cut(&key, longest), value)).collect();
            for member in members.values_mut() {
                shorten(member, longest);
            }
        }
        _ => {}
    }
}

/// Why a finding is over; `None` of one that is open.
fn resolution(finding: &model::Finding) -> Option<Resolution> {
    finding.posture.as_ref().filter(|_| finding.status == Status::Resolved)?.resolution
}
