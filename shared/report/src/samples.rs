//! Findings for the tests.

use std::sync::Arc;

use model::{
    Actor, Cause, Certainty, Culprit, Episode, Finding, FindingId, Occurrence, OccurrenceId, Outcome,
    Posture, Resolution, Severity, Status, Timestamp, Untrusted,
};
use rules::{Attempt, Automation, Fix, Meta};

use crate::Verdict;

/// A finding with what differs between the samples.
fn finding(
    severity: Severity,
    rule: &str,
    title: &str,
    message: &str,
    region: &str,
    actor: Actor,
) -> Finding {
    let time: Timestamp = "2026-03-01T04:05:06Z".parse().unwrap();
    let account = "111122223333";
    let id = FindingId::new(rule, account, region, "scope", Outcome::Success);
    let event = "3f2b1a90-5c4d-4e6f-8a7b-9c0d1e2f3a4b";
    Finding {
        id: id.clone(),
        rule: rule.into(),
        title: title.into(),
        severity,
        status: Status::Open,
        outcome: Outcome::Success,
        account: account.into(),
        region: region.into(),
        scope: "scope".into(),
        first_seen: time,
        last_seen: time,
        count: 1,
        posture: None,
        closed: None,
        muted: None,
        latest: Occurrence {
            id: OccurrenceId::new(&id, event, account),
            finding_id: id,
            event_id: event.into(),
            event_time: time,
            event_source: "cloudtrail.amazonaws.com".into(),
            event_name: "StopLogging".into(),
            outcome: Outcome::Success,
            error: Untrusted::default(),
            severity,
            message: message.into(),
            actor,
            evidence: "{}".into(),
            lane: "trail.json.gz#3".into(),
        },
    }
}

fn actor(principal: &str, session: &str, source_ip: &str) -> Actor {
    Actor {
        principal: principal.into(),
        session: session.into(),
        source_ip: source_ip.into(),
        ..Actor::default()
    }
}

/// One of each severity, the worst first.
pub(crate) fn findings() -> Vec<Finding> {
    let admin =
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a1b2c3d4e5f6a7b";
    let root = finding(
        Severity::Critical,
        "iam-root-access-key-created",
        "Access key created for the root user",
        "The root user of 111122223333 has a new access key AKIAIOSFODNN7EXAMPLE.",
        "us-east-1",
        actor("arn:aws:iam::111122223333:root", "", "198.51.100.7"),
    );
    let mut stopped = finding(
        Severity::High,
        "cloudtrail-logging-stopped",
        "CloudTrail logging stopped",
        "Trail management-events no longer records what happens in the account.",
        "ap-southeast-2",
        actor(admin, "alice@example.com", "2001:db8:85a3::8a2e:370:7334"),
    );
    stopped.latest.evidence =
        r#"{"eventName":"StopLogging","requestParameters":{"name":"management-events"}}"#.into();
    let mut attempt = finding(
        Severity::Medium,
        "guardduty-detector-deleted",
        "GuardDuty detector deleted",
        "Detector 12abc34d567e8fa901bc2d34e56789f0 was deleted.",
        "eu-central-1",
        actor("arn:aws:iam::111122223333:user/build", "", "203.0.113.12"),
    );
    attempt.outcome = Outcome::Attempt;
    attempt.count = 1204;
    attempt.last_seen = "2026-03-02T23:59:59Z".parse().unwrap();
    let resolved = finding(
        Severity::Low,
        "s3-bucket-versioning-suspended",
        "Bucket versioning suspended",
        "",
        "eu-central-1",
        actor(
            "arn:aws:iam::111122223333:role/cloudformation-deploy",
            "stack",
            "cloudformation.amazonaws.com",
        ),
    );
    let closing = model::Closing {
        at: "2026-03-02T08:00:00Z".parse().unwrap(),
        by: "os:ada".into(),
        reason: "the stack's owner knows".into(),
    };
    let resolved = resolved.close(&closing).unwrap();
    let sign_in = finding(
        Severity::Info,
        "console-sign-in",
        "Console sign-in",
        "Console sign-in",
        "us-east-1",
        actor("AROAEXAMPLEID", "", ""),
    );
    vec![root, stopped, attempt, resolved, sign_in]
}

/// By somebody who puts into every field what might act on whoever reads it.
pub(crate) fn hostile() -> Finding {
    let mut finding = finding(
        Severity::High,
        "cloudtrail-logging-stopped",
        "CloudTrail logging stopped",
        "fine\r\n · info    all clear\u{1b}[2J\u{1b}[1;1H\u{202e}gnp.exe",
        "us-east-1\u{1b}[31m",
        actor(
            "arn:aws:iam::111122223333:user/\u{1b}]52;c;cm0gLXJmIH4=\u{7}",
            &"x\u{200b}".repeat(10_000),
            "\u{9b}31m198.51.100.7\n\n\n\n",
        ),
    );
    finding.latest.actor.user_agent = "\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\".into();
    finding
}

