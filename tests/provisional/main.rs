//! Findings that DETECT opens on the word of a call's record, and what reads make of them: the real use cases over an
//! AWS that answers what the test says.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod between;
mod setting;
mod undone;

use std::time::{Duration, Instant};

use engine::ports::{FindingQuery, Store};
use model::{Certainty, Resolution, Status, Untrusted};
use serde_json::{Value, json};

use setting::{ACCOUNT, REGION, Setting, asks_for_ssh, group, open_ssh};

const SSH: (&str, &str) = ("ec2", "AuthorizeSecurityGroupIngress");

#[tokio::test]
async fn a_right_prediction_is_confirmed_by_the_read() {
    let setting = Setting::new(true);
    setting.scan().await;
    let (before, alerts) = (setting.findings().await, setting.alerts().await);
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;

    let told = setting.findings().await;
    let provisional = setting.provisional().await;
    assert!(provisional.iter().any(|rule| rule == "ec2-security-group-ssh-open"), "{provisional:?}");
    assert!(provisional.iter().all(|rule| !before.contains_key(rule)));
    for rule in &provisional {
        let episode = told[rule].posture.as_ref().unwrap().episode().unwrap().clone();
        assert_eq!(episode.cause.certainty, Certainty::Exact);
        assert!(!episode.cause.patch.is_empty(), "{rule} shows the difference");
        assert_eq!(episode.time_to_detect().unwrap().as_secs(), 1);
    }
    assert_eq!(setting.alerts().await, alerts + provisional.len());

    setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[open_ssh()])]}));
    setting.harvest(400).await;

    let seen = setting.findings().await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
    for rule in &provisional {
        let (was, is) = (&told[rule], &seen[rule]);
        let episodes = &is.posture.as_ref().unwrap().episodes;
        assert_eq!((&was.id, is.status, episodes.len()), (&is.id, Status::Open, 1), "{rule}");
        assert!(episodes[0].confirmed_at.is_some());
        assert_eq!(episodes[0].cause.certainty, Certainty::Exact);
    }
    let opened_by_read = seen.keys().filter(|rule| !told.contains_key(*rule)).count();
    assert_eq!(setting.alerts().await, alerts + provisional.len() + opened_by_read, "no second alert");
}

#[tokio::test]
async fn a_wrong_prediction_is_withdrawn_with_the_reason() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    let provisional = setting.provisional().await;
    assert!(!provisional.is_empty());

    // Nothing of it is to be seen, now or later.
    setting.harvest(3).await;
    assert_eq!(setting.provisional().await, provisional, "the first read may come too early");
    setting.harvest(300).await;

    let seen = setting.findings().await;
    for rule in &provisional {
        let posture = seen[rule].posture.as_ref().unwrap();
        assert_eq!((seen[rule].status, posture.resolution), (Status::Resolved, Some(Resolution::Withdrawn)));
    }
}

#[tokio::test]
async fn what_nobody_can_read_is_withdrawn_as_unconfirmed_within_five_minutes() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;
    let provisional = setting.provisional().await;
    *setting.aws.refuses.lock().unwrap() = true;
    setting.harvest(300).await;

    let seen = setting.findings().await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
    for rule in &provisional {
        let posture = seen[rule].posture.as_ref().unwrap();
        assert_eq!(posture.resolution, Some(Resolution::Unconfirmed), "{rule}");
    }
    setting.take(&record).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new(), "told again, it opens nothing");
}

#[tokio::test]
async fn a_scan_withdraws_what_no_harvest_came_for() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    let provisional = setting.provisional().await;
    setting.pass(2);
    setting.scan().await;
    assert_eq!(setting.provisional().await, provisional, "a scan may come too early");
    setting.pass(300);
    setting.scan().await;
    let seen = setting.findings().await;
    let resolution = seen[&provisional[0]].posture.as_ref().unwrap().resolution;
    assert_eq!(resolution, Some(Resolution::Withdrawn));
}

