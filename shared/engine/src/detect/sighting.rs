//! From a rule that matched a record to a sighting.

use std::borrow::Cow;
use std::cell::OnceCell;

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

/// How a match is graded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grade {
    outcome: Outcome,
    severity: Severity,
}

impl Grade {
    pub(super) fn new(meta: &Meta, success: bool, automated: bool) -> Self {
        let outcome = if success { Outcome::Success } else { Outcome::Attempt };
        Self { outcome, severity: graded(meta, outcome, automated) }
    }
}

/// What a sighting of a single record is made of.
pub(super) fn of(judged: &Judged<'_>, witness: &Witness<'_, '_>) -> Sighting {
    let meta = judged.meta();
    let event = witness.record.event;
    let scope = match judged.scope() {
        scope if scope.trim().is_empty() => event.principal().unwrap_or_default().into_owned(),
        scope => scope,
    };
    let automated = meta.automation == Automation::Lower && is_automated(event);
    let Said { sighting, event, account, region, .. } = witness.said();
    let mut sighting = sighting.clone();
    let grade = Grade::new(meta, sighting.occurrence.outcome == Outcome::Success, automated);
    fill(&mut sighting, meta, Place { event, account, region }, &scope, grade, judged.message());
    sighting
}

/// A record, and what it says for any rule, which is made once however many rules match.
#[derive(Debug)]
pub(super) struct Witness<'r, 'a> {
    pub(super) record: &'r Record<'a>,
    said: OnceCell<Said>,
}

/// What a record says, with as much of it as a sighting may hold.
#[derive(Debug)]
struct Said {
    sighting: Sighting,
    event: String,
    account: String,
    region: String,
    /// How many bytes of it are kept.
    evidence: usize,
}

impl<'r, 'a> Witness<'r, 'a> {
    pub(super) fn new(record: &'r Record<'a>) -> Self {
        Self { record, said: OnceCell::new() }
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| {
            let record = self.record;
            let (sighting, evidence) = witness(record, Occurrence::EVIDENCE_LIMIT);
            let (event, account, region) = (event_id(record), account(record), region(record));
            Said { sighting, event, account, region, evidence }
        })
    }

    /// With at most `evidence` bytes of the record.
    pub(super) fn with(&self, evidence: usize) -> Sighting {
        let length = self.record.event.root().raw().len();
        match self.said.get() {
            // So short a record is kept whole either way; what has to be trimmed would be trimmed in another.
            Some(said) if length.max(said.evidence) <= evidence => said.sighting.clone(),
            _ => witness(self.record, evidence).0,
        }
    }
}

/// Where a sighting is said to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) event: &'a str,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

/// What a record says for any rule, with at most `evidence` bytes of it, and with how many.
fn witness(record: &Record<'_>, evidence: usize) -> (Sighting, usize) {
    let event = record.event;
    let mut sighting = brief(record);
    let occurrence = &mut sighting.occurrence;
    occurrence.actor = actor(event, event.principal().unwrap_or_default());
    let evidence = redact::evidence(event.root(), evidence);
    let length = evidence.len();
    occurrence.evidence = Untrusted::new(evidence);
    occurrence.lane = Untrusted::new(record.origin.to_string());
    (sighting, length)
}

/// What a record says for any rule, but for what only people read.
pub(super) fn brief(record: &Record<'_>) -> Sighting {
    let event = record.event;
    let nothing = FindingId::from_text("");
    Sighting {
        rule: String::new(),
        title: String::new(),
        account: Untrusted::new(account(record)),
        region: Untrusted::new(region(record)),
        scope: Untrusted::default(),
        occurrence: Occurrence {
            id: OccurrenceId::from_text(""),
            finding_id: nothing,
            event_id: Untrusted::new(event_id(record)),
            event_time: event.happened(),
            event_source: untrusted(event.source()),
            event_name: untrusted(event.name()),
            outcome: event.outcome(),
            error: untrusted(event.error()),
            severity: Severity::Info,
            message: Untrusted::default(),
            actor: Actor::default(),
            evidence: Untrusted::default(),
            lane: Untrusted::default(),
        },
    }
}

/// Makes a witness a sighting of the rule `meta`.
pub(super) fn fill(
    sighting: &mut Sighting,
    meta: &Meta,
    place: Place<'_>,
    scope: &str,
    grade: Grade,
    message: String,
) {
    let finding_id = FindingId::new(&meta.id, place.account, place.region, scope, grade.outcome);
    sighting.rule.clone_from(&meta.id);
    sighting.title.clone_from(&meta.title);
    sighting.region = Untrusted::new(place.region);
    sighting.scope = Untrusted::new(scope);
    let occurrence = &mut sighting.occurrence;
    occurrence.id = OccurrenceId::new(&finding_id, place.event, place.account);
    occurrence.finding_id = finding_id;
    occurrence.outcome = grade.outcome;
    occurrence.severity = grade.severity;
    occurrence.message = Untrusted::new(message);
}

/// The account that received the record.
pub(crate) fn account(record: &Record<'_>) -> String {
    let envelope = record.envelope.as_ref();
    let account = record.event.account().or_else(|| envelope.and_then(|envelope| envelope.account.clone()));
    account.map_or_else(|| "unknown".to_owned(), Cow::into_owned)
}

fn region(record: &Record<'_>) -> String {
    let envelope = record.envelope.as_ref();
    let region = record.event.region().or_else(|| envelope.and_then(|envelope| envelope.region.clone()));
    region.map_or_else(|| "unknown".to_owned(), Cow::into_owned)
}

/// CloudTrail's id of the record, or the digest of one that has none.
pub(crate) fn event_id(record: &Record<'_>) -> String {
    let event = record.event;
    event.id().map_or_else(
        || format!("sha256:{}", Poison::new(record.bytes, "", Untrusted::default(), event.happened()).sha256),
        Cow::into_owned,
    )
}

fn untrusted(text: Option<Cow<'_, str>>) -> Untrusted {
    Untrusted::new(text.unwrap_or_default())
}

pub(crate) fn actor(event: Event<'_>, principal: Cow<'_, str>) -> Actor {
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
