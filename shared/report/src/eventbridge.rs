//! Amazon EventBridge: one entry of a `PutEvents` call a finding.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>.

use std::io::{self, Write};

use model::{Timestamp, Untrusted};
use serde::Serialize;
use serde_json::json;

use crate::document::Document;
use crate::entry::{Entry, State};
use crate::json::to_text;
use crate::{Format, Row, Shape, Style, Terminal, Verdict};

/// Where the events say that they come from.
pub const SOURCE: &str = "trailpost.findings";

/// The most bytes of a detail: a rule's target, such as a queue, takes no more than 256 KiB with what is around it.
const ROOM: usize = 240 * 1024;

pub(crate) static EVENTBRIDGE: Format = Format {
    name: "eventbridge",
    about: "for Amazon EventBridge: an entry for PutEvents a line",
    write,
    write_verdicts,
};

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    rows.iter().try_for_each(|row| line(out, &event(row, None)))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    verdicts.iter().try_for_each(|verdict| line(out, &verdict_event(verdict)))
}

fn line(out: &mut dyn Write, event: &Event) -> io::Result<()> {
    writeln!(out, "{}", to_text(event, serde_json::to_string)?)
}

/// One entry of a `PutEvents` call, without the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    /// [`SOURCE`].
    pub source: &'static str,
    /// `Finding Created`, `Finding Updated` or `Finding Resolved`; `Check Clean` or `Check Unknown` of a verdict.
    pub detail_type: &'static str,
    /// When it happened last.
    pub time: Timestamp,
    /// The ARN of the resource, where it is one.
    pub resources: Vec<String>,
    /// JSON of at most 240 KiB: for a finding, the [`Document`] that [`crate::document::SCHEMA`] names.
    pub detail: String,
}

/// The event about one finding: valid whatever the finding holds.
///
/// `dedup_id` is the same whenever the same event is sent again; `None`: made of the finding's id, status and last time.
pub fn event(row: &Row<'_>, dedup_id: Option<&str>) -> Event {
    let entry = Entry::from(row);
    let made = format!("{}-{}-{}", entry.id, entry.state.as_str(), entry.updated);
    let kind = if entry.is_check() { "check" } else { "signature" };
    let document = Document::new(kind, dedup_id.unwrap_or(&made), row.finding, row.rule);
    Event {
        source: SOURCE,
        detail_type: detail_type(&entry),
        time: entry.updated,
        resources: resources(&entry),
        detail: document.fitting(ROOM),
    }
}

/// The name and version of the detail about a verdict.
const VERDICT_SCHEMA: &str = "trailpost.verdict/1";

fn verdict_event(verdict: &Verdict) -> Event {
    let entry = Entry::from(verdict);
    let detail = json!({
        "schema": VERDICT_SCHEMA,
        "dedup_id": format!("{}-{}-{}", entry.id, entry.state.as_str(), entry.updated),
        "kind": "check",
        "verdict": {
            "id": *entry.id,
            "status": verdict.status,
            "change": verdict.change,
            "severity": entry.severity,
            "severity_rank": entry.severity.rank(),
            "account": Shape::Account.of(&entry.account),
            "region": Shape::Region.of(&entry.region),
            "resource_type": verdict.resource_type,
            "judged_at": verdict.judged_at,
        },
        "rule": { "id": verdict.check, "title": verdict.title, "equivalents": verdict.equivalents },
        "untrusted": {
            "account": *entry.account,
            "region": *entry.region,
            "resource": verdict.resource.encode(&Terminal { longest: 2 * 1024 }),
            "message": verdict.reason.encode(&Terminal { longest: 16 * 1024 }),
        },
    });
    Event {
        source: SOURCE,
        detail_type: detail_type(&entry),
        time: verdict.judged_at,
        resources: resources(&entry),
        detail: detail.to_string(),
    }
}

/// A new finding has one occurrence; one that opens again has more.
const fn detail_type(entry: &Entry<'_>) -> &'static str {
    match entry.state {
        State::Resolved => "Finding Resolved",
        State::Open if entry.is_new => "Finding Created",
        State::Open | State::Suppressed => "Finding Updated",
        State::Clean => "Check Clean",
        State::Unknown => "Check Unknown",
    }
}

fn resources(entry: &Entry<'_>) -> Vec<String> {
    let arn = |resource: &Untrusted| Shape::Token.of(resource).filter(|arn| arn.starts_with("arn:"));
    entry.resource.and_then(|(resource, _)| arn(resource)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::samples;

    fn detail(event: &Event) -> Value {
        serde_json::from_str(&event.detail).unwrap()
    }

    #[test]
    fn the_event_of_a_finding() {
        let (finding, rule) = (samples::posture(), samples::rule());
        let event = event(&Row { finding: &finding, rule: Some(&rule) }, None);
        let shown = json!({ "entry": &event, "detail": detail(&event) });
        insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
    }

    #[test]
    fn the_event_of_a_verdict() {
        let [found, _, unknown] = samples::verdicts();
        let (found, unknown) = (verdict_event(&found), verdict_event(&unknown));
        assert_eq!((found.detail_type, unknown.detail_type), ("Finding Created", "Check Unknown"));
        // A type of resource is no ARN.
        assert_eq!((found.resources.len(), unknown.resources.len()), (1, 0));
        insta::assert_snapshot!(serde_json::to_string_pretty(&detail(&unknown)).unwrap());
    }

    #[test]
    fn the_type_says_what_became_of_the_finding() {
        let of = |finding: &model::Finding| event(&Row { finding, rule: None }, None).detail_type;
        let mut finding = samples::posture();
        assert_eq!(of(&finding), "Finding Resolved");
        finding.status = model::Status::Open;
        assert_eq!(of(&finding), "Finding Created");
        finding.count = 2;
        assert_eq!(of(&finding), "Finding Updated");
    }

    #[test]
    fn a_detail_fits_whatever_the_finding_holds_and_keeps_the_id_that_it_was_given() {
        let mut finding = samples::hostile();
        finding.latest.message = Untrusted::new("\u{1}".repeat(1 << 20));
        let event = event(&Row { finding: &finding, rule: None }, Some("n-1"));
        assert!(event.detail.len() <= ROOM, "{}", event.detail.len());
        let detail = detail(&event);
        assert_eq!((&detail["dedup_id"], &detail["truncated"]), (&json!("n-1"), &json!(true)));
        let long = Untrusted::new("\u{1f9ff}\u{1}".repeat(1 << 18));
        let [found, ..] = samples::verdicts();
        let event = verdict_event(&Verdict { resource: long.clone(), reason: long, ..found });
        assert!(event.detail.len() <= ROOM, "{}", event.detail.len());
    }
}
