//! What the stream of the findings table tells `notify`: which notices became due.

use model::{FindingId, Notice, NoticeId};
use serde_json::Value;

/// The notice that became due by the change that `record` of the stream tells of, as Lambda passes records on.
/// `None` for every other change. A notice that was given back is not told of again: it is due later.
pub fn due_notice(record: &Value) -> Option<Notice> {
    let image = record.pointer("/dynamodb/NewImage")?;
    let text = |name: &str| image.get(name)?.get("S")?.as_str();
    let inserted = record.get("eventName").and_then(Value::as_str) == Some("INSERT");
    let due = text("kind") == Some("notice") && text("state") == Some("due");
    if !inserted || !due {
        return None;
    }
    Some(Notice {
        id: NoticeId::from_text(text("notice_id")?),
        finding_id: FindingId::from_text(text("finding_id")?),
        channel: text("channel")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use model::{Outcome, Timestamp};
    use serde_json::json;

    use super::*;
    use crate::dynamodb::items::notice_item;

    /// The record of the stream for a written item, as AWS makes it.
    fn record(event: &str, item: &crate::dynamodb::keys::Item) -> Value {
        let image: serde_json::Map<_, _> = item
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    AttributeValue::S(text) => json!({ "S": text }),
                    AttributeValue::N(number) => json!({ "N": number }),
                    other => panic!("{other:?}"),
                };
                (name.clone(), value)
            })
            .collect();
        json!({ "eventName": event, "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": image } })
    }

    #[test]
    fn a_new_notice_is_told_and_nothing_else_is() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap();
        let finding_id = FindingId::new("rule", "111111111111", "eu-west-1", "scope", Outcome::Success);
        let notice =
            Notice { id: NoticeId::new(&finding_id, now, "text"), finding_id, channel: "text".into() };
        let mut item = notice_item(&notice, now);
        assert_eq!(due_notice(&record("INSERT", &item)), Some(notice));
        assert_eq!(due_notice(&record("MODIFY", &item)), None);
        item.insert("kind".into(), AttributeValue::S("occurrence".into()));
        assert_eq!(due_notice(&record("INSERT", &item)), None);
        assert_eq!(due_notice(&json!({ "eventName": "REMOVE", "dynamodb": {} })), None);
    }
}
