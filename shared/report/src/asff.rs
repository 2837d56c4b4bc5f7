//! The AWS Security Finding Format, as Security Hub's `BatchImportFindings` takes it.
//!
//! Source: <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html>, version
//! 2018-10-08, and for the lengths <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.

mod kind;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;

use model::{Encoder as _, Finding, Severity, Untrusted};
use serde_json::{Map, Value, json};

use crate::attack::technique;
use crate::entry::{Entry, State};
use crate::json::write_array;
use crate::{Format, Row, Shape, Style, Terminal, Verdict};

pub(crate) static ASFF: Format = Format {
    name: "asff",
    about: "for AWS Security Hub: an array for BatchImportFindings",
    write,
    write_verdicts,
};

fn write(out: &mut dyn Write, rows: &[Row<'_>], _: Style) -> io::Result<()> {
    write_array(out, rows.iter().map(|row| document(&row.into(), None)))
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], _: Style) -> io::Result<()> {
    write_array(out, verdicts.iter().map(|verdict| document(&verdict.into(), None)))
}

/// The document of one finding: valid whatever the finding holds, and far below 240 KB.
///
/// `product` is the ARN of the product that the finding is imported for; `None`: the default product of the finding's
/// own account and region, which Security Hub takes from a caller of that account only. A finding whose account is no
/// account is given the account `000000000000`, and Security Hub lists it under `FailedFindings`.
pub fn finding(row: &Row<'_>, product: Option<&str>) -> Value {
    document(&row.into(), product)
}

fn document(entry: &Entry<'_>, product: Option<&str>) -> Value {
    let (account, region, partition) = (entry.account_id(), entry.region_id(), entry.partition());
    let product = product.map_or_else(
        || format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        str::to_owned,
    );
    let mut document = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("trailpost/{}", text(entry.id.as_str(), 256)),
        "ProductArn": product,
        "ProductName": "Trailpost",
        "CompanyName": "Trailpost",
        "GeneratorId": text(entry.rule, 256),
        "AwsAccountId": account,
        "CreatedAt": entry.first_seen.to_string(),
        "UpdatedAt": entry.updated.to_string(),
        "FirstObservedAt": entry.first_seen.to_string(),
        "LastObservedAt": entry.last_seen.to_string(),
        "Title": text(entry.title(), 256),
        "Description": described(entry),
        "FindingProviderFields": {
            "Severity": { "Label": label(entry), "Original": entry.severity.as_str() },
            "Types": types(entry),
        },
        "Resources": [resource(entry)],
        "ProductFields": product_fields(entry),
        "RecordState": if entry.state == State::Resolved { "ARCHIVED" } else { "ACTIVE" },
        "Workflow": { "Status": workflow(entry.state) },
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(members)) = (value, document.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
    };
    put("Compliance", compliance(entry));
    put("Remediation", remediation(entry));
    put("Action", entry.finding.filter(|_| !entry.is_check()).map(action));
    document
}

/// `text` on one line, at most `longest` characters, and never empty: the format asks for text that is not blank.
fn text(text: &str, longest: usize) -> String {
    let text = Terminal { longest: longest - 1 }.encode(text);
    if text.trim().is_empty() { "-".to_owned() } else { text }
}

fn untrusted(untrusted: &Untrusted, longest: usize) -> String {
    let shown = untrusted.encode(&Terminal { longest: longest - 1 });
    text(&shown, longest)
}

/// What happened, then why it matters.
fn described(entry: &Entry<'_>) -> String {
    let sentence = untrusted(&entry.sentence(), 512);
    match entry.why() {
        why if why.is_empty() => sentence,
        why => text(&format!("{sentence} - {why}"), 1024),
    }
}

