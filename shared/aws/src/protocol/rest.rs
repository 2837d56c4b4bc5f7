//! REST: parts of the parameters in path, query and headers, and parts of the answer in headers.

use aws_smithy_types::base64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{Request, Response, WireError, json, time, xml};
use crate::model::{Member, Operation, Protocol, Service, Shape, Type};

/// All but the unreserved characters of RFC 3986 is encoded.
pub(super) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// In a path segment that may be several.
const GREEDY: &AsciiSet = &UNRESERVED.remove(b'/');
/// The CRC-32 of an empty body: reads that need a checksum have no other.
const CHECKSUM_OF_NOTHING: &str = "AAAAAA==";

pub(super) fn request(
    service: &Service,
    operation: &Operation,
    parameters: &Value,
) -> Result<Request, WireError> {
    let (path, fixed) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    let path = fill(path, |name, greedy| {
        let set = if greedy { GREEDY } else { UNRESERVED };
        let input = service.input(operation)?;
        let (key, _) = input
            .members
            .iter()
            .find(|(key, member)| member.location_name.as_deref().unwrap_or(key) == name)?;
        let value = text(parameters.get(key)?)?;
        Some(utf8_percent_encode(bare_id(service, &value), set).to_string())
    })?;
    let mut query: Vec<String> = if fixed.is_empty() { Vec::new() } else { vec![fixed.to_owned()] };
    let mut headers = Vec::new();
    let mut body = Map::new();
    let mut payload = None;
    if let (Some(input), Some(members)) = (service.input(operation), parameters.as_object()) {
        for (key, value) in members {
            let Some(member) = input.members.get(key) else { continue };
            let wire = member.location_name.as_deref().unwrap_or(key);
            match member.location.as_deref() {
                Some("querystring") => {
                    query.extend(query_fields(wire, &timed(service, member, value, "iso8601")));
                }
                Some("header") => {
                    let value = text(&timed(service, member, value, "rfc822"));
                    headers.extend(value.map(|text| (wire.to_ascii_lowercase(), text)));
                }
                // Parts of the path are there already.
                Some(_) => {}
                None if input.payload.as_deref() == Some(key) => payload = Some(value.clone()),
                None => {
                    let part = service.shape(&member.shape);
                    let value = part.map_or_else(
                        || value.clone(),
                        |part| json::written(service, part, Some(member), value),
                    );
                    body.insert(wire.to_owned(), value);
                }
            }
        }
    }
    let has_body = service.protocol == Protocol::RestJson
        && !matches!(operation.method.as_str(), "GET" | "HEAD" | "DELETE");
    let body = match payload {
        Some(payload) => payload.to_string().into_bytes(),
        None if has_body => Value::Object(body).to_string().into_bytes(),
        None => Vec::new(),
    };
    // Left to itself, API Gateway answers in HAL, where lists stand under other names; every SDK asks for this, as
    // `add_accept_header` in <https://github.com/boto/botocore/blob/develop/botocore/handlers.py>.
    if service.service == "apigateway" {
        headers.push(("accept".into(), "application/json".into()));
    }
    if operation.checksum && body.is_empty() {
        headers.push(("x-amz-checksum-crc32".into(), CHECKSUM_OF_NOTHING.into()));
    }
    if !body.is_empty() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    Ok(Request { method: operation.method.clone(), target, headers, body })
}

/// A time as the place in the request has it; anything else as it is.
fn timed(service: &Service, member: &Member, value: &Value, usual: &str) -> Value {
    match service.shape(&member.shape) {
        Some(shape) if shape.r#type == Type::Timestamp => {
            time::written(value, member.timestamp_format.as_deref().unwrap_or(usual))
        }
        _ => value.clone(),
    }
}

/// Route 53 gives ids such as `/hostedzone/Z1`, and takes them without their path:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html>.
fn bare_id<'v>(service: &Service, value: &'v str) -> &'v str {
    match value.rsplit_once('/') {
        Some((_, id)) if service.service == "route53" => id,
        _ => value,
    }
}