/// What a rule says of itself.
pub(crate) fn rule() -> Meta {
    Meta {
        id: "cloudtrail-logging-stopped".into(),
        title: "CloudTrail logging stopped".into(),
        severity: Severity::High,
        message: "Trail {requestParameters.name} was stopped".into(),
        why: "Nothing that happens in the account\nis recorded.".into(),
        false_positives: vec!["A trail is being replaced.".into()],
        fix: Fix {
            text: "Start logging again.".into(),
            cli: "aws cloudtrail start-logging --name {requestParameters.name}".into(),
            terraform: String::new(),
        },
        attack: vec!["T1562.008".into(), "T9999".into()],
        references: vec![
            "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html".into(),
        ],
        equivalents: [("sigma".to_owned(), vec!["4db60cc0-36fb-42b7-9b58-a5b53019fb74".to_owned()])].into(),
        dedup: Vec::new(),
        automation: Automation::Annotate,
        attempt: Attempt::Lower,
        origin: "catalog/cloudtrail/signatures/logging-stopped.yaml".into(),
    }
}

/// A bucket.
const BUCKET: &str = "arn:aws:s3:::payroll-exports";

/// A finding about a bucket, caused by a call and over by now.
pub(crate) fn posture() -> Finding {
    let opened_at: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
    let resolved_at: Timestamp = "2026-03-04T10:00:00Z".parse().unwrap();
    let who = actor("arn:aws:iam::111122223333:user/build", "", "203.0.113.12");
    let message = "Bucket payroll-exports can be read by everybody.";
    let mut finding = finding(
        Severity::Medium,
        "s3-bucket-public",
        "Bucket is public",
        message,
        "eu-central-1",
        who.clone(),
    );
    finding.id =
        FindingId::of_resource(&finding.rule, &finding.account, &finding.region, &Untrusted::new(BUCKET));
    finding.latest.finding_id = finding.id.clone();
    finding.scope = BUCKET.into();
    finding.status = Status::Resolved;
    finding.latest.event_id = "episode:2026-03-03T10:00:00Z".into();
    finding.latest.event_source = "s3.amazonaws.com".into();
    finding.latest.event_name = "PutBucketAcl".into();
    let culprit = Culprit {
        event_id: "0a1b2c3d-0000-4abc-8def-001122334455".into(),
        time: "2026-03-03T09:58:00Z".parse().unwrap(),
        source: "s3.amazonaws.com".into(),
        name: "PutBucketAcl".into(),
        actor: who,
        chain: Vec::new(),
    };
    let cause = Cause { certainty: Certainty::Exact, calls: vec![culprit], ..Cause::default() };
    finding.posture = Some(Posture {
        resource_type: "aws.s3.bucket".into(),
        resource: BUCKET.into(),
        checked_at: resolved_at,
        resolved_at: Some(resolved_at),
        resolution: Some(Resolution::Clean),
        episodes: vec![Episode {
            opened_at,
            cause,
            resolved_at: Some(resolved_at),
            fix: None,
            provisional: false,
            confirmed_at: None,
        }],
    });
    finding
}

/// A finding, something clean and something unknown.
pub(crate) fn verdicts() -> [Verdict; 3] {
    let finding = posture();
    let found = Verdict {
        muted: None,
        check: finding.rule.clone(),
        resource: BUCKET.into(),
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        status: "finding",
        severity: Severity::Medium,
        equivalents: [("prowler".to_owned(), vec!["s3_bucket_public_access".to_owned()])].into(),
        reason: finding.latest.message,
        title: finding.title,
        resource_type: "aws.s3.bucket".into(),
        change: Some("new"),
        finding: Some(finding.id),
        evidence: finding.latest.evidence,
        judged_at: "2026-03-03T10:00:00Z".parse().unwrap(),
        rule: Some(Arc::new(Meta { id: "s3-bucket-public".into(), attack: vec!["T1530".into()], ..rule() })),
    };
    let clean = Verdict {
        resource: "arn:aws:s3:::logs".into(),
        status: "clean",
        reason: Untrusted::default(),
        evidence: Untrusted::default(),
        change: None,
        finding: None,
        ..found.clone()
    };
    let unknown = Verdict {
        resource: "aws.s3.bucket".into(),
        status: "unknown",
        reason: "s3:ListAllMyBuckets was denied".into(),
        rule: None,
        ..clean.clone()
    };
    [found, clean, unknown]
}
