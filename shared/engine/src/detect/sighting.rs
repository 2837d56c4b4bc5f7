//! From a rule that matched a record to a sighting.

use std::borrow::Cow;

use facts::is_automated;
use model::json::Value;
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
    let automated = meta.automation == Automation::Lower && is_automated(event);
    let principal = event.principal().unwrap_or_default();
    let scope = match judged.scope() {
        scope if scope.trim().is_empty() => principal.clone().into_owned(),
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
            severity: graded(meta, outcome, automated),
            message: Untrusted::new(judged.message()),
            actor: actor(event, principal),
            evidence: Untrusted::new(redact::evidence(event.root(), Occurrence::EVIDENCE_LIMIT)),
            lane: Untrusted::new(record.origin.to_string()),
        },
    }
}

fn untrusted(text: Option<Cow<'_, str>>) -> Untrusted {
    Untrusted::new(text.unwrap_or_default())
}

fn actor(event: Event<'_>, principal: Cow<'_, str>) -> Actor {
    let identity = event.root().get("userIdentity");
    let text = |path: &str| identity.and_then(|identity| identity.path_text(path)).unwrap_or_default();
    let (kind, arn) = (text("type"), text("arn"));
    let session = match arn.rsplit_once('/') {
        Some((_, session)) if kind == "AssumedRole" => session,
        _ => "",
    };
    Actor {
        principal: Untrusted::new(principal),
        session: session.into(),
        access_key: Untrusted::new(text("accessKeyId")),
        mfa: mfa(event, identity),
        invoked_by: Untrusted::new(text("invokedBy")),
        kind: Untrusted::new(kind),
        source_ip: untrusted(event.source_ip()),
        user_agent: untrusted(event.user_agent()),
    }
}

/// Sign-ins say it in `additionalEventData`, sessions in their attributes; both as text.
fn mfa(event: Event<'_>, identity: Option<Value<'_>>) -> Option<bool> {
    let text = event
        .root()
        .path_text("additionalEventData.MFAUsed")
        .or_else(|| identity?.path_text("sessionContext.attributes.mfaAuthenticated"))?;
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}
