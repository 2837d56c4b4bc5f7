//! A finding as a JSON document for programs.
//!
//! The document is versioned by its `schema`: fields may be added under the same version, and are never renamed or
//! removed. Everything that whoever made the call could choose stands under `untrusted`, and nowhere else; what
//! stands outside is ours, the rule's, or has been checked to be no more than an id.

use engine::ports::Delivery;
use model::{Occurrence, Outcome, Resolution, Severity, Status, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Message;
use crate::attributes::KIND;
use crate::cut::cut;
use crate::shape::Shape;
use crate::topic::LIMIT;

/// The name and version of the document.
pub const SCHEMA: &str = "trailpost.finding/1";

/// What is left for the document beside the attributes, each below 300 bytes with its name and type.
const ROOM: usize = LIMIT - 9 * 300;

/// How far texts are cut until the document fits: first the evidence goes, then ever more of every text.
const CUTS: [usize; 6] = [64 * 1024, 16 * 1024, 4 * 1024, 1024, 256, 64];

/// The most members that a list or map keeps once texts are cut; more than any object of the schema has.
const MEMBERS: usize = 16;

#[derive(Serialize)]
struct Document {
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

#[derive(Serialize)]
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
#[derive(Serialize)]
struct Latest {
    id: String,
    event_id: Option<String>,
    event_time: Timestamp,
    service: Option<String>,
    severity: Severity,
    outcome: Outcome,
}

/// The document about the finding of `delivery`: valid JSON that SNS takes, whatever the finding holds.
pub fn render(delivery: Delivery<'_>) -> Message {
    let mut document = build(delivery);
    let mut body = encode(&document);
    if body.len() > ROOM {
        document.truncated = true;
        if let Some(evidence) = document.untrusted.get_mut("evidence") {
            *evidence = Value::Null;
        }
        body = encode(&document);
    }
    for longest in CUTS {
        if body.len() <= ROOM {
            break;
        }
        shorten(&mut document.rule, longest);
        shorten(&mut document.untrusted, longest);
        body = encode(&document);
    }
    Message { subject: String::new(), body }
}

/// Nothing in the document can fail to be written: it holds no map with keys other than text.
fn encode(document: &Document) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn build(delivery: Delivery<'_>) -> Document {
    let Delivery { notice, finding, rule } = delivery;
    let latest = &finding.latest;
    Document {
        schema: SCHEMA,
        dedup_id: cut(notice.as_str(), 256),
        kind: KIND,
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

/// Why a finding is over; `None` of one that is open.
fn resolution(finding: &model::Finding) -> Option<Resolution> {
    finding.posture.as_ref().filter(|_| finding.status == Status::Resolved)?.resolution
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
            "fix": rule.fix,
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

#[cfg(test)]
mod tests {
    use model::NoticeId;
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn parsed(finding: &model::Finding, rule: Option<&rules::Meta>) -> Value {
        let notice = NoticeId::new(&finding.id, finding.last_seen, "json");
        let message = render(Delivery { notice: &notice, finding, rule });
        assert!(message.body.len() <= ROOM, "{} bytes", message.body.len());
        serde_json::from_str(&message.body).unwrap()
    }

    #[test]
    fn the_document_of_a_finding() {
        let document = parsed(&samples::stopped_logging(), Some(&samples::rule()));
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn evidence_goes_before_any_word_of_the_rest() {
        let mut finding = samples::stopped_logging();
        // A control character takes six bytes in JSON, so this alone is more than SNS takes.
        finding.latest.evidence = "\u{1}".repeat(Occurrence::EVIDENCE_LIMIT).as_str().into();
        let whole = parsed(&samples::stopped_logging(), Some(&samples::rule()));
        let mut document = parsed(&finding, Some(&samples::rule()));
        assert_eq!(document["truncated"], true);
        assert_eq!(document["untrusted"]["evidence"], Value::Null);
        document["untrusted"]["evidence"] = whole["untrusted"]["evidence"].clone();
        document["truncated"] = false.into();
        assert_eq!(document, whole);
    }

    #[test]
    fn a_document_cut_as_far_as_can_be_keeps_every_field() {
        let mut finding = samples::stopped_logging();
        finding.latest.message = "\u{1}".repeat(1 << 20).as_str().into();
        let mut rule = samples::rule();
        rule.references = vec!["\u{1}".repeat(100); 1_000];
        rule.equivalents = (0..100).map(|tool| (tool.to_string(), vec!["\u{1}".repeat(100); 100])).collect();
        let document = parsed(&finding, Some(&rule));
        let whole = parsed(&samples::stopped_logging(), Some(&samples::rule()));
        for part in ["finding", "occurrence", "rule", "untrusted"] {
            let keys =
                |document: &Value| document[part].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(&document), keys(&whole));
        }
        assert_eq!(document["finding"]["id"], whole["finding"]["id"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_finding_gives_json_that_sns_takes(
            finding in samples::any_finding(),
            rule in proptest::option::of(samples::any_rule()),
        ) {
            let document = parsed(&finding, rule.as_ref());
            prop_assert_eq!(&document["schema"], SCHEMA);
        }
    }
}
