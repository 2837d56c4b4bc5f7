//! Findings for the tests.

use model::{
    Actor, Finding, FindingId, Occurrence, OccurrenceId, Outcome, Severity, Status, Timestamp, Untrusted,
};

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
    let stopped = finding(
        Severity::High,
        "cloudtrail-logging-stopped",
        "CloudTrail logging stopped",
        "Trail management-events no longer records what happens in the account.",
        "ap-southeast-2",
        actor(admin, "alice@example.com", "2001:db8:85a3::8a2e:370:7334"),
    );
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
    let mut resolved = finding(
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
    resolved.status = Status::Resolved;
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
