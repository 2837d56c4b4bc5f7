//! What of a document is kept beside a finding.

use std::collections::BTreeSet;

use model::json::Document;
use serde_json::{Map, Value};

use crate::collect::Resource;
use crate::inventory::withhold;
use crate::redact;

/// The part of a document that a check reads and its fix needs, secrets replaced.
pub(super) fn evidence(resource: &Resource, members: &BTreeSet<String>) -> String {
    let read =
        |key: &str| key == "$resource" || members.iter().any(|member| member.eq_ignore_ascii_case(key));
    let part: Map<String, Value> = resource
        .document
        .iter()
        .filter(|(key, _)| read(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut part = Value::Object(part);
    withhold(&mut part, &|| Value::from("***"));
    let document = Document::parse(part.to_string()).unwrap_or_default();
    redact::evidence(document.root(), model::Occurrence::EVIDENCE_LIMIT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_write_is_no_evidence() {
        let mut document = json!({"Environment": {"Variables": {"TOKEN": "t"}}, "Runtime": "python3.13", "L": [{"UserData": "x"}]});
        withhold(&mut document, &|| Value::from("***"));
        assert_eq!(
            document,
            json!({"Environment": {"Variables": {"TOKEN": "***"}}, "Runtime": "python3.13", "L": [{"UserData": "***"}]})
        );
    }
}
