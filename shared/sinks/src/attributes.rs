//! The message attributes that subscriptions filter by.

use engine::notify::{Digest, Group};
use model::{Finding, Status, is_deceptive};
use report::Shape;

/// The value of an attribute. SNS compares a number by its size only where it is sent as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// `String`.
    Text(String),
    /// `Number`.
    Number(u8),
    /// `String.Array`: a filter fits that fits any of them.
    Texts(Vec<String>),
}

/// The attributes of a message.
///
/// They stay below ten: SNS drops a message that has more before it reaches a queue that takes messages raw, see
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>. The same page asks for values that are not
/// empty, so what is missing or has no valid form is `unknown`.
pub(crate) type Attributes = [(&'static str, Attribute); 9];

/// What a digest has of each, at most: enough for a filter, and far below what a message may weigh.
const VALUES: usize = 100;

/// What a subscription can filter by, the same on every topic.
pub(crate) fn of_finding(finding: &Finding) -> Attributes {
    let text = |value: Option<String>| Attribute::Text(value.unwrap_or_else(unknown));
    let word = |value: &str| Attribute::Text(value.to_owned());
    [
        ("severity", word(finding.severity.as_str())),
        ("severity_rank", Attribute::Number(finding.severity.rank())),
        ("account", text(Shape::Account.of(&finding.account))),
        ("region", text(Shape::Region.of(&finding.region))),
        ("service", text(service(finding))),
        ("signature_id", text(rule_id(&finding.rule))),
        ("status", word(status(finding.status))),
        ("kind", word(kind(finding))),
        ("outcome", word(finding.outcome.as_str())),
    ]
}

/// The same of a digest, so that a filter lets it pass that would let one of its findings pass.
pub(crate) fn of_digest(digest: &Digest) -> Attributes {
    fn texts<K>(groups: &[Group<K>], text: impl Fn(&K) -> Option<String>) -> Attribute {
        let texts: Vec<String> =
            groups.iter().take(VALUES).map(|group| text(&group.key).unwrap_or_else(unknown)).collect();
        Attribute::Texts(texts)
    }
    let words = |words: Vec<&str>| Attribute::Texts(words.into_iter().map(str::to_owned).collect());
    let mut states = Vec::new();
    if digest.over < digest.findings {
        states.push(status(Status::Open));
    }
    if digest.over > 0 {
        states.push(status(Status::Resolved));
    }
    [
        ("severity", words(digest.severities.iter().map(|(severity, _)| severity.as_str()).collect())),
        ("severity_rank", Attribute::Number(digest.severity().rank())),
        ("account", texts(&digest.accounts, |account| Shape::Account.of(account))),
        ("region", texts(&digest.regions, |region| Shape::Region.of(region))),
        ("service", Attribute::Text("several".to_owned())),
        ("signature_id", texts(&digest.rules, |(id, _)| rule_id(id))),
        ("status", words(states)),
        ("kind", Attribute::Text("digest".to_owned())),
        ("outcome", Attribute::Text("several".to_owned())),
    ]
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// What judged: a signature an event, or a check a resource.
pub(crate) const fn kind(finding: &Finding) -> &'static str {
    if finding.posture.is_some() { "check" } else { "signature" }
}

/// The service of the resource, or of the call.
fn service(finding: &Finding) -> Option<String> {
    let of_type = finding.posture.as_ref().and_then(|posture| posture.resource_type.split('.').nth(1));
    of_type.map(str::to_owned).or_else(|| Shape::Service.of(&finding.latest.event_source))
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Resolved => "resolved",
    }
}

/// The rule's id as an attribute can carry it.
fn rule_id(id: &str) -> Option<String> {
    let id: String = id.chars().filter(|character| !is_deceptive(*character)).take(100).collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn what_has_no_valid_form_is_unknown() {
        let finding = Finding {
            account: "11112222333\n".into(),
            region: "".into(),
            rule: "\u{202e}\u{1b}".into(),
            ..samples::stopped_logging()
        };
        let unknown: Vec<&str> = of_finding(&finding)
            .into_iter()
            .filter(|(_, value)| *value == Attribute::Text("unknown".into()))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(unknown, ["account", "region", "signature_id"]);
    }

    #[test]
    fn a_digest_passes_the_filters_of_its_findings() {
        let attributes = of_digest(&samples::digest());
        let texts = |name: &str| match attributes.iter().find(|(known, _)| *known == name) {
            Some((_, Attribute::Texts(texts))) => texts.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(texts("severity"), ["critical", "high", "medium"]);
        assert_eq!(texts("account"), ["111122223333", "unknown"]);
        assert_eq!(texts("status"), ["open", "resolved"]);
        assert_eq!(attributes[1], ("severity_rank", Attribute::Number(4)));
    }
}
