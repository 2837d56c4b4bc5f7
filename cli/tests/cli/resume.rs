//! Scans that are interrupted, and go on.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::recorded::GUARD;
use crate::stub::{Asked, Said, serve};
use crate::trial::{Ran, Trial};

/// One more than are read at the same time.
const REGIONS: [&str; 25] = [
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Longer than any test takes; it ends one that hangs.
const PATIENCE: Duration = Duration::from_mins(2);

fn start(trial: &Trial, url: &str, more: &[&str]) -> Child {
    let arguments =
        ["scan", "--endpoint-url", url, "--check", GUARD, "--store", "sqlite:s.db", "-o", "ndjson"];
    let mut command = trial.command(&[&arguments[..], more].concat());
    command.env("AWS_ACCESS_KEY_ID", "AKIAOWN").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.spawn().unwrap()
}

/// What Control-C does.
fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// What STS and EC2 say: whose credentials these are, those of a role, and that regions may not be listed.
fn gate(asked: &Asked) -> Said {
    let account = |id: &str| format!("<Account>{id}</Account><Arn>a</Arn><UserId>u</UserId>");
    let (status, body) = if asked.body.contains("Action=GetCallerIdentity") {
        let who = account("999999999999");
        (
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult>{who}</GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    } else if asked.body.contains("Action=AssumeRole") {
        let id = if asked.body.contains("111111111111") { "111111111111" } else { "222222222222" };
        let credentials = format!(
            "<Credentials><AccessKeyId>ASIA{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
        );
        (
            200,
            format!(
                "<AssumeRoleResponse><AssumeRoleResult>{credentials}</AssumeRoleResult></AssumeRoleResponse>"
            ),
        )
    } else {
        (403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>".to_owned())
    };
    (status, body)
}

/// No detector is anywhere: a finding in each region.
fn no_detectors() -> Said {
    (200, "{\"detectorIds\": []}".to_owned())
}

/// Keeps nobody waiting.
fn open(asked: &Asked) -> Said {
    if asked.service == "guardduty" { no_detectors() } else { gate(asked) }
}

/// Waits for `number` requests to GuardDuty and says who asked where.
fn wait(hear: &Receiver<Asked>, number: usize) -> Vec<(String, String)> {
    let mut asked = Vec::new();
    while asked.len() < number {
        let one = hear.recv_timeout(PATIENCE).unwrap();
        if one.service == "guardduty" {
            assert!(one.line.starts_with("GET /detector"), "{}", one.line);
            asked.push((one.key, one.region));
        }
    }
    asked
}

/// All requests to GuardDuty so far.
fn so_far(hear: &Receiver<Asked>) -> BTreeSet<(String, String)> {
    let asked = hear.try_iter().filter(|asked| asked.service == "guardduty");
    asked.map(|asked| (asked.key, asked.region)).collect()
}

/// Interrupts a scan of all regions when one of them, us-east-1, is done.
fn interrupted(trial: &Trial) -> Ran {
    let (url, hear) = serve(|asked| match (asked.service.as_str(), asked.region.as_str()) {
        ("guardduty", "us-east-1") => Some(no_detectors()),
        ("guardduty", _) => None,
        _ => Some(gate(asked)),
    });
    // us-east-1 is among the first, or nothing would ever be done.
    let child = start(trial, &url, &regions(&["us-east-1"]));
    // The last one is asked for when another is noted as done.
    wait(&hear, REGIONS.len());
    interrupt(&child);
    Ran::of(child)
}

/// Arguments for all regions, some of them first.
fn regions<'r>(first: &[&'r str]) -> Vec<&'r str> {
    let others = REGIONS.iter().copied().filter(|region| !first.contains(region));
    first.iter().copied().chain(others).flat_map(|region| ["--region", region]).collect()
}

