//! Which mute covers which finding.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use model::{
    Actor, Finding, FindingId, Mute, MuteMatch, Occurrence, OccurrenceId, Outcome, Posture, Severity,
    Sighting, Timestamp,
};
use proptest::prelude::*;
use trailpost_engine::mute::{Background, Mutes};

const BUCKET: &str = "arn:aws:s3:::www-eu";
const ADA: &str = "arn:aws:iam::111111111111:user/ada";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn finding(rule: &str, scope: &str) -> Finding {
    let finding_id = FindingId::new(rule, "111111111111", "eu-west-1", scope, Outcome::Success);
    Finding::open(&Sighting {
        rule: rule.to_owned(),
        title: rule.to_owned(),
        account: "111111111111".into(),
        region: "eu-west-1".into(),
        scope: scope.into(),
        occurrence: Occurrence {
            id: OccurrenceId::new(&finding_id, "event", "111111111111"),
            finding_id,
            event_id: "event".into(),
            event_time: at("2026-11-20T00:00:00Z"),
            event_source: "s3.amazonaws.com".into(),
            event_name: "PutBucketPolicy".into(),
            outcome: Outcome::Success,
            error: "".into(),
            severity: Severity::High,
            message: "".into(),
            actor: Actor { principal: ADA.into(), ..Actor::default() },
            evidence: "{}".into(),
            lane: "test".into(),
        },
    })
}

/// A finding about a resource.
fn of_bucket() -> Finding {
    let posture = Posture {
        resource_type: "aws.s3.bucket".to_owned(),
        resource: BUCKET.into(),
        checked_at: at("2026-11-20T00:00:00Z"),
        resolved_at: None,
        resolution: None,
        episodes: Vec::new(),
    };
    Finding { posture: Some(posture), ..finding("s3-bucket-public-read", "something else") }
}

