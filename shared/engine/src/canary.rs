//! A canary: an event that `trailpost deploy test` puts on the central bus, and that becomes a finding which says that it
//! is a test. So every hop between a bus and whoever is told is tried, and no rule about what people do is.

use model::json::{Document, Value};
use model::{FindingId, Outcome, Severity};
use serde_json::json;

/// The source of canaries. Customers cannot put events of `aws.` sources, so that no record has this one.
pub const SOURCE: &str = "trailpost.canary";

/// The detail type of canaries.
pub const DETAIL_TYPE: &str = "Trailpost Deployment Test";

/// Trailpost's own events are no longer than this; nothing else is looked into twice.
const LONGEST: usize = 2_048;

/// The most characters of a canary's name.
const NAME: usize = 40;

/// An event that says that it is a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Its name: letters of hexadecimal digits and dashes.
    pub name: String,
    /// The severity of the finding that it becomes.
    pub severity: Severity,
}

impl Canary {
    /// What stands in the event's `detail`.
    pub fn detail(&self) -> String {
        json!({ "test": self.name, "severity": self.severity.as_str() }).to_string()
    }

    /// The id of the finding that it becomes in the account and region of its bus.
    pub fn finding(&self, account: &str, region: &str) -> FindingId {
        let rule = format!("trailpost-deployment-tested-{}", self.severity.as_str());
        FindingId::new(&rule, account, region, &self.name, Outcome::Success)
    }
}

/// The envelope of a message, if it is a short event of Trailpost's own with this source, and no record.
pub fn envelope(body: &[u8], source: &str) -> Option<Document> {
    if body.len() > LONGEST || !body.windows(source.len()).any(|window| window == source.as_bytes()) {
        return None;
    }
    let envelope = Document::parse(body).ok()?;
    let is_own = envelope.root().get("source").and_then(Value::as_str).is_some_and(|own| own == source);
    is_own.then_some(envelope)
}

/// The record that a message stands for, if it is a canary. Nothing of it but its checked name and severity, and what
/// EventBridge wrote into the envelope, goes on.
pub fn record(body: &[u8]) -> Option<String> {
    let envelope = envelope(body, SOURCE)?;
    let root = envelope.root();
    let text = |value: Option<Value<'_>>| value.and_then(Value::as_str).map(std::borrow::Cow::into_owned);
    let detail = root.get("detail")?;
    let name = text(detail.get("test"))?;
    let plain = |character: char| character.is_ascii_hexdigit() || character == '-';
    if name.is_empty() || name.len() > NAME || !name.chars().all(plain) {
        return None;
    }
    let severity: Severity = text(detail.get("severity"))?.parse().ok()?;
    let record = json!({
        "eventVersion": "1.11",
        "eventSource": "trailpost.engine",
        "eventName": "DeploymentTested",
        "eventID": format!("DeploymentTested:{name}"),
        "eventTime": text(root.get("time"))?,
        "eventType": "AwsServiceEvent",
        "awsRegion": text(root.get("region"))?,
        "recipientAccountId": text(root.get("account"))?,
        "requestParameters": { "test": name, "severity": severity.as_str() },
    });
    Some(record.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(source: &str, test: &str, severity: &str) -> String {
        json!({
            "version": "0", "id": "1", "source": source, "detail-type": DETAIL_TYPE,
            "account": "111122223333", "region": "eu-central-1", "time": "2026-11-20T09:14:03Z",
            "detail": { "test": test, "severity": severity },
        })
        .to_string()
    }

    #[test]
    fn a_canary_becomes_a_record_of_the_engine() {
        let canary = Canary { name: "0f1e".into(), severity: Severity::High };
        let mut message: serde_json::Value = serde_json::from_str(&message(SOURCE, "", "")).unwrap();
        message["detail"] = serde_json::from_str(&canary.detail()).unwrap();
        let record = record(message.to_string().as_bytes()).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["eventSource"], "trailpost.engine");
        assert_eq!(record["requestParameters"], json!({ "test": "0f1e", "severity": "high" }));
        assert_eq!(record["recipientAccountId"], "111122223333");
    }

    #[test]
    fn nothing_else_is_one() {
        for body in [
            message("aws.s3", "0f1e", "high"),
            message("trailpost.heartbeat", "0f1e", "high"),
            message(SOURCE, "", "high"),
            message(SOURCE, "a b", "high"),
            message(SOURCE, "{facts.actor}", "high"),
            message(SOURCE, &"f".repeat(NAME + 1), "high"),
            message(SOURCE, "0f1e", "worse"),
            message("aws.s3", SOURCE, "high"),
            String::new(),
            "trailpost.canary".into(),
        ] {
            assert_eq!(record(body.as_bytes()), None, "{body}");
        }
    }
}
