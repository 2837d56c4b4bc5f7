//! The events of a test over several: each patches the record of the test, at a time of its own.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::merge;
use crate::code::Code;
use crate::duration::duration;
use crate::error::RuleError;
use crate::keys;
use crate::shape::known_keys;
use crate::tree::Node;

/// So many events one test may have.
const MOST: usize = 5000;

/// How far events are apart where nothing says so.
const APART: SignedDuration = SignedDuration::from_secs(1);

/// Makes the records of a test's `events` of the record that they patch.
pub(super) fn read(events: &Node, record: &Value) -> Result<Vec<String>, RuleError> {
    let start: Timestamp =
        record["eventTime"].as_str().and_then(|time| time.parse().ok()).unwrap_or_default();
    let mut documents = Vec::new();
    let mut next = SignedDuration::ZERO;
    for event in events.items() {
        known_keys(event, keys::EVENT)?;
        if let Some(at) = event.get("at") {
            next = span(at)?;
        }
        let every = event.get("every").map(span).transpose()?.unwrap_or(APART);
        let times = event.get("times").and_then(Node::text).map_or(Some(1), |text| text.parse().ok());
        let Some(times) = times.filter(|times| (1..=MOST).contains(times)) else {
            return Err(RuleError::new(
                Code::EventTimes,
                event.place,
                "`times` is no number",
                format!("write 1 to {MOST}"),
            ));
        };
        for number in 1..=times {
            let mut document = record.clone();
            let stamped = serde_json::json!({
                "eventTime": start.saturating_add(next).unwrap_or(start).to_string(),
                "eventID": format!("00000000-0000-4000-8000-{:012}", documents.len()),
            });
            merge(&mut document, stamped);
            if let Some(given) = event.get("given") {
                merge(&mut document, numbered(given.to_json(), number));
            }
            documents.push(document.to_string());
            next = next.saturating_add(every);
        }
    }
    Ok(documents)
}

/// Reads `30s` or `+30s`.
fn span(node: &Node) -> Result<SignedDuration, RuleError> {
    let text = node.text().unwrap_or_default();
    duration(text.trim_start_matches('+')).ok_or_else(|| {
        let remedy = "write the time since the first event, such as +30s";
        RuleError::new(Code::EventAt, node.place, format!("`{text}` is no time of an event"), remedy)
    })
}

/// The value with `{n}` in its texts replaced.
fn numbered(value: Value, number: usize) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{n}", &number.to_string())),
        Value::Array(items) => items.into_iter().map(|item| numbered(item, number)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, numbered(value, number))).collect())
        }
        other => other,
    }
}
