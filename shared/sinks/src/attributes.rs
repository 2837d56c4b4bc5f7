//! The message attributes that subscriptions filter by.

use model::{Finding, Status, is_deceptive};

use report::Shape;

/// The value of an attribute. SNS compares a number by its size only where it is sent as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// `String`.
    Text(String),
    /// `Number`.
    Number(u8),
}

/// What a subscription can filter by, the same on every topic.
///
/// They stay below ten: SNS drops a message that has more before it reaches a queue that takes messages raw, see
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>. The same page asks for values that are not
/// empty, so what is missing or has no valid form is `unknown`.
pub(crate) fn attributes(finding: &Finding) -> [(&'static str, Attribute); 9] {
    let text = |value: Option<String>| Attribute::Text(value.unwrap_or_else(|| "unknown".into()));
    let word = |value: &str| Attribute::Text(value.to_owned());
    [
        ("severity", word(finding.severity.as_str())),
        ("severity_rank", Attribute::Number(finding.severity.rank())),
        ("account", text(Shape::Account.of(&finding.account))),
        ("region", text(Shape::Region.of(&finding.region))),
        ("service", text(Shape::Service.of(&finding.latest.event_source))),
        ("signature_id", text(rule_id(&finding.rule))),
        ("status", word(status(finding.status))),
        ("kind", word(KIND)),
        ("outcome", word(finding.outcome.as_str())),
    ]
}

/// What judged the event; checks of resources come with another word.
pub(crate) const KIND: &str = "signature";

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
        let unknown: Vec<&str> = attributes(&finding)
            .into_iter()
            .filter(|(_, value)| *value == Attribute::Text("unknown".into()))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(unknown, ["account", "region", "signature_id"]);
    }
}