#[test]
fn an_interrupted_scan_goes_on_with_what_is_left() {
    let trial = Trial::new();
    let (url, hear) = serve(|asked| Some(open(asked)));
    let scope = regions(&["us-east-1"]);

    let stopped = interrupted(&trial);
    let resumed = Ran::of(start(&trial, &url, &[&scope[..], &["--resume"]].concat()));
    let asked = so_far(&hear);
    let again = Ran::of(start(&trial, &url, &[&scope[..], &["--resume"]].concat()));

    assert_eq!((stopped.code, stopped.out.as_str()), (130, ""), "{}", stopped.err);
    assert!(stopped.err.contains("the same command with --resume reads the rest"), "{}", stopped.err);
    assert!(resumed.err.contains("999999999999: 1 of 25 reads were done before."), "{}", resumed.err);
    assert_eq!(asked.len(), 24, "{asked:?}");
    assert!(asked.iter().all(|(_, region)| region != "us-east-1"));
    let rows = resumed.rows();
    assert_eq!((resumed.code, rows.len()), (1, 25), "what was found before counts: {}", resumed.err);
    let of = |region: &str| rows.iter().find(|row| row["region"] == region).unwrap();
    assert_eq!((&of("us-east-1")["change"], &of("us-east-2")["change"]), (&"open".into(), &"new".into()));
    assert_eq!(of("us-east-1")["reason"], "GuardDuty does not watch region us-east-1");
    assert!(
        again.err.contains("999999999999: 0 of 25 reads were done before."),
        "a scan that ended is over: {}",
        again.err
    );
}

#[test]
fn without_resume_a_scan_begins_anew_and_another_scope_is_another_scan() {
    let trial = Trial::new();
    let (url, hear) = serve(|asked| Some(open(asked)));

    interrupted(&trial);
    let narrow = Ran::of(start(&trial, &url, &["--region", "us-east-1", "--resume"]));
    let narrow_asked = so_far(&hear);
    let anew = Ran::of(start(&trial, &url, &regions(&["us-east-1"])));

    assert!(narrow.err.contains("0 of 1 reads were done before"), "{}", narrow.err);
    assert_eq!(narrow_asked.len(), 1);
    assert!(!anew.err.contains("before"), "{}", anew.err);
    assert_eq!(so_far(&hear).len(), 25);
}

#[test]
fn accounts_that_are_done_are_not_read_again() {
    let trial = Trial::new();
    let scope = [
        "--account",
        "111111111111",
        "--account",
        "222222222222",
        "--role",
        "reader",
        "--region",
        "eu-west-1",
    ];
    let (url, hear) = serve(|asked| match (asked.service.as_str(), asked.key.as_str()) {
        ("guardduty", "ASIA222222222222") => None,
        ("guardduty", _) => Some(no_detectors()),
        _ => Some(gate(asked)),
    });

    let child = start(&trial, &url, &scope);
    wait(&hear, 2);
    interrupt(&child);
    let stopped = Ran::of(child);
    let (url, hear) = serve(|asked| Some(open(asked)));
    let resumed = Ran::of(start(&trial, &url, &[&scope[..], &["--resume"]].concat()));

    assert_eq!(stopped.code, 130, "{}", stopped.err);
    for line in
        ["111111111111: 1 of 1 reads were done before.", "222222222222: 0 of 1 reads were done before."]
    {
        assert!(resumed.err.contains(line), "{line}\n{}", resumed.err);
    }
    assert_eq!(so_far(&hear), BTreeSet::from([("ASIA222222222222".to_owned(), "eu-west-1".to_owned())]));
    assert_eq!(resumed.rows().len(), 2, "{}", resumed.out);
}

#[test]
fn an_interrupted_sign_in_is_exit_code_130_too() {
    let trial = Trial::new();
    let (url, hear) = serve(|_| None);

    let child = start(&trial, &url, &[]);
    hear.recv_timeout(PATIENCE).unwrap();
    interrupt(&child);
    let ran = Ran::of(child);

    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{}", ran.err);
}
