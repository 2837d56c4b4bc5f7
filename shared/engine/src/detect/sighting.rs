//! From a rule that matched a record to a sighting.

use std::borrow::Cow;

use model::json::Document;
use model::{
    Actor, Event, FindingId, Occurrence, OccurrenceId, Outcome, Poison, Severity, Sighting, Untrusted,
};
use records::Record;
use rules::{Attempt, Automation, Judged, Meta};

use crate::redact;

/// The severity of a rule's match, once it is known whether the call took effect and whether automation made it.
pub fn graded(meta: &Meta, outcome: Outcome, automated: bool) -> Severity {
    let mut severity = meta.severity;
    if outcome == Outcome::Attempt && meta.attempt == Attempt::Lower {
        severity = severity.lower();
    }
    if automated && meta.automation == Automation::Lower {
        severity = severity.lower();
    }
    severity
}

pub(super) fn of(judged: &Judged<'_>, record: &Record<'_>) -> Sighting {
    let meta = judged.meta();
    let event = record.event;
    let envelope = record.envelope.as_ref();
    let account = event
        .account()
        .or_else(|| envelope.and_then(|envelope| envelope.account.clone()))
        .unwrap_or(Cow::Borrowed("unknown"));
    let region = event
        .region()
        .or_else(|| envelope.and_then(|envelope| envelope.region.clone()))
        .unwrap_or(Cow::Borrowed("unknown"));
    let outcome = event.outcome();
    let scope = match judged.scope() {
        scope if scope.trim().is_empty() => event.principal().unwrap_or_default().into_owned(),
        scope => scope,
    };
    let event_id = event.id().map_or_else(
        || format!("sha256:{}", Poison::new(record.bytes, "", Untrusted::default(), event.happened()).sha256),
        Cow::into_owned,
    );
    let finding_id = FindingId::new(&meta.id, &account, &region, &scope, outcome);
    Sighting {
        rule: meta.id.clone(),
        title: meta.title.clone(),
        account: Untrusted::new(account.clone()),
        region: Untrusted::new(region),
        scope: Untrusted::new(scope),
        occurrence: Occurrence {
            id: OccurrenceId::new(&finding_id, &event_id, &account),
            finding_id,
            event_id: Untrusted::new(event_id),
            event_time: event.happened(),
            event_source: untrusted(event.source()),
            event_name: untrusted(event.name()),
            outcome,
            error: untrusted(event.error()),
            severity: graded(meta, outcome, is_automated(event)),
            message: Untrusted::new(judged.message()),
            actor: actor(event),
            evidence: Untrusted::new(redact::evidence(event.root(), Occurrence::EVIDENCE_LIMIT)),
            lane: Untrusted::new(record.origin.to_string()),
        },
    }
}

fn untrusted(text: Option<Cow<'_, str>>) -> Untrusted {
    Untrusted::new(text.unwrap_or_default())
}

fn actor(event: Event<'_>) -> Actor {
    let text = |path: &str| untrusted(event.root().path_text(path));
    let session = match event.root().path_text("userIdentity.type").as_deref() {
        Some("AssumedRole") => event
            .root()
            .path_text("userIdentity.arn")
            .and_then(|arn| arn.rsplit_once('/').map(|(_, session)| session.to_owned()))
            .unwrap_or_default(),
        _ => String::new(),
    };
    Actor {
        principal: untrusted(event.principal()),
        kind: text("userIdentity.type"),
        session: Untrusted::new(session),
        access_key: text("userIdentity.accessKeyId"),
        mfa: mfa(event),
        invoked_by: text("userIdentity.invokedBy"),
        source_ip: untrusted(event.source_ip()),
        user_agent: untrusted(event.user_agent()),
    }
}

/// Sign-ins say it in `additionalEventData`, sessions in their attributes; both as text.
fn mfa(event: Event<'_>) -> Option<bool> {
    let text = event
        .root()
        .path_text("additionalEventData.MFAUsed")
        .or_else(|| event.root().path_text("userIdentity.sessionContext.attributes.mfaAuthenticated"))?;
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

pub(crate) fn is_automated(event: Event<'_>) -> bool {
    let Some(fact) = facts::event_fact("actor") else { return false };
    let mut json = String::new();
    (fact.derive)(event, &mut json);
    Document::parse(json)
        .is_ok_and(|actor| actor.root().get("automated").and_then(model::json::Value::as_bool) == Some(true))
}
