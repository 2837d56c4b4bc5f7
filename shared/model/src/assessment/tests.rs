//! What assessments make of findings.

use jiff::SignedDuration;

use super::*;
use crate::{Actor, Certainty, Culprit};

pub(crate) fn assessment(standing: Standing, minute: i64) -> Assessment {
    Assessment {
        rule: "s3-bucket-versioning-off".into(),
        title: "S3 bucket without versioning".into(),
        severity: Severity::Medium,
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        resource_type: "aws.s3.bucket".into(),
        resource: "arn:aws:s3:::b".into(),
        standing,
        cause: None,
        observed_at: Timestamp::from_second(minute * 60).unwrap(),
        basis: Basis::Read,
        lane: "scan".into(),
    }
}

fn bad(minute: i64) -> Assessment {
    assessment(Standing::Finding { message: "m".into(), evidence: "{}".into() }, minute)
}

fn good(minute: i64) -> Assessment {
    assessment(Standing::Over(Resolution::Clean), minute)
}

#[test]
fn a_finding_opens_stays_is_resolved_and_opens_again_under_its_id() {
    let (finding, opened) = bad(1).apply(None);
    let id = finding.as_ref().unwrap().id.clone();
    let (finding, kept) = bad(2).apply(finding);
    assert_eq!(finding.as_ref().unwrap().first_seen, bad(1).observed_at);
    assert_eq!(finding.as_ref().unwrap().count, 1);
    let (finding, resolved) = good(3).apply(finding);
    assert_eq!(finding.as_ref().unwrap().status, Status::Resolved);
    assert_eq!(finding.as_ref().unwrap().posture.as_ref().unwrap().resolved_at, Some(good(3).observed_at));
    let (finding, nothing) = good(4).apply(finding);
    let (finding, reopened) = bad(5).apply(finding);
    let finding = finding.unwrap();
    assert_eq!(
        [opened, kept, resolved, nothing, reopened],
        [Change::Opened, Change::Kept, Change::Resolved, Change::Nothing, Change::Reopened]
    );
    assert_eq!((finding.id, finding.status, finding.count), (id, Status::Open, 2));
}

fn caused(assessment: Assessment, certainty: Certainty, second: i64) -> Assessment {
    let culprit = Culprit {
        event_id: "e".into(),
        time: Timestamp::from_second(second).unwrap(),
        source: "s3.amazonaws.com".into(),
        name: "PutBucketVersioning".into(),
        actor: Actor { principal: "arn:aws:iam::1:user/u".into(), ..Actor::default() },
        chain: Vec::new(),
    };
    let cause = Cause { certainty, calls: vec![culprit], ..Cause::default() };
    Assessment { cause: Some(cause), ..assessment }
}

fn episode(finding: &Finding) -> Episode {
    finding.posture.as_ref().unwrap().episode().unwrap().clone()
}

#[test]
fn an_episode_says_which_calls_began_and_ended_it() {
    let (finding, _) = caused(bad(1), Certainty::Exact, 50).apply(None);
    let (finding, _) = caused(good(5), Certainty::Exact, 290).apply(finding);

    let finding = finding.unwrap();
    assert_eq!(finding.latest.event_name, "PutBucketVersioning".into());
    assert_eq!(finding.latest.actor.principal, "arn:aws:iam::1:user/u".into());
    let episode = episode(&finding);
    let seconds = |duration: Option<SignedDuration>| duration.unwrap().as_secs();
    assert_eq!(seconds(episode.time_to_detect()), 10);
    assert_eq!(seconds(episode.time_to_resolve()), 230);
    assert_eq!(seconds(episode.exposure()), 240);
}

