//! The objects within an event.

use std::net::IpAddr;

use model::{Actor, Finding, Occurrence, Untrusted};
use serde_json::{Map, Value, json};

use super::milliseconds;
use crate::attack::technique;
use crate::entry::Entry;
use crate::{Shape, Terminal};

/// The object of the members that say something; `None` where none does.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let members: Map<String, Value> =
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

fn text(text: &Untrusted) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}

pub(super) fn cloud(entry: &Entry<'_>) -> Value {
    json!({
        "provider": "AWS",
        "region": entry.region_id(),
        "account": {
            "uid": entry.account_id(), "name": entry.account_id(), "type_id": 10, "type": "AWS Account",
        },
    })
}

/// The resource that was judged; of an event, the account.
pub(super) fn resource(entry: &Entry<'_>) -> Value {
    let (partition, region) = (entry.partition(), entry.region_id());
    match entry.resource {
        Some((resource, kind)) => {
            json!({ "uid": resource, "type": kind, "region": region, "cloud_partition": partition })
        }
        None => {
            json!({ "uid": entry.account_id(), "type": "AWS Account", "region": region, "cloud_partition": partition })
        }
    }
}

pub(super) fn finding_info(entry: &Entry<'_>) -> Value {
    let meta = entry.meta;
    let why = entry.why();
    let event = entry.event_id().zip(entry.finding);
    let attacks = attacks(meta.map_or(&[][..], |meta| &meta.attack));
    let info = object([
        ("uid", Some(json!(*entry.id))),
        ("title", Some(json!(entry.title()))),
        ("desc", (!why.is_empty()).then(|| why.into())),
        ("created_time", Some(milliseconds(entry.first_seen).into())),
        ("first_seen_time", Some(milliseconds(entry.first_seen).into())),
        ("last_seen_time", Some(milliseconds(entry.last_seen).into())),
        ("modified_time", Some(milliseconds(entry.updated).into())),
        ("types", Some(json!([if entry.is_check() { "check" } else { "signature" }]))),
        ("data_sources", Some(json!([if entry.is_check() { "AWS API" } else { "AWS CloudTrail" }]))),
        ("analytic", Some(json!({ "type_id": 1, "type": "Rule", "uid": entry.rule, "name": entry.title }))),
        ("attacks", (!attacks.is_empty()).then(|| attacks.into())),
        ("src_url", entry.references().next().map(|url| json!(url))),
        (
            "related_events",
            event.map(|(uid, finding)| {
                json!([{ "uid": uid, "type": "AWS CloudTrail", "title": finding.latest.event_name }])
            }),
        ),
    ]);
    info.unwrap_or_default()
}

/// One entry for each technique and tactic that it serves; of an unknown technique, its id alone.
fn attacks(ids: &[String]) -> Vec<Value> {
    let mut attacks = Vec::new();
    for id in ids {
        let (parent, is_sub) = match id.split_once('.') {
            Some((parent, _)) => (parent, true),
            None => (id.as_str(), false),
        };
        let named = |id: &str| {
            object([("uid", Some(id.into())), ("name", technique(id).map(|known| known.name.into()))])
        };
        let known = technique(id).map_or(&[][..], |known| known.tactics);
        let tactics = known.iter().map(|tactic| Some(json!({ "uid": tactic.id, "name": tactic.name })));
        let tactics: Vec<_> = if known.is_empty() { vec![None] } else { tactics.collect() };
        attacks.extend(tactics.into_iter().filter_map(|tactic| {
            object([
                ("tactic", tactic),
                ("technique", named(parent)),
                ("sub_technique", is_sub.then(|| named(id)).flatten()),
            ])
        }));
    }
    attacks
}

pub(super) fn remediation(entry: &Entry<'_>) -> Option<Value> {
    let meta = entry.meta?;
    let commands = entry.commands();
    let words: Vec<&str> =
        [meta.fix.text.trim(), &commands].into_iter().filter(|text| !text.is_empty()).collect();
    let references = (!meta.references.is_empty()).then(|| json!(meta.references));
    if words.is_empty() {
        return None;
    }
    object([("desc", Some(words.join("\n\n").into())), ("references", references)])
}

