//! `trailpost rules new`: what it writes is accepted at once.

use crate::trial::{Ran, Trial, stop_logging, trail};

/// Whether the linter has nothing to say of the file, and its tests pass.
fn accepted(trial: &Trial, made: &Ran) {
    assert_eq!(made.code, 0, "{}", made.err);
    let file = made.out.trim();
    let linted = trial.run(&["rules", "lint", "--strict", file]);
    let tested = trial.run(&["rules", "test", file]);
    let text = std::fs::read_to_string(trial.path(file)).unwrap();
    assert_eq!((linted.code, linted.out.as_str()), (0, ""), "{text}");
    assert_eq!(tested.code, 0, "{}\n{text}", tested.out);
    assert!(tested.out.ends_with(" passed, 0 failed\n") && !tested.out.starts_with("0 "), "{}", tested.out);
}

#[test]
fn a_signature_is_made_of_names() {
    let trial = Trial::new();

    let one =
        trial.run(&["rules", "new", "--signature", "--source", "iam.amazonaws.com", "--event", "DeleteRole"]);
    let two = trial.run(&[
        "rules",
        "new",
        "--source",
        "iam.amazonaws.com",
        "--event",
        "DeleteRole",
        "--event",
        "DeleteUser",
        "--title",
        "Somebody: deleted",
        "--severity",
        "high",
        "--into",
        "mine",
    ]);

    assert_eq!(one.out, "iam-deleterole-called.yaml\n");
    assert_eq!(two.out, "mine/somebody-deleted.yaml\n");
    accepted(&trial, &one);
    accepted(&trial, &two);
}

#[test]
fn a_signature_is_made_of_an_event() {
    let mut refused = stop_logging(2);
    refused["errorCode"] = "AccessDenied".into();
    let trial = Trial::new().file("a.json", trail(&[stop_logging(1)])).file("b.json", refused.to_string());

    let worked = trial.run(&["rules", "new", "--from-event", "a.json", "--title", "Trail stopped"]);
    let refused = trial.run(&["rules", "new", "--from-event", "b.json", "--title", "Trail not stopped"]);

    accepted(&trial, &worked);
    accepted(&trial, &refused);
    let text = std::fs::read_to_string(trial.path("trail-stopped.yaml")).unwrap();
    assert!(text.contains("    # requestParameters.name: main\n"), "{text}");
}

#[test]
fn a_check_is_made_of_a_condition() {
    let trial = Trial::new();
    for (kind, condition) in [
        ("aws.s3.bucket", "Versioning.Status != Enabled"),
        ("aws.s3.bucket", "Versioning.Status = Suspended"),
        ("aws.lambda.function", "Timeout > 600"),
        ("aws.lambda.function", "MemorySize < 256"),
        ("aws.lambda.function", "KMSKeyArn absent"),
        ("aws.lambda.function", "Runtime contains python2"),
        ("aws.lambda.function", "VpcConfig.VpcId exists"),
    ] {
        let made = trial.run(&["rules", "new", "--check", "--resource", kind, "--where", condition]);
        accepted(&trial, &made);
    }
}

#[test]
fn a_terminal_is_asked_for_the_rest() {
    let trial = Trial::new();

    let event = trial.run_with(&["rules", "new"], b"event\niam\nDeleteRole\nRole is gone\nhigh\n");
    let check = trial.run_with(
        &["rules", "new"],
        b"resource\naws.s3.buckt\naws.s3.bucket\nVersioning.Status != Enabled\nVersions wanted\nlow\n",
    );

    assert_eq!((event.out.as_str(), check.out.as_str()), ("role-is-gone.yaml\n", "versions-wanted.yaml\n"));
    assert!(check.err.contains("no such type; known: aws.s3.bucket"), "{}", check.err);
    accepted(&trial, &event);
    accepted(&trial, &check);
}

#[test]
fn what_cannot_be_made_is_said_with_its_mend() {
    let trial = Trial::new().file("iam-deleterole-called.yaml", "");

    let taken = trial.run(&["rules", "new", "--source", "iam.amazonaws.com", "--event", "DeleteRole"]);
    let kind = trial.run(&["rules", "new", "--resource", "aws.s3.buckets", "--where", "Name = x"]);
    let member =
        trial.run(&["rules", "new", "--resource", "aws.s3.bucket", "--where", "Versionning.Status = x"]);
    let condition = trial.run(&["rules", "new", "--resource", "aws.s3.bucket", "--where", "Name is x"]);
    let nobody = trial.run(&["rules", "new"]);

    assert_eq!([taken.code, kind.code, member.code, condition.code, nobody.code], [3; 5]);
    assert!(kind.err.contains("did you mean `aws.s3.bucket`?"), "{}", kind.err);
    assert!(member.err.contains("did you mean `Versioning`?"), "{}", member.err);
    assert!(condition.err.contains("`Name is x` is no condition"), "{}", condition.err);
    assert!(nobody.err.contains("nobody answers"), "{}", nobody.err);
}
