//! XML bodies, read by their shapes.

use percent_encoding::percent_decode_str;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::WireError;
use super::rest::scalar;
use crate::model::{Member, Service, Shape, Type};

/// A document that stands in the element `wrapper` below the root, or in the root.
pub(super) fn wrapped(
    service: &Service,
    output: &Shape,
    wrapper: Option<&str>,
    body: &[u8],
) -> Result<Value, WireError> {
    let text = text(body)?;
    let document = parse(text)?;
    let root = document.root_element();
    let holder = wrapper.and_then(|wrapper| elements(root).find(|node| node.tag_name().name() == wrapper));
    match (wrapper, holder) {
        // Some other page, of a proxy: it says nothing of the account.
        (_, None) if !root.tag_name().name().ends_with("Response") => Err(unexpected(root)),
        (Some(wrapper), None)
            if elements(root).next().is_some_and(|node| node.tag_name().name() != "ResponseMetadata") =>
        {
            Err(WireError::Malformed(format!("the answer has no {wrapper}")))
        }
        (_, holder) => Ok(structure(service, output, holder.unwrap_or(root))),
    }
}

/// A document whose members stand in the root element.
pub(super) fn root(service: &Service, shape: &Shape, body: &[u8]) -> Result<Value, WireError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return super::without_body(shape);
    }
    let text = text(body)?;
    let document = parse(text)?;
    let root = document.root_element();
    // Some other page, of a proxy; and S3 may begin an answer as a success before it knows.
    if ["html", "error"].iter().any(|other| root.tag_name().name().eq_ignore_ascii_case(other)) {
        return Err(unexpected(root));
    }
    // S3 answers GetBucketLocation with a bare text: the root is the one member.
    if let Some((key, _)) =
        shape.members.iter().find(|(key, _)| *key == root.tag_name().name() && shape.members.len() == 1)
    {
        let value = root.text().map_or(Value::Null, Value::from);
        return Ok(Value::Object([(key.clone(), value)].into_iter().collect()));
    }
    Ok(structure(service, shape, root))
}

fn unexpected(root: Node<'_, '_>) -> WireError {
    WireError::Malformed(format!("a {} is no answer", root.tag_name().name()))
}

fn text(body: &[u8]) -> Result<&str, WireError> {
    std::str::from_utf8(body).map_err(|error| WireError::Malformed(error.to_string()))
}

pub(super) fn parse(text: &str) -> Result<Document<'_>, WireError> {
    Document::parse(text).map_err(|error| WireError::Malformed(error.to_string()))
}

/// Whether the root element has that name. S3 may find out that something is wrong when it has said 200 already,
/// <https://repost.aws/knowledge-center/s3-resolve-200-internalerror>.
pub(super) fn has_root(body: &[u8], name: &str) -> bool {
    let document = text(body).ok().and_then(|text| parse(text).ok());
    document.is_some_and(|document| document.root_element().tag_name().name() == name)
}

pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn structure(service: &Service, shape: &Shape, node: Node<'_, '_>) -> Value {
    let mut members = Map::new();
    for (key, member) in shape.members.iter().filter(|(_, member)| member.location.is_none()) {
        let Some(part) = service.shape(&member.shape) else { continue };
        if member.xml_attribute {
            let name = member.location_name.as_deref().unwrap_or(key);
            let local = name.rsplit(':').next().unwrap_or(name);
            if let Some(attribute) = node.attributes().find(|attribute| attribute.name() == local) {
                members.insert(key.clone(), attribute.value().into());
            }
            continue;
        }
        let flat = part.flattened || member.flattened;
        let element_name = part.member.as_ref().and_then(|element| element.location_name.as_deref());
        let name = match (part.r#type, flat, element_name) {
            (Type::List, true, Some(name)) => name,
            _ => member.location_name.as_deref().unwrap_or(key),
        };
        let mut found = elements(node).filter(|child| child.tag_name().name() == name).peekable();
        if found.peek().is_none() {
            continue;
        }
        let value = match (part.r#type, flat) {
            (Type::List, true) => found.map(|child| element(service, part.member.as_ref(), child)).collect(),
            (Type::Map, true) => {
                Value::Object(found.filter_map(|child| entry(service, part, child)).collect())
            }
            _ => found.next().map_or(Value::Null, |child| value(service, part, &member.shape, child)),
        };
        members.insert(key.clone(), value);
    }
    Value::Object(members)
}

fn element(service: &Service, member: Option<&Member>, node: Node<'_, '_>) -> Value {
    match member.and_then(|member| Some((member, service.shape(&member.shape)?))) {
        Some((member, shape)) => value(service, shape, &member.shape, node),
        None => Value::Null,
    }
}

fn entry(service: &Service, map: &Shape, node: Node<'_, '_>) -> Option<(String, Value)> {
    let name = |member: Option<&Member>, default: &'static str| {
        member.and_then(|member| member.location_name.clone()).unwrap_or_else(|| default.to_owned())
    };
    let (key_name, value_name) = (name(map.key.as_ref(), "key"), name(map.value.as_ref(), "value"));
    let child = |name: &str| elements(node).find(|child| child.tag_name().name() == name);
    let key = child(&key_name)?.text().unwrap_or_default().to_owned();
    let value = child(&value_name).map_or(Value::Null, |child| element(service, map.value.as_ref(), child));
    Some((key, value))
}

fn value(service: &Service, shape: &Shape, name: &str, node: Node<'_, '_>) -> Value {
    let text = || node.text().unwrap_or_default();
    match shape.r#type {
        Type::Structure => structure(service, shape, node),
        Type::List => elements(node).map(|child| element(service, shape.member.as_ref(), child)).collect(),
        Type::Map => Value::Object(elements(node).filter_map(|child| entry(service, shape, child)).collect()),
        // IAM's policies come URL-encoded; the AWS CLI shows what is in them.
        Type::String if name == "policyDocumentType" => {
            let decoded = percent_decode_str(text()).decode_utf8_lossy();
            serde_json::from_str(&decoded).unwrap_or_else(|_| text().into())
        }
        kind => scalar(kind, text()),
    }
}
