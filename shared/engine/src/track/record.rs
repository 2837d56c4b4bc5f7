//! What a record says of a call.

use model::{Call, Effect, Event, Moment, Outcome, TimelineId, Untrusted};
use records::Record;

use crate::detect::{account, actor, event_id};
use crate::mapping::{Affected, outcome};
use crate::redact;

/// Calls that open a session, and answer with its credentials.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>
const OPENERS: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetFederationToken",
    "GetSessionToken",
];

/// The call that changes a resource.
pub(super) fn call_of(record: &Record<'_>, affected: &Affected) -> Call {
    let call = call(record, affected.change);
    let (facets, sets) = (affected.facets.clone(), outcome::written(&affected.sets));
    Call { facets, outcome: affected.outcome, sets, ..call }
}

/// The call of which nobody knows what it changes.
pub(super) fn unmapped(record: &Record<'_>) -> Call {
    call(record, Effect::Upsert)
}

/// The moment at which a session was opened, on the timeline of the session.
pub(super) fn session(record: &Record<'_>) -> Option<Moment> {
    let event = record.event;
    if event.source()? != "sts.amazonaws.com" || event.outcome() != Outcome::Success {
        return None;
    }
    let name = event.name()?;
    OPENERS.iter().find(|opener| **opener == name)?;
    let key = Untrusted::new(event.root().path_text("responseElements.credentials.accessKeyId")?);
    let role = text(event, "requestParameters.roleArn");
    let call = Call { role, ..call(record, Effect::Upsert) };
    Some(Moment::call(TimelineId::of_session(&key), call))
}

fn call(record: &Record<'_>, effect: Effect) -> Call {
    let event = record.event;
    let request = event.root().get("requestParameters");
    let request = request.map(|request| redact::evidence(request, Call::REQUEST_LIMIT));
    Call {
        event_id: Untrusted::new(event_id(record)),
        shared_event_id: text(event, "sharedEventID"),
        account: Untrusted::new(account(record)),
        time: event.happened(),
        source: Untrusted::new(event.source().unwrap_or_default()),
        name: Untrusted::new(event.name().unwrap_or_default()),
        outcome: event.outcome(),
        error: Untrusted::new(event.error().unwrap_or_default()),
        actor: actor(event, event.principal().unwrap_or_default()),
        role: Untrusted::default(),
        effect,
        facets: std::collections::BTreeSet::new(),
        request: Untrusted::new(request.unwrap_or_default()),
        sets: Untrusted::default(),
        lane: Untrusted::new(record.origin.to_string()),
    }
}

fn text(event: Event<'_>, path: &str) -> Untrusted {
    Untrusted::new(event.root().path_text(path).unwrap_or_default())
}
