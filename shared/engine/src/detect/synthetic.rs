//! Events that the engine itself has to tell of, in the shape of a record, so that rules judge them too: signatures
//! with `eventSource: trailpost.engine`.

use model::Poison;
use records::Record;
use serde_json::json;

const SOURCE: &str = "trailpost.engine";

/// A record that could not be read.
pub(super) fn unparseable(poison: &Poison) -> String {
    json!({
        "eventVersion": "1.11",
        "eventSource": SOURCE,
        "eventName": "UnparseableEvent",
        "eventID": format!("sha256:{}", poison.sha256),
        "eventTime": poison.received_at.to_string(),
        "eventType": "AwsServiceEvent",
        "requestParameters": {
            "reason": poison.reason,
            "lane": poison.lane,
            "sha256": poison.sha256,
        },
    })
    .to_string()
}

/// A record that repeats a key, so that another reader may see other values.
pub(super) fn ambiguous(record: &Record<'_>, key: &str) -> String {
    about("AmbiguousEvent", record, &[("key", key)])
}

/// A record whose envelope names another account than the record does.
pub(super) fn misattributed(record: &Record<'_>) -> Option<String> {
    let envelope = record.envelope.as_ref()?.account.clone()?;
    let claimed = record.event.root().path_text("recipientAccountId")?;
    if envelope == claimed {
        return None;
    }
    Some(about("MisattributedEvent", record, &[("envelopeAccount", &envelope), ("claimedAccount", &claimed)]))
}

fn about(name: &str, record: &Record<'_>, details: &[(&str, &str)]) -> String {
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
        "eventTime": event.happened().to_string(),
        "eventType": "AwsServiceEvent",
        "awsRegion": event.region(),
        "recipientAccountId": event.account(),
        "sourceIPAddress": event.source_ip(),
        "userAgent": event.user_agent(),
        "requestParameters": parameters,
    })
    .to_string()
}