/// The call; `None` where none is known.
pub(super) fn api(entry: &Entry<'_>, latest: &Occurrence) -> Option<Value> {
    let service = text(&latest.event_source).map(|name| json!({ "name": name, "uid": name }));
    object([
        ("operation", Some(text(&latest.event_name)?)),
        ("service", service),
        ("request", entry.event_id().map(|uid| json!({ "uid": uid }))),
        ("response", text(&latest.error).map(|error| json!({ "error": error }))),
    ])
}

/// What there is to see of the newest occurrence; `None` where there is nothing.
pub(super) fn evidences(entry: &Entry<'_>, finding: &Finding) -> Option<Value> {
    let latest = &finding.latest;
    let request = text(&latest.actor.user_agent).map(|agent| json!({ "user_agent": agent }));
    let (actor, api) = (actor(&latest.actor), api(entry, latest));
    let (source, data) = (source(&latest.actor.source_ip), data(&latest.evidence));
    // The request alone is no evidence to the schema.
    if actor.is_none() && api.is_none() && source.is_none() && data.is_none() {
        return None;
    }
    object([
        ("actor", actor),
        ("api", api),
        ("src_endpoint", source),
        ("http_request", request),
        ("data", data),
        ("resources", entry.resource.is_some().then(|| json!([resource(entry)]))),
    ])
}

fn actor(actor: &Actor) -> Option<Value> {
    let plain = |text: &Untrusted| text.encode(&Terminal { longest: 64 });
    let kind = match plain(&actor.kind).as_str() {
        "" => 0,
        "Root" => 2,
        "AWSService" => 3,
        "IAMUser" | "AssumedRole" | "FederatedUser" | "SAMLUser" | "WebIdentityUser"
        | "IdentityCenterUser" => 1,
        _ => 99,
    };
    let user = text(&actor.principal).and_then(|principal| {
        object([
            ("uid", Some(principal)),
            ("type_id", Some(kind.into())),
            ("type", text(&actor.kind)),
            ("has_mfa", actor.mfa.map(Value::from)),
        ])
    });
    let session = object([
        ("uid", text(&actor.session)),
        ("credential_uid", text(&actor.access_key)),
        ("is_mfa", actor.mfa.map(Value::from)),
    ]);
    object([("user", user), ("session", session), ("app_name", text(&actor.invoked_by))])
}

/// An address, or the name of the service that called.
fn source(source: &Untrusted) -> Option<Value> {
    match source.encode(&Terminal { longest: 64 }).parse::<IpAddr>() {
        Ok(address) => Some(json!({ "ip": address.to_string() })),
        Err(_) => Shape::Token.of(source).map(|domain| json!({ "domain": domain })),
    }
}

/// The record as JSON; one that was cut, as text.
fn data(evidence: &Untrusted) -> Option<Value> {
    let read = evidence.to_document().ok().and_then(|document| serde_json::from_slice(document.bytes()).ok());
    read.or_else(|| text(evidence))
}

/// What the schema has no place for.
pub(super) fn unmapped(entry: &Entry<'_>) -> Value {
    let finding = entry.finding;
    let posture = finding.and_then(|finding| finding.posture.as_ref());
    let rule = entry.meta.map(|meta| {
        json!({
            "origin": meta.origin,
            "false_positives": meta.false_positives,
            "equivalents": meta.equivalents,
            "terraform": meta.fix.terraform,
        })
    });
    let unmapped = object([
        ("id", Some(json!(*entry.id))),
        ("rule", rule),
        ("outcome", finding.map(|finding| finding.outcome.as_str().into())),
        ("scope", finding.and_then(|finding| text(&finding.scope))),
        ("lane", finding.and_then(|finding| text(&finding.latest.lane))),
        ("account", Shape::Account.of(&entry.account).is_none().then(|| json!(*entry.account))),
        ("region", Shape::Region.of(&entry.region).is_none().then(|| json!(*entry.region))),
        ("episode", posture.and_then(|posture| posture.episode()).map(|episode| json!(episode))),
        ("closed", finding.and_then(|finding| finding.closed.as_ref()).map(|closing| json!(closing))),
        ("resolution", posture.and_then(|posture| posture.resolution).map(|resolution| json!(resolution))),
    ]);
    unmapped.unwrap_or_default()
}