/// What is clean or unknown is no worse than informational, as with Security Hub's own controls.
const fn label(entry: &Entry<'_>) -> &'static str {
    match (entry.state, entry.severity) {
        (State::Clean | State::Unknown, _) | (_, Severity::Info) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
    }
}

/// Of the format's taxonomy: a check is about a setting, a signature about what somebody does, by ATT&CK's tactics. See
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-type-taxonomy.html>.
fn types(entry: &Entry<'_>) -> Vec<String> {
    if entry.is_check() {
        return vec!["Software and Configuration Checks/AWS Security Best Practices".to_owned()];
    }
    let techniques = entry.meta.iter().flat_map(|meta| &meta.attack).filter_map(|id| technique(id));
    let mut types: Vec<String> = Vec::new();
    for tactic in techniques.flat_map(|technique| technique.tactics) {
        let kind = match tactic.name {
            // The taxonomy has these two as effects, and none for what an intruder does before.
            "Exfiltration" => "Effects/Data Exfiltration".to_owned(),
            "Impact" => "Effects/Data Destruction".to_owned(),
            "Reconnaissance" | "Resource Development" => continue,
            name => format!("TTPs/{name}"),
        };
        if !types.contains(&kind) {
            types.push(kind);
        }
    }
    if types.is_empty() { vec!["Unusual Behaviors/User".to_owned()] } else { types }
}

/// The resource that was judged; of an event, the account.
fn resource(entry: &Entry<'_>) -> Value {
    let (account, region, partition) = (entry.account_id(), entry.region_id(), entry.partition());
    let Some((resource, resource_type)) = entry.resource else {
        return json!({
            "Type": "AwsAccount", "Id": format!("AWS::::Account:{account}"), "Partition": partition, "Region": region,
        });
    };
    json!({
        "Type": kind::of(resource_type),
        "Id": untrusted(resource, 512),
        "Partition": partition,
        "Region": region,
        "Details": { "Other": { "ResourceType": text(resource_type, 256) } },
    })
}

/// What the format has no place for: at most 50 members of at most 2048 characters.
fn product_fields(entry: &Entry<'_>) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::from([
        ("trailpost/FindingId", text(entry.id.as_str(), 256)),
        ("trailpost/RuleId", text(entry.rule, 256)),
        ("trailpost/Status", entry.state.as_str().to_owned()),
        ("trailpost/Count", entry.count.to_string()),
    ]);
    let Some(finding) = entry.finding else { return fields };
    fields.insert("trailpost/Outcome", finding.outcome.as_str().to_owned());
    let (latest, actor) = (&finding.latest, &finding.latest.actor);
    for (name, value) in [
        ("trailpost/Scope", &finding.scope),
        ("trailpost/EventSource", &latest.event_source),
        ("trailpost/EventName", &latest.event_name),
        ("trailpost/ErrorCode", &latest.error),
        ("trailpost/Principal", &actor.principal),
        ("trailpost/PrincipalType", &actor.kind),
        ("trailpost/Session", &actor.session),
        ("trailpost/AccessKeyId", &actor.access_key),
        ("trailpost/InvokedBy", &actor.invoked_by),
        ("trailpost/SourceIp", &actor.source_ip),
        ("trailpost/UserAgent", &actor.user_agent),
    ] {
        if !value.is_empty() {
            fields.insert(name, untrusted(value, 512));
        }
    }
    if let Some(closing) = &finding.closed {
        fields.insert("trailpost/ClosedAt", closing.at.to_string());
        fields.insert("trailpost/ClosedBy", untrusted(&closing.by, 512));
        fields.insert("trailpost/ClosedBecause", untrusted(&closing.reason, 512));
    }
    if let Some(id) = entry.event_id() {
        fields.insert("trailpost/EventId", untrusted(id, 256));
    }
    if let Some(episode) = finding.posture.as_ref().and_then(model::Posture::episode) {
        fields.insert("trailpost/OpenedAt", episode.opened_at.to_string());
        fields.insert("trailpost/Cause", episode.cause.certainty.as_str().to_owned());
        if let Some(resolved) = episode.resolved_at {
            fields.insert("trailpost/ResolvedAt", resolved.to_string());
        }
    }
    fields
}

const fn workflow(state: State) -> &'static str {
    match state {
        State::Open | State::Unknown => "NEW",
        State::Resolved | State::Clean => "RESOLVED",
        State::Suppressed => "SUPPRESSED",
    }
}

/// Only of a check: Security Hub takes whatever has it for the result of a control.
fn compliance(entry: &Entry<'_>) -> Option<Value> {
    let status = match entry.state {
        State::Open | State::Suppressed => "FAILED",
        State::Resolved | State::Clean => "PASSED",
        State::Unknown => "NOT_AVAILABLE",
    };
    entry.is_check().then(|| json!({ "Status": status }))
}

/// The text is at most 512 characters long.
fn remediation(entry: &Entry<'_>) -> Option<Value> {
    let mut recommendation = Map::new();
    let advice = entry.advice();
    if !advice.is_empty() {
        recommendation.insert("Text".to_owned(), text(&advice, 512).into());
    }
    if let Some(url) = entry.references().find(|url| url.len() <= 512) {
        recommendation.insert("Url".to_owned(), url.into());
    }
    (!recommendation.is_empty()).then(|| json!({ "Recommendation": recommendation }))
}

