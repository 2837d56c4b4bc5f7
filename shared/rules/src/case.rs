//! The tests that a rule carries: records that it has to find, to let pass, or not to know about.

mod events;

use model::Severity;

use crate::code::Code;
use crate::error::RuleError;
use crate::keys;
use crate::path::UNAVAILABLE;
use crate::settings::Settings;
use crate::shape::known_keys;
use crate::tree::{Data, Node};
use crate::truth::Truth;

/// One test of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The verdict that it wants.
    pub verdict: Truth,
    /// The severity that it wants, if it says so.
    pub severity: Option<Severity>,
    /// The outcome that it wants, `success` or `attempt`, if it says so.
    pub outcome: Option<String>,
    /// The record, as JSON: [`RECORD`] patched with the rule's `base` and the case's `given`. Of a rule over several
    /// events, all of them.
    pub documents: Vec<String>,
    /// Placeholders set for this test.
    pub settings: Settings,
}

/// What every test of a signature starts from: a call by an IAM user, from the command line, without MFA.
pub const RECORD: &str = r#"{
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "IAMUser", "principalId": "AIDAEXAMPLEALICE00001", "arn": "arn:aws:iam::111122223333:user/alice",
        "accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "alice"
    },
    "eventTime": "2026-01-15T10:00:00Z", "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7",
    "userAgent": "aws-cli/2.31.0", "requestParameters": null, "responseElements": null,
    "requestID": "6b1d2f0e-3c7a-4d55-9a53-3f0f6e0c0001", "eventID": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "readOnly": false, "eventType": "AwsApiCall", "managementEvent": true,
    "recipientAccountId": "111122223333", "eventCategory": "Management"
}"#;

/// The placeholders that are set in every test, unless it sets its own.
pub fn settings() -> Settings {
    Settings::default()
        .with("approved_regions", ["us-east-1", "eu-west-1"])
        .with("trusted_networks", ["198.51.100.0/24", "2001:db8:1::/48"])
        .with("trusted_accounts", ["222233334444"])
        .with("own_resources", ["trailpost"])
}

/// Reads the tests of a rule.
pub(crate) fn read(rule: &Node) -> Result<Vec<Case>, RuleError> {
    let tests = rule.get("tests").map(Node::items).unwrap_or_default();
    tests.iter().map(|test| one(test, rule)).collect()
}

fn one(test: &Node, rule: &Node) -> Result<Case, RuleError> {
    let verdicts = [("finding", Truth::True), ("clean", Truth::False), ("unknown", Truth::Unknown)];
    let Some((name, verdict)) =
        verdicts.iter().find_map(|(word, verdict)| Some((test.get(word)?.text()?, *verdict)))
    else {
        return Err(RuleError::new(
            Code::TestVerdictMissing,
            test.place,
            "a test without a verdict",
            "name it `finding: …`, `clean: …` or `unknown: …`",
        ));
    };
    known_keys(test, keys::TEST)?;
    word(test, "outcome", &["success", "attempt"])?;
    let severity = match test.get("severity") {
        Some(node) => {
            Some(node.text().unwrap_or_default().parse().map_err(|error: model::UnknownSeverity| {
                RuleError::new(Code::UnknownSeverity, node.place, error.to_string(), "or leave it out")
            })?)
        }
        None => None,
    };
    let mut document = if rule.get("resource").is_some() {
        serde_json::Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_str(RECORD).unwrap_or_default()
    };
    for patch in [rule.get("base"), test.get("given")].into_iter().flatten() {
        merge(&mut document, patch.to_json());
    }
    let mut settings = settings();
    for (key, values) in test.get("settings").map(Node::members).unwrap_or_default() {
        settings = settings.with(&key.text, values.items().iter().filter_map(Node::text));
        if values.data == Data::Null || values.items().is_empty() {
            settings = settings.without(&key.text);
        }
    }
    let documents = match test.get("events") {
        Some(events) => events::read(events, &document)?,
        None => vec![document.to_string()],
    };
    Ok(Case {
        name,
        verdict,
        severity,
        outcome: test.get("outcome").and_then(Node::text),
        documents,
        settings,
    })
}

/// Refuses a word behind `key` that is none of `words`.
fn word(node: &Node, key: &str, words: &[&str]) -> Result<(), RuleError> {
    let Some(value) = node.get(key) else { return Ok(()) };
    let text = value.text().unwrap_or_default();
    if words.contains(&text.as_str()) {
        return Ok(());
    }
    let remedy = format!("write {}", words.join(" or "));
    Err(RuleError::new(Code::UnknownWord, value.place, format!("`{key}: {text}`"), remedy))
}

/// JSON merge patch, RFC 7386: maps are merged, null removes, all else replaces. A hole replaces too: it stands where
/// something could not be read.
fn merge(target: &mut serde_json::Value, patch: serde_json::Value) {
    let serde_json::Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() || patch.contains_key(UNAVAILABLE) {
        *target = serde_json::Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(serde_json::Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_patches_the_record_and_the_base() {
        let rule = "title: t\nbase: {eventName: A, requestParameters: {x: 1, y: 2}}\ntests:\n  - finding: one\n    given: {requestParameters: {y: ~, z: 3}, userIdentity: {type: Root}}\n    severity: low\n    settings: {trusted_networks: [], other: [a]}\n";
        let case = read(&Node::from_yaml(rule).unwrap()[0]).unwrap().remove(0);
        let document: serde_json::Value = serde_json::from_str(&case.documents[0]).unwrap();
        assert_eq!(document["requestParameters"], serde_json::json!({"x": 1, "z": 3}));
        assert_eq!(document["userIdentity"]["type"], "Root");
        assert_eq!(document["userIdentity"]["userName"], "alice");
        assert_eq!((case.verdict, case.severity), (Truth::True, Some(Severity::Low)));
        assert_eq!(case.settings.get("trusted_networks"), None);
        assert_eq!(case.settings.get("other"), Some(&["a".to_owned()][..]));
    }

    #[test]
    fn events_have_times_and_ids_of_their_own() {
        let rule = "title: t\nbase: {eventName: A}\ntests:\n  - finding: one\n    given: {sourceIPAddress: x}\n    events:\n      - {given: {eventName: 'B{n}'}, times: 2, every: 10s}\n      - at: +5m\n";
        let case = read(&Node::from_yaml(rule).unwrap()[0]).unwrap().remove(0);
        let documents: Vec<serde_json::Value> =
            case.documents.iter().map(|document| serde_json::from_str(document).unwrap()).collect();
        let of =
            |key: &str| documents.iter().map(|document| document[key].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(of("eventName"), ["B1", "B2", "A"]);
        assert_eq!(of("sourceIPAddress"), ["x", "x", "x"]);
        assert_eq!(of("eventTime"), ["2026-01-15T10:00:00Z", "2026-01-15T10:00:10Z", "2026-01-15T10:05:00Z"]);
        assert_ne!(of("eventID")[0], of("eventID")[1]);
    }

    #[test]
    fn a_test_needs_a_verdict() {
        let rule = Node::from_yaml("tests:\n  - given: {}\n").unwrap();
        assert_eq!(read(&rule[0]).unwrap_err().problem, "a test without a verdict");
    }
}