#[tokio::test]
async fn a_refused_call_and_an_unknown_resource_predict_nothing() {
    let setting = Setting::new(true);
    setting.take(&setting.record(SSH.0, SSH.1, &asks_for_ssh(), None)).await;
    assert_eq!(setting.findings().await.len(), 0, "nobody has read it");
    setting.scan().await;
    setting.pass(60);
    let refused = setting.record(SSH.0, SSH.1, &asks_for_ssh(), Some("Client.UnauthorizedOperation"));
    setting.take(&refused).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_call_that_cannot_make_a_resource_is_not_blamed_for_its_making() {
    let setting = Setting::new(false);
    setting.scan().await;
    setting.pass(60);
    let buckets = json!([{"Name": "b", "BucketRegion": REGION}, {"Name": "c", "BucketRegion": REGION}]);
    setting.answer("ListBuckets", json!({ "Buckets": buckets }));
    let request = json!({"bucketName": "c", "Tagging": {"TagSet": {"Tag": {"Key": "team", "Value": "red"}}}});
    setting.take(&setting.record("s3", "PutBucketTagging", &request, None)).await;
    setting.harvest(3).await;

    let query = FindingQuery { limit: 500, ..FindingQuery::default() };
    let found = setting.store.findings(&query).await.unwrap().items;
    let of_it = found.iter().filter(|finding| finding.scope == "arn:aws:s3:::c".into());
    let causes: Vec<_> =
        of_it.map(|finding| finding.posture.as_ref().unwrap().episodes[0].cause.certainty).collect();
    assert!(causes.len() > 3, "{causes:?}");
    assert!(causes.iter().all(|certainty| *certainty == Certainty::None), "{causes:?}");
}

#[tokio::test]
async fn a_call_of_the_second_in_which_somebody_looked_may_have_come_after_the_look() {
    let setting = Setting::new(false);
    setting.scan().await;
    setting.pass(60);
    let first = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&first).await;
    setting.harvest(3).await;
    setting.pass(1);
    setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[open_ssh()])]}));
    let second = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&second).await;
    setting.harvest(3).await;

    let findings = setting.findings().await;
    let episode = findings["ec2-security-group-ssh-open"].posture.as_ref().unwrap().episodes[0].clone();
    let told: Vec<Untrusted> = episode.cause.calls.iter().map(|call| call.event_id.clone()).collect();
    let made = [first, second].map(|record| {
        let record: Value = serde_json::from_str(&record).unwrap();
        Untrusted::new(record["eventID"].as_str().unwrap())
    });
    assert_eq!((episode.cause.certainty, told), (Certainty::Several, made.to_vec()));
}

#[tokio::test]
async fn a_record_that_comes_twice_has_one_effect() {
    let setting = Setting::new(true);
    setting.scan().await;
    let alerts = setting.alerts().await;
    setting.pass(60);
    let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.take(&record).await;
    let once = setting.findings().await;
    setting.take(&record).await;
    assert_eq!(setting.findings().await, once);
    assert_eq!(setting.alerts().await, alerts + setting.provisional().await.len());
}

#[tokio::test]
async fn a_call_that_is_told_after_a_later_one_predicts_nothing() {
    let setting = Setting::new(true);
    setting.scan().await;
    setting.pass(60);
    let opens = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
    setting.pass(5);
    setting.take(&setting.record("ec2", "RevokeSecurityGroupIngress", &asks_for_ssh(), None)).await;
    setting.take(&opens).await;
    assert_eq!(setting.provisional().await, Vec::<String>::new());
}

#[tokio::test]
async fn calls_of_many_services_are_foretold() {
    let trail = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t");
    for (source, name, request, wanted) in [
        (
            "s3",
            "PutBucketVersioning",
            json!({"bucketName": "b", "VersioningConfiguration": {"xmlns": "x", "Status": "Suspended"}}),
            "s3-bucket-versioning-off",
        ),
        (
            "rds",
            "ModifyDBInstance",
            json!({"dBInstanceIdentifier": "db", "publiclyAccessible": true}),
            "rds-instance-public",
        ),
        ("cloudtrail", "StopLogging", json!({ "name": trail }), "cloudtrail-account-no-multi-region-trail"),
    ] {
        let setting = Setting::new(true);
        setting.scan().await;
        setting.pass(60);
        setting.take(&setting.record(source, name, &request, None)).await;
        let provisional = setting.provisional().await;
        assert!(provisional.iter().any(|rule| rule == wanted), "{name}: {provisional:?}");
    }
}

#[tokio::test]
async fn what_it_costs_to_predict() {
    let mut took = Vec::new();
    for predicts in [false, true] {
        let setting = Setting::new(predicts);
        setting.scan().await;
        let mut each = Vec::new();
        for _ in 0..100 {
            setting.pass(60);
            setting.answer("DescribeSecurityGroups", json!({"SecurityGroups": [group(&[])]}));
            setting.scan().await;
            setting.pass(10);
            let record = setting.record(SSH.0, SSH.1, &asks_for_ssh(), None);
            let began = Instant::now();
            setting.take(&record).await;
            each.push(began.elapsed());
        }
        each.sort();
        took.push((each[49], each[94]));
    }
    println!("a record without prediction: median {:?}, 95 of 100 within {:?}", took[0].0, took[0].1);
    println!("a record with prediction: median {:?}, 95 of 100 within {:?}", took[1].0, took[1].1);
    assert!(took[1].0 < Duration::from_millis(500), "{took:?}");
}