/// The call of the newest occurrence.
fn action(finding: &Finding) -> Value {
    let latest = &finding.latest;
    let mut call = json!({
        "Api": untrusted(&latest.event_name, 256),
        "ServiceName": untrusted(&latest.event_source, 256),
        "FirstSeen": finding.first_seen.to_string(),
        "LastSeen": finding.last_seen.to_string(),
    });
    if let Some(members) = call.as_object_mut() {
        let source = &latest.actor.source_ip;
        match untrusted(source, 256).parse() {
            Ok(IpAddr::V4(address)) => {
                members.insert("CallerType".to_owned(), "remoteIp".into());
                members.insert("RemoteIpDetails".to_owned(), json!({ "IpAddressV4": address.to_string() }));
            }
            // The format has no place for IPv6; ProductFields have it.
            Ok(IpAddr::V6(_)) => {
                members.insert("CallerType".to_owned(), "remoteIp".into());
            }
            Err(_) => {
                members.insert("CallerType".to_owned(), "domain".into());
                if Shape::Token.of(source).is_some() {
                    members.insert("DomainDetails".to_owned(), json!({ "Domain": untrusted(source, 256) }));
                }
            }
        }
    }
    json!({ "ActionType": "AWS_API_CALL", "AwsApiCallAction": call })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn shown(value: &Value) -> String {
        serde_json::to_string_pretty(value).unwrap()
    }

    #[test]
    fn the_document_of_what_a_signature_found() {
        let finding = samples::findings().swap_remove(1);
        insta::assert_snapshot!(shown(&super::finding(
            &Row { finding: &finding, rule: Some(&samples::rule()) },
            None
        )));
    }

    #[test]
    fn the_document_of_what_a_check_found_and_what_is_over() {
        let finding = samples::posture();
        insta::assert_snapshot!(shown(&super::finding(&Row { finding: &finding, rule: None }, None)));
    }

    #[test]
    fn verdicts_pass_fail_or_are_not_available() {
        let documents = samples::verdicts().map(|verdict| document(&(&verdict).into(), None));
        let status = documents.each_ref().map(|document| document["Compliance"]["Status"].as_str().unwrap());
        assert_eq!(status, ["FAILED", "PASSED", "NOT_AVAILABLE"]);
        let label = |document: &Value| document["FindingProviderFields"]["Severity"]["Label"].clone();
        assert_eq!(documents.each_ref().map(label), ["MEDIUM", "INFORMATIONAL", "INFORMATIONAL"]);
    }

    #[test]
    fn a_finding_and_the_verdict_about_the_same_resource_have_one_id() {
        let finding = samples::posture();
        let [found, ..] = samples::verdicts();
        let of_finding = document(&(&Row { finding: &finding, rule: None }).into(), None);
        let of_verdict = document(
            &Entry { id: Entry::from(&Verdict { finding: None, ..found.clone() }).id, ..(&found).into() },
            None,
        );
        assert_eq!(of_finding["Id"], of_verdict["Id"]);
    }

    #[test]
    fn the_product_is_the_one_that_was_asked_for_or_the_accounts_own() {
        let mut finding = samples::posture();
        finding.region = "us-gov-west-1".into();
        let row = Row { finding: &finding, rule: None };
        let own = "arn:aws-us-gov:securityhub:us-gov-west-1:111122223333:product/111122223333/default";
        assert_eq!(super::finding(&row, None)["ProductArn"], own);
        assert_eq!(super::finding(&row, Some("arn:x"))["ProductArn"], "arn:x");
    }

    #[test]
    fn every_limit_holds_whatever_the_finding_holds() {
        let long = || Untrusted::new("\u{1f9ff}\u{1}".repeat(50_000));
        let mut finding = samples::hostile();
        finding.account = long();
        finding.scope = long();
        finding.latest.message = long();
        finding.latest.event_name = long();
        finding.latest.actor = model::Actor {
            principal: long(),
            kind: long(),
            session: long(),
            access_key: long(),
            mfa: None,
            invoked_by: long(),
            source_ip: long(),
            user_agent: long(),
        };
        finding.title = String::new();
        let mut rule = samples::rule();
        rule.why = "why ".repeat(5_000);
        rule.fix.text = "do ".repeat(5_000);
        let document = super::finding(&Row { finding: &finding, rule: Some(&rule) }, None);
        let length = |pointer: &str| document.pointer(pointer).unwrap().as_str().unwrap().chars().count();
        assert_eq!(length("/Description"), 1024);
        assert_eq!(length("/Remediation/Recommendation/Text"), 512);
        assert!((1..=256).contains(&length("/Title")));
        assert_eq!(document["AwsAccountId"], "000000000000");
        let fields = document["ProductFields"].as_object().unwrap();
        assert!(
            fields.len() <= 50
                && fields.values().all(|value| value.as_str().unwrap().chars().count() <= 2048)
        );
        assert!(document.to_string().len() < 240_000);
    }
}
