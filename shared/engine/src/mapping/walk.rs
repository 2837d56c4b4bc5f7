//! Texts of a record behind dotted paths, in whichever way a service writes its parameters.

use std::borrow::Cow;

use model::json::{Kind, Value};

/// The members that stand around the elements of a list, or around text: EC2 writes `{"items": [..]}`, `{"item": ..}`
/// and `{"tag": 1, "content": ".."}`, services with forms `{"member": [..]}`.
const AROUND: &[&str] = &["items", "item", "member", "content"];

/// The members that newer calls of EC2 put around all of their parameters, such as `CreateFlowLogsRequest`; one of
/// them is abbreviated (`DelTGwVpcAttachReq`).
const ENVELOPES: &[&str] = &["Request", "Response", "Req"];

/// What CloudTrail writes in place of what it does not want to say.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The texts at `path`, in the order of the record.
pub(super) fn texts<'a>(root: Value<'a>, path: &str) -> Vec<Cow<'a, str>> {
    let mut found = Vec::new();
    walk(root, path, 0, &mut found);
    found
}

fn walk<'a>(value: Value<'a>, path: &str, depth: usize, found: &mut Vec<Cow<'a, str>>) {
    match value.kind() {
        Kind::Array => value.items().for_each(|item| walk(item, path, depth, found)),
        Kind::Object => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(member) = member(value, name).filter(|_| !path.is_empty()) {
                return walk(member, rest, depth + 1, found);
            }
            if let Some(inner) = AROUND.iter().find_map(|around| member(value, around)) {
                return walk(inner, path, depth + 1, found);
            }
            // Right beneath `requestParameters` or `responseElements`.
            if depth == 1 && !path.is_empty() {
                let envelopes = value.members().filter(|(key, inner)| {
                    let key = key.as_str().unwrap_or_default();
                    inner.kind() == Kind::Object && ENVELOPES.iter().any(|end| key.ends_with(end))
                });
                for (_, inner) in envelopes {
                    walk(inner, path, depth + 1, found);
                }
            }
        }
        Kind::String | Kind::Number | Kind::Bool if path.is_empty() => {
            found.extend(value.text().filter(|text| !text.trim().is_empty() && text != HIDDEN));
        }
        Kind::Null | Kind::String | Kind::Number | Kind::Bool => {}
    }
}

/// The member `name`, spelt like this or else but for letter case: `dBInstanceArn`, `aRN`, `VpcId`.
fn member<'a>(object: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut loose = None;
    for (key, value) in object.members().filter(|(_, value)| !value.is_null()) {
        let key = key.as_str().unwrap_or_default();
        if key == name {
            return Some(value);
        }
        if key.eq_ignore_ascii_case(name) {
            loose = Some(value);
        }
    }
    loose
}

#[cfg(test)]
mod tests {
    use model::json::Document;

    use super::*;

    #[test]
    fn parameters_are_found_in_every_way_they_are_written() {
        for (json, path, wanted) in [
            (r#"{"a":{"b":"x"}}"#, "a.b", vec!["x"]),
            (r#"{"a":[{"b":"x"},{"b":["y","z"]}]}"#, "a.b", vec!["x", "y", "z"]),
            (
                r#"{"requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}}"#,
                "requestParameters.instancesSet.instanceId",
                vec!["i-1", "i-2"],
            ),
            (
                r#"{"requestParameters":{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-1"}}}}"#,
                "requestParameters.flowLogId",
                vec!["fl-1"],
            ),
            (
                r#"{"requestParameters":{"DeleteFlowLogsRequest":{"FlowLogId":[{"tag":1,"content":"fl-1"},{"tag":2,"content":"fl-2"}]}}}"#,
                "requestParameters.flowLogId",
                vec!["fl-1", "fl-2"],
            ),
            (
                r#"{"requestParameters":{"DelTGwVpcAttachReq":{"TransitGatewayAttachmentId":"t"}}}"#,
                "requestParameters.transitGatewayAttachmentId",
                vec!["t"],
            ),
            (
                r#"{"responseElements":{"CreateFlowLogsResponse":{"flowLogIdSet":{"item":"fl-1"}}}}"#,
                "responseElements.flowLogIdSet",
                vec!["fl-1"],
            ),
            (r#"{"responseElements":{"aRN":"x"}}"#, "responseElements.arn", vec!["x"]),
            (r#"{"a":{"b":null,"B":"x"}}"#, "a.b", vec!["x"]),
            (r#"{"a":{"b":""},"c":1}"#, "a.b", vec![]),
            (r#"{"a":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#, "a", vec![]),
            (r#"{"a":7}"#, "a", vec!["7"]),
            ("[]", "a", vec![]),
        ] {
            let document = Document::parse(json).unwrap();
            assert_eq!(texts(document.root(), path), wanted, "{json}");
        }
    }
}
