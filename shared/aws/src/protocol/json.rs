//! The JSON protocol, and JSON bodies of every protocol.

use serde_json::{Map, Value};

use super::{Request, WireError, time};
use crate::model::{Member, Operation, Service, Shape, Type};

pub(super) fn request(service: &Service, name: &str, operation: &Operation, parameters: &Value) -> Request {
    let version = service.json_version.as_deref().unwrap_or("1.0");
    let target = match &service.target_prefix {
        Some(prefix) => format!("{prefix}.{name}"),
        None => name.to_owned(),
    };
    let body = match service.input(operation) {
        Some(input) => written(service, input, None, parameters),
        None => Value::Object(Map::new()),
    };
    let mut headers = vec![
        ("content-type".into(), format!("application/x-amz-json-{version}")),
        ("x-amz-target".into(), target),
    ];
    if service.query_compatible {
        headers.push(("x-amzn-query-mode".into(), "true".into()));
    }
    Request { method: "POST".into(), target: "/".into(), headers, body: body.to_string().into_bytes() }
}

/// `value` with the names and the times that its shape has on the wire.
pub(super) fn written(service: &Service, shape: &Shape, used: Option<&Member>, value: &Value) -> Value {
    let part = |member: Option<&Member>, value: &Value| {
        let shape = member.and_then(|member| service.shape(&member.shape));
        shape.map_or_else(|| value.clone(), |shape| written(service, shape, member, value))
    };
    match (shape.r#type, value) {
        (Type::Structure, Value::Object(members)) => {
            let named = members.iter().map(|(key, value)| match shape.members.get(key) {
                Some(member) => {
                    (member.location_name.as_ref().unwrap_or(key).clone(), part(Some(member), value))
                }
                None => (key.clone(), value.clone()),
            });
            Value::Object(named.collect())
        }
        (Type::List, Value::Array(items)) => {
            items.iter().map(|item| part(shape.member.as_ref(), item)).collect()
        }
        (Type::Map, Value::Object(entries)) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), part(shape.value.as_ref(), value)));
            Value::Object(entries.collect())
        }
        (Type::Timestamp, _) => {
            let format = used.and_then(|used| used.timestamp_format.as_deref());
            time::written(value, format.unwrap_or("unixTimestamp"))
        }
        _ => value.clone(),
    }
}

pub(super) fn document(service: &Service, output: &Shape, body: &[u8]) -> Result<Value, WireError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return super::without_body(output);
    }
    let value: Value =
        serde_json::from_slice(body).map_err(|error| WireError::Malformed(error.to_string()))?;
    if !value.is_object() {
        return Err(WireError::Malformed("the body is no JSON object".into()));
    }
    Ok(read(service, output, &value))
}

/// `value` as its shape says: names of members, times; what is null or not modelled is left out.
pub(super) fn read(service: &Service, shape: &Shape, value: &Value) -> Value {
    let part = |member: &Member, value: &Value| match service.shape(&member.shape) {
        Some(shape) => read(service, shape, value),
        None => value.clone(),
    };
    match (shape.r#type, value) {
        (Type::Structure, _) if shape.document => value.clone(),
        (Type::Structure, Value::Object(members)) => {
            let known = shape.members.iter().filter(|(_, member)| member.location.is_none());
            let kept = known.filter_map(|(key, member)| {
                let value = members.get(member.location_name.as_ref().unwrap_or(key))?;
                (!value.is_null()).then(|| (key.clone(), part(member, value)))
            });
            Value::Object(kept.collect())
        }
        (Type::List, Value::Array(items)) => match &shape.member {
            Some(member) => items.iter().map(|item| part(member, item)).collect(),
            None => value.clone(),
        },
        (Type::Map, Value::Object(entries)) => match &shape.value {
            Some(member) => {
                Value::Object(entries.iter().map(|(key, value)| (key.clone(), part(member, value))).collect())
            }
            None => value.clone(),
        },
        (Type::Timestamp, _) => time::from_json(value),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Models;

    fn sent(service: &str, name: &str, parameters: &Value) -> Request {
        let service = Models::default().service(service).unwrap();
        crate::protocol::request(&service, name, &service.operations[name], parameters).unwrap()
    }

    #[test]
    fn structures_in_maps_have_their_names_on_the_wire() {
        let criteria = json!({ "Criterion": { "severity": { "Gte": 4 } } });
        let request =
            sent("guardduty", "ListFindings", &json!({ "DetectorId": "d", "FindingCriteria": criteria }));
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body, json!({ "findingCriteria": { "criterion": { "severity": { "gte": 4 } } } }));
    }

    #[test]
    fn services_that_came_from_forms_are_asked_for_their_old_error_codes() {
        let mode = ("x-amzn-query-mode".to_owned(), "true".to_owned());
        assert!(sent("sqs", "ListQueues", &json!({})).headers.contains(&mode));
        assert!(!sent("kms", "ListKeys", &json!({})).headers.contains(&mode));
    }
}