/// Fills `{name}` and `{name+}` fields.
///
/// # Errors
/// When a field has no value.
pub(crate) fn fill(
    template: &str,
    value: impl Fn(&str, bool) -> Option<String>,
) -> Result<String, WireError> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (field, after) = after.split_once('}').unwrap_or((after, ""));
        let name = field.trim_end_matches('+');
        let value = value(name, field.ends_with('+')).filter(|value| !value.is_empty());
        filled.push_str(before);
        filled.push_str(&value.ok_or_else(|| WireError::Missing(name.to_owned()))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn query_fields(name: &str, value: &Value) -> Vec<String> {
    let field = |name: &str, value: &Value| {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        text(value).map(|text| format!("{}={}", encode(name), encode(&text)))
    };
    match value {
        Value::Array(items) => items.iter().filter_map(|item| field(name, item)).collect(),
        Value::Object(entries) => entries.iter().filter_map(|(key, value)| field(key, value)).collect(),
        other => field(name, other).into_iter().collect(),
    }
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

pub(super) fn document(
    service: &Service,
    output: &Shape,
    response: &Response<'_>,
) -> Result<Value, WireError> {
    let mut document = match &output.payload {
        Some(payload) => of_payload(service, output, payload, response.body)?,
        None => body(service, output, response.body)?,
    };
    if let Some(members) = document.as_object_mut() {
        for (key, member) in &output.members {
            let value = match member.location.as_deref() {
                Some("header") => {
                    response.header(member.location_name.as_deref().unwrap_or(key)).map(|text| {
                        scalar(service.shape(&member.shape).map_or(Type::String, |shape| shape.r#type), text)
                    })
                }
                Some("statusCode") => Some(response.status.into()),
                _ => None,
            };
            if let Some(value) = value {
                members.insert(key.clone(), value);
            }
        }
    }
    Ok(document)
}

fn body(service: &Service, shape: &Shape, body: &[u8]) -> Result<Value, WireError> {
    if service.protocol == Protocol::RestJson {
        json::document(service, shape, body)
    } else {
        xml::root(service, shape, body)
    }
}

fn of_payload(service: &Service, output: &Shape, payload: &str, bytes: &[u8]) -> Result<Value, WireError> {
    let shape = output.members.get(payload).and_then(|member| service.shape(&member.shape));
    let value = match shape {
        Some(shape) if shape.r#type == Type::Structure => body(service, shape, bytes)?,
        Some(shape) if shape.r#type == Type::Blob => base64::encode(bytes).into(),
        _ => Value::String(String::from_utf8_lossy(bytes).into_owned()),
    };
    Ok(Value::Object([(payload.to_owned(), value)].into_iter().collect()))
}

/// A value that stands in text, as its shape says.
pub(super) fn scalar(kind: Type, text: &str) -> Value {
    match kind {
        Type::Boolean => Value::Bool(text.eq_ignore_ascii_case("true")),
        Type::Integer | Type::Long => text.trim().parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Type::Float | Type::Double => text.trim().parse::<f64>().map_or_else(|_| text.into(), Value::from),
        Type::Timestamp => time::from_json(&text.into()),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Models;

    #[test]
    fn api_gateway_is_asked_for_plain_json() {
        let models = Models::default();
        let accept = |service: &str, name: &str| {
            let service = models.service(service).unwrap();
            let request = request(&service, &service.operations[name], &json!({})).unwrap();
            request.headers.iter().any(|(name, value)| name == "accept" && value == "application/json")
        };
        assert!(accept("apigateway", "GetRestApis"));
        assert!(!accept("lambda", "ListFunctions"));
    }

    #[test]
    fn a_structure_that_is_not_sent_is_no_empty_one() {
        let s3 = Models::default().service("s3").unwrap();
        let output = s3.output(&s3.operations["GetPublicAccessBlock"]).unwrap();
        let answer =
            |body: &[u8]| document(&s3, output, &Response { status: 200, headers: Vec::new(), body });
        assert_eq!(answer(b""), Err(WireError::Malformed("the body is empty".into())));
        let empty = json!({ "PublicAccessBlockConfiguration": {} });
        assert_eq!(answer(b"<PublicAccessBlockConfiguration/>").unwrap(), empty);
    }
}
