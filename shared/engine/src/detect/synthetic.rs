//! Events that the engine itself has to tell of, in the shape of a record, so that rules judge them too: signatures
//! with `eventSource: trailpost.engine`.

use model::{Poison, Timestamp};
use records::{Problem, Record};
use serde_json::json;

const SOURCE: &str = "trailpost.engine";

/// A record that could not be read.
pub(super) fn unparseable(problem: &Problem<'_>, poison: &Poison) -> String {
    json!({
        "eventVersion": "1.11",
        "eventSource": SOURCE,
        "eventName": "UnparseableEvent",
        "eventID": format!("sha256:{}", poison.sha256),
        "eventTime": poison.received_at.to_string(),
        "eventType": "AwsServiceEvent",
        "requestParameters": {
            "reason": problem.reason.to_string(),
            "source": problem.origin.source,
            "record": problem.origin.number,
            "sha256": poison.sha256,
        },
    })
    .to_string()
}

/// A record that repeats a key, so that another reader may see other values.
pub(super) fn ambiguous(record: &Record<'_>, key: &str, now: Timestamp) -> String {
    about("AmbiguousEvent", record, now, &[("key", key)])
}

/// A record whose envelope names another account than the record does.
pub(super) fn misattributed(record: &Record<'_>, now: Timestamp) -> Option<String> {
    let envelope = record.envelope.as_ref()?.account.clone()?;
    let claimed = record.event.root().path_text("recipientAccountId")?;
    if envelope == claimed {
        return None;
    }
    Some(about(
        "MisattributedEvent",
        record,
        now,
        &[("envelopeAccount", &envelope), ("claimedAccount", &claimed)],
    ))
}

fn about(name: &str, record: &Record<'_>, now: Timestamp, details: &[(&str, &str)]) -> String {
    let event = record.event;
    let id = event.id().unwrap_or_default();
    let mut parameters = json!({
        "eventID": id,
        "eventSource": event.source(),
        "eventName": event.name(),
        "principal": event.principal(),
    });
    if let Some(parameters) = parameters.as_object_mut() {
        parameters.extend(details.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
    }
    json!({
        "eventVersion": "1.11",
        "eventSource": SOURCE,
        "eventName": name,
        "eventID": format!("{name}:{id}"),
        "eventTime": event.time().unwrap_or(now).to_string(),
        "eventType": "AwsServiceEvent",
        "awsRegion": event.region(),
        "recipientAccountId": event.account(),
        "sourceIPAddress": event.source_ip(),
        "userAgent": event.user_agent(),
        "requestParameters": parameters,
    })
    .to_string()
}
