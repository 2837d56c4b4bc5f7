//! A finding as a JSON document for programs, as large as SNS takes.

use engine::notify::Digest;
use engine::ports::Delivery;
use report::{Document, Shape};
use serde_json::json;

use crate::Message;
use crate::attributes::kind;
use crate::topic::LIMIT;

/// What is left for the document beside the attributes, each below 300 bytes with its name and type.
const ROOM: usize = LIMIT - 9 * 300;

/// The document about the finding of `delivery`: valid JSON that SNS takes, whatever the finding holds.
pub fn render(delivery: Delivery<'_>) -> Message {
    let Delivery { notice, finding, rule } = delivery;
    let document = Document::new(kind(finding), notice.as_str(), finding, rule);
    Message { subject: String::new(), body: document.fitting(ROOM) }
}

/// The name and version of the document about many findings.
pub const DIGEST_SCHEMA: &str = "trailpost.digest/1";

/// So many rules and accounts are listed; the counts by severity are whole.
const LISTED: usize = 100;

/// The document about many findings. Its lists have an end each, so that it always fits.
pub fn digest(digest: &Digest) -> Message {
    let rules = digest.rules.iter().take(LISTED).map(|rule| {
        let (id, title) = &rule.key;
        let (id, title) = (report::cut(id, 256), report::cut(title, 256));
        json!({"id": id, "title": title, "severity": rule.severity, "count": rule.count})
    });
    let accounts = digest.accounts.iter().take(LISTED).map(|account| {
        json!({"id": Shape::Account.of(&account.key), "severity": account.severity, "count": account.count})
    });
    let worst = digest.worst.iter().map(|line| {
        json!({
            "dedup_id": line.notice,
            "id": line.finding,
            "rule": report::cut(&line.rule, 256),
            "severity": line.severity,
            "status": if line.over { "resolved" } else { "open" },
            "outcome": line.outcome,
            "account": Shape::Account.of(&line.account),
            "region": Shape::Region.of(&line.region),
            "last_seen": line.time,
            "untrusted": { "message": line.message },
        })
    });
    let counts =
        digest.severities.iter().map(|(severity, count)| (severity.as_str().to_owned(), json!(count)));
    let document = json!({
        "schema": DIGEST_SCHEMA,
        "dedup_id": digest.id,
        "kind": "digest",
        "from": digest.from,
        "until": digest.until,
        "findings": digest.findings,
        "resolved": digest.over,
        "more": digest.more,
        "severities": counts.collect::<serde_json::Map<_, _>>(),
        "rules": rules.collect::<Vec<_>>(),
        "accounts": accounts.collect::<Vec<_>>(),
        "worst": worst.collect::<Vec<_>>(),
    });
    Message { subject: String::new(), body: document.to_string() }
}

#[cfg(test)]
mod tests {
    use model::{NoticeId, Occurrence};
    use proptest::prelude::*;
    use report::document::SCHEMA;
    use serde_json::Value;

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
    fn the_document_of_a_digest() {
        let document: Value = serde_json::from_str(&digest(&samples::digest()).body).unwrap();
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
        // Commands are made of the evidence.
        document["rule"]["fix"]["cli"] = whole["rule"]["fix"]["cli"].clone();
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
