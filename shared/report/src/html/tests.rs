//! What the page is given, whatever stands in events.

use model::json::Document;
use model::{Cause, Certainty, Culprit, Episode, Finding, Posture, Status, Timestamp, Untrusted};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::samples;

fn page(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    write_report(&mut out, report).unwrap();
    String::from_utf8(out).unwrap()
}

/// The data as a browser takes it from the page: everything up to the first end of the element.
fn data(page: &str) -> Value {
    let (_, behind) = page.split_once("id=\"data\">").unwrap();
    let (data, _) = behind.split_once("</").unwrap();
    serde_json::from_str(data).unwrap()
}

fn of(findings: &[Finding]) -> Report<'_> {
    let entries = findings.iter().map(|finding| Entry::from(Row { finding, rule: None })).collect();
    Report { entries, ..Report::new("2026-03-02T00:00:00Z".parse().unwrap()) }
}

/// A finding about a resource, with `text` wherever somebody else's text stands.
fn about_resource(text: &str) -> Finding {
    let untrusted = Untrusted::from(text);
    let mut finding = samples::findings().swap_remove(1);
    finding.latest.message = untrusted.clone();
    let culprit = Culprit {
        event_id: untrusted.clone(),
        time: "2026-03-01T04:00:00Z".parse().unwrap(),
        source: untrusted.clone(),
        name: untrusted.clone(),
        actor: model::Actor {
            principal: untrusted.clone(),
            user_agent: untrusted.clone(),
            ..finding.latest.actor.clone()
        },
        chain: Vec::new(),
    };
    let patch = json!([{"op": "replace", "path": format!("/{text}"), "was": text, "value": [text]}]);
    let cause = Cause {
        certainty: Certainty::Exact,
        calls: vec![culprit],
        between: None,
        patch: Untrusted::new(patch.to_string()),
        clause: vec![untrusted.clone()],
        ..Cause::default()
    };
    let opened_at: Timestamp = "2026-03-01T04:00:09Z".parse().unwrap();
    finding.posture = Some(Posture {
        resource_type: "aws.s3.bucket".into(),
        resource: untrusted,
        checked_at: opened_at,
        resolved_at: None,
        resolution: None,
        episodes: vec![Episode {
            opened_at,
            provisional: false,
            confirmed_at: None,
            cause,
            resolved_at: None,
            fix: None,
        }],
    });
    finding
}

#[test]
fn a_finding_tells_who_what_and_how_long() {
    let finding = about_resource("b");
    let data = data(&page(&of(&[finding])));
    let episode = &data["findings"][0]["episodes"][0];
    assert_eq!(episode["detect"], 9);
    assert_eq!(episode["cause"]["calls"][0]["call"], "b:b");
    assert_eq!(
        episode["cause"]["changes"][0],
        json!({"op": "replace", "path": "/b", "was": "\"b\"", "now": "[\"b\"]"})
    );
    assert_eq!(data["findings"][0]["service"], "s3");
}

#[test]
fn a_resolved_finding_is_there_too() {
    let findings = samples::findings();
    let data = data(&page(&of(&findings)));
    let statuses: Vec<&Value> =
        data["findings"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "resolved").count(), 1);
    assert_eq!(statuses.len(), findings.len());
    assert!(findings.iter().any(|finding| finding.status == Status::Resolved));
}

#[test]
fn rows_of_a_scan_are_findings_and_counts() {
    let row = |status, resource: &str| Verdict {
        check: "s3-bucket-versioning-off".into(),
        resource: resource.into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        status,
        severity: model::Severity::Medium,
        equivalents: std::collections::BTreeMap::new(),
        reason: "</script>".into(),
        title: "S3 bucket without versioning".into(),
        resource_type: "aws.s3.bucket".into(),
        change: None,
        finding: None,
        muted: None,
        judged_at: model::Timestamp::UNIX_EPOCH,
        rule: None,
    };
    let mut out = Vec::new();
    (HTML.write_verdicts)(
        &mut out,
        &[row("finding", "a"), row("clean", "b"), row("unknown", "c")],
        Style::default(),
    )
    .unwrap();
    let data = data(&String::from_utf8(out).unwrap());
    assert_eq!(data["findings"].as_array().unwrap().len(), 1);
    assert_eq!(data["findings"][0]["message"], "</script>");
    let sum = |key: &str| {
        data["tallies"].as_array().unwrap().iter().filter_map(|one| one[key].as_u64()).sum::<u64>()
    };
    assert_eq!((sum("clean"), sum("unknown")), (1, 1));
}

/// Text that tries to get out: the pieces of which attacks are made, in any order.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("</script>".to_owned()),
        Just("</ScRiPt ".to_owned()),
        Just("<!--".to_owned()),
        Just("<script>".to_owned()),
        Just("]]>".to_owned()),
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("\u{2028}\u{202e}\u{0}".to_owned()),
        Just("{{data}}{{script}}{{policy}}".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_text_ends_the_element_that_holds_it(text in any_text()) {
        let finding = about_resource(&text);
        let written = page(&of(std::slice::from_ref(&finding)));
        let empty = page(&of(&[]));
        // The data adds nothing that begins or ends an element: there are as many `<` as without any finding.
        prop_assert_eq!(written.matches('<').count(), empty.matches('<').count());
        let data = data(&written);
        let shown = finding.latest.message.encode(&crate::Terminal { longest: 1_000 });
        prop_assert_eq!(&data["findings"][0]["message"], &Value::from(shown));
        prop_assert!(Document::parse(data.to_string()).is_ok());
    }
}
