//! `trailpost demo`: the whole story, from the recording to the page.

use crate::trial::Trial;

#[test]
fn an_attack_is_found_explained_told_and_seen_to_be_over() {
    let trial = Trial::new();
    let ran = trial.run(&["demo"]);

    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let lines = [
        "14:02:11  sts:AssumeRole                     user/build-agent from 203.0.113.66",
        "critical  CloudTrail logging stopped",
        "critical  Security group opens SSH to the internet",
        "by cloudtrail:StopLogging of arn:aws:iam::111122223333:role/Deploy (maintenance) at 2026-11-24T14:03:02Z",
        "session of arn:aws:iam::111122223333:role/Deploy opened by arn:aws:iam::111122223333:user/build-agent",
        "| Subject: [CRITICAL] No trail records",
        "| WHO     role/Deploy, session maintenance, without MFA, from 203.0.113.66",
        "by cloudtrail:StartLogging of arn:aws:iam::111122223333:role/SecurityEngineer (alice@example.com) at 2026-11-24T14:28:40Z; exposed for 25m 38s",
        // Without the policy, the block alone let nobody in; and the policy was mended before the block.
        "resolved  S3 bucket readable by anybody",
        "by s3:PutBucketPolicy of arn:aws:iam::111122223333:role/SecurityEngineer (alice@example.com) at 2026-11-24T14:29:12Z; exposed for 24m 9s",
        "by s3:PutBucketPublicAccessBlock of arn:aws:iam::111122223333:role/SecurityEngineer (alice@example.com) at 2026-11-24T14:29:45Z; exposed for 24m 54s",
        "12 findings open, 6 resolved",
    ];
    let mut rest = ran.out.as_str();
    for line in lines {
        let (_, behind) = rest.split_once(line).unwrap_or_else(|| panic!("{line}\nis not in\n{rest}"));
        rest = behind;
    }
    assert!(!ran.out.contains('\u{1b}'), "colours are for terminals");
    let path = ran.out.lines().last().unwrap().trim();
    let page = std::fs::read_to_string(path).unwrap();
    assert_eq!(std::path::Path::new(path).file_name().unwrap(), "trailpost-demo.html");
    assert!(page.contains("alice@example.com") && page.contains("ec2:RevokeSecurityGroupIngress"));
}

#[test]
fn the_page_goes_where_it_is_asked_to_and_nothing_else_is_left() {
    let trial = Trial::new();
    assert_eq!(trial.run(&["demo", "--html", "here.html"]).code, 0);

    let left: Vec<_> =
        std::fs::read_dir(trial.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["here.html"]);
}
