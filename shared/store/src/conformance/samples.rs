//! Sightings to record.

use std::time::Duration;

use model::{
    Actor, FindingId, NoticePolicy, Occurrence, OccurrenceId, Outcome, Severity, Sighting, Timestamp,
};

/// The account of samples.
pub const ACCOUNT: &str = "111111111111";

/// The seconds of a day.
pub const DAY: u64 = 24 * 60 * 60;

/// `seconds` after the UTC day of `now` began.
pub fn at(now: Timestamp, seconds: u64) -> Timestamp {
    let midnight = now.as_second().div_euclid(86_400).saturating_mul(86_400);
    Timestamp::from_second(midnight).unwrap_or(now) + Duration::from_secs(seconds)
}

/// A sighting of `rule` about `scope` in the event `event`, which happened at `time`.
pub fn sighting(rule: &str, scope: &str, event: &str, time: Timestamp) -> Sighting {
    let finding_id = FindingId::new(rule, ACCOUNT, "eu-west-1", scope, Outcome::Success);
    Sighting {
        rule: rule.to_owned(),
        title: format!("The title of {rule}"),
        account: ACCOUNT.into(),
        region: "eu-west-1".into(),
        scope: scope.into(),
        occurrence: Occurrence {
            id: OccurrenceId::new(&finding_id, event, ACCOUNT),
            finding_id,
            event_id: event.into(),
            event_time: time,
            event_source: "s3.amazonaws.com".into(),
            event_name: "PutBucketPolicy".into(),
            outcome: Outcome::Success,
            error: "".into(),
            severity: Severity::Medium,
            message: "Somebody changed the policy of a bucket".into(),
            actor: Actor { principal: "arn:aws:iam::111111111111:user/ada".into(), ..Actor::default() },
            evidence: format!(r#"{{"eventID":"{event}"}}"#).as_str().into(),
            lane: "tests".into(),
        },
    }
}

/// The same sighting with another severity.
#[must_use]
pub fn as_bad_as(severity: Severity, mut sighting: Sighting) -> Sighting {
    sighting.occurrence.severity = severity;
    sighting
}

/// The same sighting in another account.
#[must_use]
pub fn in_account(account: &str, mut sighting: Sighting) -> Sighting {
    let Occurrence { event_id, .. } = &sighting.occurrence;
    let finding_id = FindingId::new(&sighting.rule, account, "eu-west-1", "scope", Outcome::Success);
    sighting.occurrence.id = OccurrenceId::new(&finding_id, &format!("{event_id:?}"), account);
    sighting.occurrence.finding_id = finding_id;
    sighting.account = account.into();
    sighting
}

/// The policy that tells these channels of everything.
pub fn telling(channels: &[&str]) -> NoticePolicy {
    NoticePolicy { channels: channels.iter().map(|&channel| channel.to_owned()).collect(), minimum: None }
}
