//! Forms: the query protocol, and EC2's spelling of it.

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::Request;
use super::rest::UNRESERVED;
use crate::model::{Member, Operation, Protocol, Service, Shape, Type};

pub(super) fn request(service: &Service, name: &str, operation: &Operation, parameters: &Value) -> Request {
    let mut fields =
        vec![("Action".to_owned(), name.to_owned()), ("Version".to_owned(), service.api_version.clone())];
    if let Some(input) = service.input(operation) {
        write(service, input, None, "", parameters, &mut fields);
    }
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let body: Vec<_> =
        fields.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    Request {
        method: "POST".into(),
        target: "/".into(),
        headers: vec![("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".into())],
        body: body.join("&").into_bytes(),
    }
}

fn write(
    service: &Service,
    shape: &Shape,
    used: Option<&Member>,
    prefix: &str,
    value: &Value,
    fields: &mut Vec<(String, String)>,
) {
    let ec2 = service.protocol == Protocol::Ec2;
    let below = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match (shape.r#type, value) {
        (_, Value::Null) => {}
        (Type::Structure, Value::Object(members)) => {
            for (key, value) in members {
                let Some(member) = shape.members.get(key) else { continue };
                let Some(part) = service.shape(&member.shape) else { continue };
                write(service, part, Some(member), &below(&spelled(ec2, key, member)), value, fields);
            }
        }
        (Type::List, Value::Array(items)) => {
            let Some(member) = &shape.member else { return };
            let Some(part) = service.shape(&member.shape) else { return };
            let flat = shape.flattened || used.is_some_and(|used| used.flattened);
            let prefix = match (&member.location_name, flat, ec2) {
                (_, _, true) | (None, true, false) => prefix.to_owned(),
                // A flattened list is named by its elements.
                (Some(name), true, false) => match prefix.rsplit_once('.') {
                    Some((owner, _)) => format!("{owner}.{name}"),
                    None => name.clone(),
                },
                (name, false, false) => format!("{prefix}.{}", name.as_deref().unwrap_or("member")),
            };
            for (index, item) in items.iter().enumerate() {
                write(service, part, None, &format!("{prefix}.{}", index + 1), item, fields);
            }
        }
        (_, Value::String(text)) => fields.push((prefix.to_owned(), text.clone())),
        (_, other) => fields.push((prefix.to_owned(), other.to_string())),
    }
}

/// The name of a member in a form.
fn spelled(ec2: bool, key: &str, member: &Member) -> String {
    match (ec2, &member.query_name, &member.location_name) {
        (true, Some(name), _) | (false, _, Some(name)) => name.clone(),
        (true, None, Some(name)) => {
            let mut characters = name.chars();
            characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
        }
        (_, _, None) => key.to_owned(),
    }
}
