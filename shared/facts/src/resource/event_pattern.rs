//! `event_pattern`: the pattern of an EventBridge rule in one form.

use model::json::{Document, Kind, Value, Writer};

use super::ResourceFact;
use crate::hole::{Known, member, write};
use crate::loose::{field, text_of};

/// The pattern of an `EventBridge` rule in one form.
pub(super) static EVENT_PATTERN: ResourceFact = ResourceFact {
    name: "event_pattern",
    about: "The pattern of the EventBridge rule in the member Rule as one text: JSON without white space, with keys and lists in \
        order, so that patterns that mean the same are the same text; empty where there is none.",
    reads: &["Rule"],
    derive,
};

fn derive(document: Value<'_>, out: &mut Writer) {
    write(pattern(document), out, |text, out| out.text(&text));
}

fn pattern(document: Value<'_>) -> Known<'_, String> {
    let Some(rule) = member(document, "Rule")? else { return Ok(String::new()) };
    let text = text_of(field(rule, "EventPattern"));
    Ok(Document::parse(text.as_ref()).map(|pattern| canonical_pattern(pattern.root())).unwrap_or_default())
}

/// A pattern as one text. Its lists are sets, <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>,
/// so that their order does not count.
pub fn canonical_pattern(pattern: Value<'_>) -> String {
    canonical(pattern, 0)
}

/// Patterns do not nest deeper than this; what does is not the same as any other.
const DEEPEST: usize = 64;

fn canonical(value: Value<'_>, depth: usize) -> String {
    if depth > DEEPEST {
        return "\"too deep\"".into();
    }
    let inner = |value| canonical(value, depth + 1);
    match value.kind() {
        Kind::Object => {
            let mut members: Vec<String> = value
                .members()
                .map(|(key, value)| format!("{}:{}", quoted(&key.as_str().unwrap_or_default()), inner(value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Kind::Array => {
            let mut items: Vec<String> = value.items().map(inner).collect();
            items.sort();
            format!("[{}]", items.join(","))
        }
        Kind::String => quoted(&value.as_str().unwrap_or_default()),
        Kind::Null => "null".into(),
        Kind::Bool | Kind::Number => value.text().unwrap_or_default().into_owned(),
    }
}

fn quoted(text: &str) -> String {
    let mut writer = Writer::default();
    writer.text(text);
    writer.json().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::laws::{assert_cases, hole};

    #[test]
    fn order_and_white_space_do_not_count() {
        let of = |pattern: &str| json!({"Rule": {"EventPattern": pattern}});
        let one = r#"{"detail":{"eventName":[{"exists":false},{"anything-but":["A","B"]}]},"source":[{"prefix":"aws."}]}"#;
        let other = r#"{ "source": [ {"prefix": "aws."} ],
            "detail": {"eventName": [{"anything-but": ["B", "A"]}, {"exists": false}]} }"#;
        let text = r#"{"detail":{"eventName":[{"anything-but":["A","B"]},{"exists":false}]},"source":[{"prefix":"aws."}]}"#;
        assert_cases(
            &EVENT_PATTERN,
            &[
                (of(one), json!(text)),
                (of(other), json!(text)),
                (of(r#"{"source":["aws.ec2"]}"#), json!(r#"{"source":["aws.ec2"]}"#)),
                (json!({"Rule": null}), json!("")),
                (json!({"Rule": {"ScheduleExpression": "rate(1 day)"}}), json!("")),
                (json!({"Rule": hole()}), hole()),
            ],
        );
    }
}