fn mute(id: &str, matches: MuteMatch) -> Mute {
    Mute {
        id: id.to_owned(),
        matches,
        reason: "known".into(),
        owner: "ada".into(),
        ticket: None,
        created: at("2026-11-01T00:00:00Z"),
        expires: at("2026-12-01T00:00:00Z"),
        created_by: "".into(),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn covers(matches: MuteMatch, background: &Background) -> bool {
    let (mutes, wrong) = Mutes::new([mute("one", matches)]);
    assert_eq!(wrong, []);
    mutes.covering(&of_bucket(), background, at("2026-11-20T00:00:00Z")).is_some()
}

fn tagged(tags: &serde_json::Value) -> Background {
    Background { document: Some(serde_json::json!({ "Tags": tags })), principals: Vec::new() }
}

#[test]
fn every_field_that_is_there_has_to_match() {
    let nothing = Background::default();
    let whole = MuteMatch {
        rule: texts(&["other", "s3-*-read"]),
        account: texts(&["111111111111"]),
        region: texts(&["eu-*"]),
        resource: texts(&["arn:aws:s3:::www-??"]),
        ..MuteMatch::default()
    };
    assert!(covers(whole.clone(), &nothing));
    for spoilt in [
        MuteMatch { rule: texts(&["s3-bucket"]), ..whole.clone() },
        MuteMatch { account: texts(&["11111111111"]), ..whole.clone() },
        MuteMatch { region: texts(&["us-*"]), ..whole.clone() },
        MuteMatch { resource: texts(&["something else"]), ..whole.clone() },
    ] {
        assert!(!covers(spoilt.clone(), &nothing), "{spoilt:?}");
    }
}

#[test]
fn what_is_not_known_is_not_muted() {
    let by_tag = MuteMatch {
        rule: texts(&["s3-*"]),
        tags: [("team".to_owned(), "web*".to_owned()), ("stage".to_owned(), "*".to_owned())].into(),
        ..MuteMatch::default()
    };
    let pairs = |pairs: &[(&str, &str)]| {
        tagged(&pairs.iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect())
    };
    assert!(covers(by_tag.clone(), &pairs(&[("team", "web-eu"), ("stage", "")])));
    assert!(!covers(by_tag.clone(), &pairs(&[("team", "web-eu")])));
    assert!(!covers(by_tag.clone(), &pairs(&[("team", "db"), ("stage", "")])));
    assert!(!covers(by_tag, &Background::default()), "nothing was read");

    let by_ada = MuteMatch { rule: texts(&["s3-*"]), principal: texts(&[ADA]), ..MuteMatch::default() };
    let calls = |principals: &[&str]| Background {
        document: None,
        principals: principals.iter().map(|&text| text.into()).collect(),
    };
    assert!(covers(by_ada.clone(), &calls(&[ADA, ADA])));
    assert!(!covers(by_ada.clone(), &calls(&[ADA, "mallory"])));
    assert!(!covers(by_ada.clone(), &calls(&[ADA, ""])));
    assert!(!covers(by_ada, &calls(&[])));
}

#[test]
fn a_mute_of_everything_covers_nothing() {
    for matches in [
        MuteMatch::default(),
        MuteMatch { rule: texts(&["*"]), resource: texts(&["re:.*"]), ..MuteMatch::default() },
        MuteMatch { rule: texts(&["s3-x", "*"]), ..MuteMatch::default() },
        MuteMatch { account: texts(&["111111111111"]), principal: texts(&[ADA]), ..MuteMatch::default() },
    ] {
        let (mutes, wrong) = Mutes::new([mute("all", matches)]);
        assert_eq!(wrong, [("all".to_owned(), "it matches every rule and every resource".to_owned())]);
        assert_eq!(mutes.iter().count(), 0);
    }
}

#[test]
fn findings_about_mutes_are_never_covered() {
    let all = MuteMatch { rule: texts(&["trailpost-*"]), ..MuteMatch::default() };
    let (mutes, _) = Mutes::new([mute("quiet", all)]);
    let asked = |rule: &str| {
        mutes.covering(&finding(rule, "x"), &Background::default(), at("2026-11-20T00:00:00Z")).is_some()
    };
    assert!(asked("trailpost-stack-changed"));
    for own in ["trailpost-mute-unreadable", "trailpost-mutes-expiring", "trailpost-mute-ended"] {
        assert!(!asked(own), "{own}");
    }
}

/// Any few mutes of two rules and two resources, with ids of their own.
fn any_mutes() -> impl Strategy<Value = Vec<Mute>> {
    let rule = prop::sample::select(vec!["s3-*", "s3-bucket-public-read", "ec2-*", "re:s3.*read"]);
    let resource = prop::sample::select(vec!["*", BUCKET, "arn:aws:s3:::other", "*www*"]);
    let one = (rule, resource, 0_i64..5).prop_map(|(rule, resource, days)| {
        let matches =
            MuteMatch { rule: texts(&[rule]), resource: texts(&[resource]), ..MuteMatch::default() };
        let mut mute = mute("", matches);
        mute.expires = Timestamp::from_second(mute.expires.as_second() + days * 86_400).unwrap();
        mute
    });
    prop::collection::vec(one, 0..8).prop_map(|mut mutes| {
        for (number, mute) in mutes.iter_mut().enumerate() {
            mute.id = format!("m{number}");
        }
        mutes
    })
}

proptest! {
    #[test]
    fn the_order_of_mutes_does_not_matter(
        (mutes, shuffled) in any_mutes().prop_flat_map(|mutes| (Just(mutes.clone()), Just(mutes).prop_shuffle())),
        hours in 0_i64..200,
    ) {
        let now = Timestamp::from_second(at("2026-11-30T00:00:00Z").as_second() + hours * 3_600).unwrap();
        let covering = |mutes: Vec<Mute>| {
            Mutes::new(mutes).0.covering(&of_bucket(), &Background::default(), now).cloned()
        };
        let found = covering(mutes.clone());
        prop_assert_eq!(&found, &covering(shuffled));
        // It is the one that holds longest of those that cover the finding alone.
        let alone = mutes.into_iter().filter(|mute| covering(vec![mute.clone()]).is_some());
        prop_assert_eq!(found.map(|mute| mute.expires), alone.map(|mute| mute.expires).max());
    }

    #[test]
    fn a_mute_covers_until_it_expires_and_not_then(offset in -3_000_000_000_i64..3_000_000_000) {
        let matches = MuteMatch { rule: texts(&["s3-*"]), ..MuteMatch::default() };
        let one = mute("one", matches);
        let expires = one.expires;
        let (mutes, _) = Mutes::new([one]);
        let now = expires + model::SignedDuration::from_nanos(offset);
        let covered = mutes.covering(&of_bucket(), &Background::default(), now).is_some();
        prop_assert_eq!(covered, offset < 0);
    }

    #[test]
    fn one_mute_more_never_shows_more(mutes in any_mutes(), more in any_mutes()) {
        let now = at("2026-11-30T00:00:00Z");
        let is_covered = |mutes: Vec<Mute>| {
            Mutes::new(mutes).0.covering(&of_bucket(), &Background::default(), now).is_some()
        };
        let before = is_covered(mutes.clone());
        let after = is_covered(mutes.into_iter().chain(more).collect());
        prop_assert!(after || !before);
    }
}
