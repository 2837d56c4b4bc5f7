//! A service's model, cut down to what reading takes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Error;

/// The protocols that the reader speaks, the one it likes best first where a service offers several.
const PROTOCOLS: &[&str] = &["json", "rest-json", "query", "ec2", "rest-xml"];

/// What a shape, or a reference to one, says that matters on the wire.
const TRAITS: &[&str] = &[
    "shape",
    "type",
    "locationName",
    "queryName",
    "location",
    "flattened",
    "payload",
    "timestampFormat",
    "required",
    "wrapper",
    "streaming",
    "hostLabel",
    "xmlAttribute",
    "document",
];

/// Services whose IAM prefix is not the name that requests are signed for.
const IAM_PREFIXES: &[(&str, &str)] = &[("cloudwatch", "cloudwatch"), ("resourcegroupstaggingapi", "tag")];

/// The parts of `model` that `operations` need.
pub(super) fn service(name: &str, model: &Value, operations: &BTreeSet<String>) -> Result<Value, Error> {
    let metadata = model.get("metadata").cloned().unwrap_or_default();
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let offered = metadata.get("protocols").and_then(Value::as_array);
    let speaks = |protocol: &str| match offered {
        Some(offered) => offered.iter().any(|offer| offer == protocol),
        None => text("protocol") == protocol,
    };
    let Some(protocol) = PROTOCOLS.iter().find(|protocol| speaks(protocol)) else {
        return Err(Error::Package(format!("`{name}` speaks none of {}", PROTOCOLS.join(", "))));
    };
    let prefix = text("endpointPrefix");
    let signing = if text("signingName").is_empty() { prefix } else { text("signingName") };
    let iam = IAM_PREFIXES.iter().find(|(service, _)| *service == name).map_or(signing, |(_, prefix)| prefix);
    let mut kept = BTreeMap::new();
    let mut shapes = BTreeMap::new();
    for operation in operations {
        let Some(full) = model.get("operations").and_then(|all| all.get(operation)) else {
            return Err(Error::Rows(format!(
                "`{name}` has no operation `{operation}`; look it up in its API reference"
            )));
        };
        let page = model.get("pagination").and_then(|pages| pages.get(operation));
        let entry = one_operation(full, page);
        for side in ["input", "output"] {
            if let Some(shape) = entry.get(side).and_then(Value::as_str) {
                collect(model, shape, &mut shapes);
            }
        }
        kept.insert(operation.clone(), entry);
    }
    let mut trimmed = json!({
        "service": name, "protocol": protocol, "apiVersion": text("apiVersion"), "endpointPrefix": prefix,
        "signingName": signing, "iamPrefix": iam, "serviceId": text("serviceId"),
    });
    for key in ["jsonVersion", "targetPrefix"] {
        if let (Some(trimmed), false) = (trimmed.as_object_mut(), text(key).is_empty()) {
            trimmed.insert(key.into(), text(key).into());
        }
    }
    if let Some(trimmed) = trimmed.as_object_mut() {
        if metadata.get("awsQueryCompatible").is_some() {
            trimmed.insert("queryCompatible".into(), true.into());
        }
        trimmed.insert("operations".into(), kept.into_iter().collect());
        trimmed.insert("shapes".into(), shapes.into_iter().collect());
    }
    Ok(trimmed)
}

fn one_operation(full: &Value, page: Option<&Value>) -> Value {
    let mut entry = Map::new();
    let http = |key: &str| full.get("http").and_then(|http| http.get(key)).cloned();
    let shape = |side: &str| full.get(side).and_then(|side| side.get("shape")).cloned();
    let put = |entry: &mut Map<String, Value>, key: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry.insert(key.into(), value);
        }
    };
    put(&mut entry, "method", http("method"));
    put(&mut entry, "uri", http("requestUri"));
    put(&mut entry, "input", shape("input"));
    put(&mut entry, "output", shape("output"));
    put(&mut entry, "wrapper", full.get("output").and_then(|output| output.get("resultWrapper")).cloned());
    put(
        &mut entry,
        "hostPrefix",
        full.get("endpoint").and_then(|endpoint| endpoint.get("hostPrefix")).cloned(),
    );
    if full.get("httpChecksumRequired") == Some(&Value::Bool(true)) {
        entry.insert("checksum".into(), true.into());
    }
    if let Some(page) = page {
        let mut kept = Map::new();
        for key in ["input_token", "output_token", "result_key", "more_results"] {
            put(&mut kept, key, page.get(key).cloned());
        }
        entry.insert("page".into(), Value::Object(kept));
    }
    Value::Object(entry)
}

/// Adds the shape `name` and all that it is made of.
fn collect(model: &Value, name: &str, shapes: &mut BTreeMap<String, Value>) {
    let Some(full) =
        model.get("shapes").and_then(|shapes| shapes.get(name)).filter(|_| !shapes.contains_key(name))
    else {
        return;
    };
    let mut shape = traits(full);
    let mut parts = Vec::new();
    if let Some(members) = full.get("members").and_then(Value::as_object) {
        let kept = members.iter().map(|(key, member)| (key.clone(), Value::Object(traits(member))));
        shape.insert("members".into(), Value::Object(kept.collect()));
        parts.extend(members.values());
    }
    for key in ["member", "key", "value"] {
        if let Some(part) = full.get(key) {
            shape.insert(key.into(), Value::Object(traits(part)));
            parts.push(part);
        }
    }
    shapes.insert(name.to_owned(), Value::Object(shape));
    for part in parts.iter().filter_map(|part| part.get("shape")?.as_str()) {
        collect(model, part, shapes);
    }
}

fn traits(full: &Value) -> Map<String, Value> {
    let kept = TRAITS.iter().filter_map(|key| Some(((*key).to_owned(), full.get(*key)?.clone())));
    kept.filter(|(_, value)| *value != json!([])).collect()
}