#[test]
fn a_cause_gets_better_and_never_worse() {
    let (finding, _) = bad(1).apply(None);
    assert_eq!(episode(finding.as_ref().unwrap()).cause.certainty, Certainty::Before);
    let (finding, kept) = caused(bad(2), Certainty::Exact, 50).apply(finding);
    let (finding, _) = caused(bad(3), Certainty::Several, 55).apply(finding);
    assert_eq!((kept, episode(finding.as_ref().unwrap()).cause.certainty), (Change::Kept, Certainty::Exact));

    let (finding, _) = good(4).apply(finding);
    let (finding, amended) = caused(good(4), Certainty::Exact, 230).apply(finding);
    let (finding, reopened) = bad(6).apply(finding);
    let (finding, earlier) = caused(bad(1), Certainty::Exact, 55).apply(finding);
    assert_eq!([reopened, earlier], [Change::Reopened, Change::Amended]);
    let first = finding.as_ref().unwrap().posture.as_ref().unwrap().episodes.first().unwrap().clone();
    assert_eq!(first.cause.happened(), Some(Timestamp::from_second(55).unwrap()));
    let (finding, _) = good(7).apply(finding);
    let (finding, nothing) = caused(good(5), Certainty::None, 230).apply(finding);
    assert_eq!([amended, nothing], [Change::Amended, Change::Nothing]);
    assert_eq!(first.fix.unwrap().certainty, Certainty::Exact);
    assert_eq!(episode(&finding.unwrap()).fix, None);
}

fn of_record(minute: i64) -> Assessment {
    let called_at = Timestamp::from_second(minute * 60 - 2).unwrap();
    let assessment = caused(bad(minute), Certainty::Exact, minute * 60 - 2);
    Assessment { basis: Basis::Record(called_at), ..assessment }
}

fn early(assessment: Assessment) -> Assessment {
    Assessment { basis: Basis::EarlyRead, ..assessment }
}

#[test]
fn a_read_confirms_what_a_record_said() {
    let (finding, opened) = of_record(1).apply(None);
    assert!(finding.as_ref().unwrap().is_provisional());
    let (finding, again) = of_record(1).apply(finding);
    let (finding, kept) = bad(2).apply(finding);
    let finding = finding.unwrap();
    assert_eq!([opened, again, kept], [Change::Opened, Change::Nothing, Change::Kept]);
    let episode = episode(&finding);
    assert_eq!((finding.is_provisional(), finding.count), (false, 1));
    assert_eq!(episode.confirmed_at, Some(bad(2).observed_at));
    assert_eq!(episode.cause.certainty, Certainty::Exact);
}

#[test]
fn a_read_withdraws_what_a_record_said_once_it_is_late_enough() {
    let (finding, _) = of_record(1).apply(None);
    let (finding, pending) = early(good(2)).apply(finding);
    assert!(finding.as_ref().unwrap().is_provisional());
    let (withdrawn, over) = good(2).apply(finding.clone());
    let (late, also_over) = early(good(5)).apply(finding);
    assert_eq!([pending, over, also_over], [Change::Pending, Change::Resolved, Change::Resolved]);
    for finding in [&withdrawn, &late] {
        let resolution = finding.as_ref().unwrap().posture.as_ref().unwrap().resolution;
        assert_eq!(resolution, Some(Resolution::Withdrawn));
    }
    // The same record again opens nothing.
    assert_eq!(of_record(1).apply(withdrawn).1, Change::Nothing);
}

#[test]
fn only_what_is_provisional_ends_as_unconfirmed() {
    let unconfirmed = assessment(Standing::Over(Resolution::Unconfirmed), 6);
    let (finding, _) = of_record(1).apply(None);
    assert_eq!(unconfirmed.apply(finding).1, Change::Resolved);
    let (finding, _) = bad(1).apply(None);
    assert_eq!(unconfirmed.apply(finding).1, Change::Nothing);
}

#[test]
fn what_was_seen_earlier_changes_nothing() {
    let (finding, _) = bad(5).apply(None);
    let (after, change) = good(4).apply(finding.clone());
    assert_eq!((after, change), (finding, Change::Nothing));
    assert_eq!(good(1).apply(None), (None, Change::Nothing));
}
