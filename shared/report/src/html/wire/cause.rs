//! Why something is so, as the page reads it.

use model::json::Value;
use model::{Actor, Cause, Certainty, Culprit, Hop, Untrusted};
use serde::Serialize;

use super::{seconds, shown};

/// So many changes of one cause are shown.
const CHANGES: usize = 40;

/// So many calls of one cause are shown.
const CALLS: usize = 10;

#[derive(Serialize)]
pub(super) struct CauseOnPage {
    certainty: Certainty,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<CulpritOnPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    between: Option<[i64; 2]>,
    #[serde(flatten)]
    patch: PatchOnPage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<String>,
}

#[derive(Serialize)]
struct CulpritOnPage {
    time: i64,
    event: String,
    call: String,
    actor: ActorOnPage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<HopOnPage>,
}

#[derive(Serialize)]
struct HopOnPage {
    role: String,
    time: i64,
    account: String,
    actor: ActorOnPage,
}

#[derive(Serialize)]
pub(super) struct ActorOnPage {
    who: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    session: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<bool>,
    #[serde(skip_serializing_if = "String::is_empty")]
    via: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ip: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    agent: String,
}

/// A JSON Patch, an operation an item.
#[derive(Serialize)]
pub(super) struct PatchOnPage {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeOnPage>,
    /// So many more are not shown.
    #[serde(skip_serializing_if = "is_zero")]
    more: usize,
}

#[derive(Serialize)]
struct ChangeOnPage {
    op: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A call as `service:Name`.
pub(super) fn call(source: &Untrusted, name: &Untrusted) -> String {
    let source = shown(source);
    match (source.trim_end_matches(".amazonaws.com"), shown(name)) {
        ("", name) => name,
        (service, name) => format!("{service}:{name}"),
    }
}

impl From<&Cause> for CauseOnPage {
    fn from(cause: &Cause) -> Self {
        Self {
            certainty: cause.certainty,
            calls: cause.calls.iter().take(CALLS).map(CulpritOnPage::from).collect(),
            between: cause.between.map(|(from, until)| [from, until].map(seconds)),
            patch: PatchOnPage::from(&cause.patch),
            conditions: cause.clause.iter().map(shown).collect(),
        }
    }
}

impl From<&Culprit> for CulpritOnPage {
    fn from(culprit: &Culprit) -> Self {
        Self {
            time: seconds(culprit.time),
            event: shown(&culprit.event_id),
            call: call(&culprit.source, &culprit.name),
            actor: ActorOnPage::from(&culprit.actor),
            chain: culprit.chain.iter().map(HopOnPage::from).collect(),
        }
    }
}

impl From<&Hop> for HopOnPage {
    fn from(hop: &Hop) -> Self {
        Self {
            role: shown(&hop.role),
            time: seconds(hop.time),
            account: shown(&hop.account),
            actor: ActorOnPage::from(&hop.actor),
        }
    }
}

impl From<&Actor> for ActorOnPage {
    fn from(actor: &Actor) -> Self {
        Self {
            who: shown(&actor.principal),
            kind: shown(&actor.kind),
            session: shown(&actor.session),
            key: shown(&actor.access_key),
            mfa: actor.mfa,
            via: shown(&actor.invoked_by),
            ip: shown(&actor.source_ip),
            agent: shown(&actor.user_agent),
        }
    }
}

impl From<&Untrusted> for PatchOnPage {
    fn from(patch: &Untrusted) -> Self {
        let Ok(document) = patch.to_document() else { return Self { changes: Vec::new(), more: 0 } };
        let operations: Vec<_> = document.root().items().collect();
        Self {
            changes: operations.iter().take(CHANGES).map(|operation| change(*operation)).collect(),
            more: operations.len().saturating_sub(CHANGES),
        }
    }
}

fn change(operation: Value<'_>) -> ChangeOnPage {
    let text = |key: &str| shown(&Untrusted::new(operation.path_text(key).unwrap_or_default()));
    let json = |key: &str| {
        let mut json = String::new();
        operation.get(key)?.write_json(&mut json);
        (json != "null").then(|| shown(&Untrusted::new(json)))
    };
    ChangeOnPage { op: text("op"), path: text("path"), was: json("was"), now: json("value") }
}
