//! What, who and when: the first block of a message.

use model::{
    Actor, Cause, Certainty, Closing, Culprit, Episode, Finding, Outcome, Resolution, Status, Untrusted,
};
use report::Shape;

use super::{quoted, utc};

/// What happened, or is the matter, in a sentence or two.
pub(crate) fn what(finding: &Finding) -> String {
    let latest = &finding.latest;
    let message = if latest.message.is_empty() { String::new() } else { quoted(&latest.message, 320) };
    if finding.is_provisional() {
        return format!(
            "{message} Provisional: the record of the call says so; a read confirms or withdraws it."
        )
        .trim()
        .to_owned();
    }
    if finding.outcome != Outcome::Attempt {
        return message;
    }
    let error =
        if latest.error.is_empty() { String::new() } else { format!(" with {}", quoted(&latest.error, 80)) };
    format!("{message} The call failed{error}.").trim().to_owned()
}

/// Who did it, as short as it can be told; of a finding about a resource, whoever made it so.
pub(crate) fn who(finding: &Finding) -> String {
    match finding.posture.as_ref().and_then(|posture| posture.episode()).map(|episode| &episode.cause) {
        None => person(&finding.latest.actor, &finding.account),
        Some(cause) => match (cause.certainty, cause.calls.as_slice()) {
            (Certainty::Exact, [culprit, ..]) => person(&culprit.actor, &finding.account),
            (Certainty::Several, calls) => {
                let mut people: Vec<String> = Vec::new();
                for one in calls.iter().map(|call| principal(&call.actor, &finding.account)) {
                    if !people.contains(&one) {
                        people.push(one);
                    }
                }
                people.truncate(3);
                format!("one of {}", people.join(", "))
            }
            _ => "unknown".to_owned(),
        },
    }
}

fn person(actor: &Actor, account: &Untrusted) -> String {
    let mut words = vec![principal(actor, account)];
    if !actor.session.is_empty() {
        words.push(format!("session {}", quoted(&actor.session, 80)));
    }
    match actor.mfa {
        Some(true) => words.push("with MFA".to_owned()),
        Some(false) => words.push("without MFA".to_owned()),
        None => {}
    }
    if !actor.source_ip.is_empty() {
        words.push(format!("from {}", quoted(&actor.source_ip, 64)));
    }
    if !actor.invoked_by.is_empty() {
        words.push(format!("through {}", quoted(&actor.invoked_by, 80)));
    }
    words.join(", ")
}

/// `role/Admin` for one of the account itself; the whole ARN for a stranger.
fn principal(actor: &Actor, account: &Untrusted) -> String {
    let whole = quoted(&actor.principal, 256);
    let home = Shape::Account.of(account).and_then(|account| {
        let (arn, name) = whole.split_once(&format!(":{account}:"))?;
        let ours = arn.starts_with("arn:") && (arn.ends_with(":iam:") || arn.ends_with(":sts:"));
        (ours && !name.is_empty()).then(|| name.to_owned())
    });
    home.unwrap_or(whole)
}

/// When it happened; of a finding about a resource, when the causing call was made and not when somebody looked.
pub(crate) fn when(finding: &Finding) -> Vec<String> {
    let Some(episode) = finding.posture.as_ref().and_then(|posture| posture.episode()) else {
        let call = call(&finding.latest.event_source, &finding.latest.event_name);
        let last = utc(finding.last_seen);
        return match finding.count {
            0 | 1 => vec![format!("{last}, by {call}")],
            count => {
                vec![format!("{last}, by {call}"), format!("{count} times since {}", utc(finding.first_seen))]
            }
        };
    };
    let cause = &episode.cause;
    let seen = format!("seen at {}", utc(episode.opened_at));
    match (cause.certainty, cause.calls.as_slice(), cause.between) {
        (Certainty::Exact, [culprit, ..], _) => vec![by(culprit)],
        (Certainty::Several, calls, between) => {
            let mut names: Vec<String> = Vec::new();
            for one in calls.iter().map(|one| call(&one.source, &one.name)) {
                if !names.contains(&one) {
                    names.push(one);
                }
            }
            names.truncate(3);
            let one_of = if names.len() > 1 { "one of " } else { "" };
            vec![between.map_or(seen, span), format!("by {one_of}{}", names.join(", "))]
        }
        (Certainty::Before, _, _) => vec![format!("{seen}, the first look; it may be so for longer")],
        (Certainty::None | Certainty::Exact, _, Some(between)) => {
            vec![format!("{}; no event explains it", span(between))]
        }
        (Certainty::None | Certainty::Exact, _, None) => vec![format!("{seen}; no event explains it")],
    }
}

fn span((after, before): (model::Timestamp, model::Timestamp)) -> String {
    format!("between {} and {}", utc(after), utc(before))
}

fn by(culprit: &Culprit) -> String {
    format!("{}, by {}", utc(culprit.time), call(&culprit.source, &culprit.name))
}

fn call(source: &Untrusted, name: &Untrusted) -> String {
    let service = Shape::Service.of(source).unwrap_or_else(|| quoted(source, 64));
    format!("{service}:{}", quoted(name, 64))
}

/// How it ended, if it did: who closed it and why; of a finding about a resource the fixing call, who made it, and for how
/// long it was so.
pub(super) fn ended(finding: &Finding) -> Option<Vec<String>> {
    if let Some(closing) = finding.closed.as_ref().filter(|_| finding.status == Status::Resolved) {
        return Some(closed(closing));
    }
    let episode = finding.posture.as_ref()?.episode()?;
    let resolved_at = episode.resolved_at?;
    let resolution = finding.posture.as_ref().and_then(|posture| posture.resolution);
    if let Some(why) = resolution.and_then(Resolution::withdrawn) {
        return Some(vec![format!("withdrawn: {why}"), format!("at {}", utc(resolved_at))]);
    }
    let mut facts = match episode.fix.as_ref().and_then(Cause::exact) {
        Some(culprit) => vec![by(culprit), format!("by {}", person(&culprit.actor, &finding.account))],
        None => vec![format!("seen at {}; no event explains it", utc(resolved_at))],
    };
    facts.extend(exposed(episode));
    Some(facts)
}

/// Of what is open: that somebody closed it, and it happened again.
pub(super) fn again(finding: &Finding) -> Vec<String> {
    let closing = finding.closed.as_ref().filter(|_| finding.status == Status::Open);
    closing.map(closed).unwrap_or_default()
}

fn closed(closing: &Closing) -> Vec<String> {
    let by = format!("closed at {} by {}", utc(closing.at), quoted(&closing.by, 256));
    vec![by, quoted(&closing.reason, 256)]
}

fn exposed(episode: &Episode) -> Option<String> {
    let known = if episode.cause.exact().is_some() { "" } else { " at least" };
    episode.exposure().map(|span| format!("it was so for{known} {span:#}"))
}

/// What whoever looks closer wants to copy.
pub(super) fn details(finding: &Finding) -> Vec<String> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: &Untrusted, longest| {
        if !text.is_empty() {
            facts.push(format!("{name:<11} {}", quoted(text, longest)));
        }
    };
    if let Some(posture) = &finding.posture {
        fact("Resource:", &posture.resource, 256);
    }
    let actor = &finding.latest.actor;
    fact("Principal:", &actor.principal, 256);
    fact("Kind:", &actor.kind, 32);
    fact("Access key:", &actor.access_key, 64);
    fact("Client:", &actor.user_agent, 120);
    facts
}
