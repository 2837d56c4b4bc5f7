//! Each check, by its fault alone: a healthy account passes, and with one thing changed exactly that check fails.

mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws::SetupError;
use clap::Parser as _;
use engine::ports::{Cause, ReadError};
use serde_json::json;

use self::world::{Doors, PRODUCER, World, arn, subject};
use super::check::Status;
use super::checks;
use super::producers::Wanted;
use super::{Judged, chosen, ending, judge, show, unsigned};
use crate::args::{Cli, Command, DeployCommand};
use crate::exit::Ending;

type Fault = fn(&mut World);

/// What goes wrong, by the check that has to find it.
const FAULTS: &[(&str, Fault)] = &[
    ("clock-skewed", |world| world.set("code:sts:Clock", "", "/Ahead", &json!(-400))),
    ("stack-failed", |world| {
        world.set(
            "cloudformation:DescribeStacks",
            "",
            "/Stacks/0/StackStatus",
            &json!("UPDATE_ROLLBACK_COMPLETE"),
        );
    }),
    ("stack-template-outdated", |world| {
        world.set(
            "cloudformation:DescribeStacks",
            "",
            "/Stacks/0/Outputs/0/OutputValue",
            &json!("000000000000"),
        );
    }),
    ("stack-resource-failed", |world| {
        let pointer = "/StackResourceSummaries/0/ResourceStatus";
        world.set("cloudformation:ListStackResources", "", pointer, &json!("UPDATE_FAILED"));
    }),
    ("trail-missing", |world| world.set("cloudtrail:DescribeTrails", "", "/trailList", &json!([]))),
    ("trail-not-logging", |world| world.set("cloudtrail:GetTrailStatus", "", "/IsLogging", &json!(false))),
    ("trail-single-region", |world| {
        world.set("cloudtrail:DescribeTrails", "", "/trailList/0/IsMultiRegionTrail", &json!(false));
    }),
    ("trail-leaves-out-calls", |world| {
        world.set("cloudtrail:GetEventSelectors", "", "/EventSelectors/0/ReadWriteType", &json!("ReadOnly"));
    }),
    ("trail-undelivered", |world| {
        let status = json!({ "IsLogging": true, "LatestDeliveryError": "AccessDenied" });
        world.set("cloudtrail:GetTrailStatus", "", "", &status);
    }),
    ("bus-missing", |world| world.refuse("events:DescribeEventBus", "", "ResourceNotFoundException")),
    ("bus-closed", |world| world.set("events:DescribeEventBus", "", "/Policy", &json!("{}"))),
    ("rule-missing", |world| {
        world.refuse("events:DescribeRule", "central-records", "ResourceNotFoundException");
    }),
    ("rule-disabled", |world| world.set("events:DescribeRule", "heartbeats", "/State", &json!("DISABLED"))),
    ("rule-read-only-off", |world| {
        world.set("events:DescribeRule", "trailpost-records", "/State", &json!("ENABLED"));
    }),
    ("rule-pattern-changed", |world| {
        let pattern = json!(r#"{"source": ["aws.ec2"]}"#);
        world.set("events:DescribeRule", "trailpost-records", "/EventPattern", &pattern);
    }),
    ("rule-target-missing", |world| {
        world.set("events:ListTargetsByRule", "trailpost-urgent", "/Targets", &json!([]));
    }),
    ("global-services-unseen", |world| {
        world.set("events:ListRuleNamesByTarget", "", "/RuleNames", &json!([]));
        without_trail(world);
    }),
    ("queue-missing", |world| {
        world.refuse(
            "sqs:GetQueueAttributes",
            "trailpost-harvests\"",
            "AWS.SimpleQueueService.NonExistentQueue",
        );
    }),
    ("queue-redrive-removed", |world| {
        world.set("sqs:GetQueueAttributes", "trailpost-events\"", "/Attributes/RedrivePolicy", &json!(""));
    }),
    ("dead-letters-waiting", |world| {
        let pointer = "/Attributes/ApproximateNumberOfMessages";
        world.set("sqs:GetQueueAttributes", "events-dead-letters", pointer, &json!("3"));
    }),
    ("queue-closed", |world| {
        world.set("sqs:GetQueueAttributes", "trailpost-events\"", "/Attributes/Policy", &json!("{}"));
    }),
    ("function-missing", |world| {
        world.refuse("lambda:GetFunctionConfiguration", "ScanFunction", "ResourceNotFoundException");
    }),
    ("function-inactive", |world| {
        world.set("lambda:GetFunctionConfiguration", "NotifyFunction", "/State", &json!("Failed"));
    }),
    ("function-changed", |world| {
        world.set("lambda:GetFunctionConfiguration", "DetectFunction", "/Architectures", &json!(["x86_64"]));
    }),
    ("function-switched-off", |world| {
        world.set(
            "lambda:GetFunctionConcurrency",
            "Detect",
            "",
            &json!({ "ReservedConcurrentExecutions": 0 }),
        );
    }),
    ("concurrency-quota-low", |world| {
        world.set(
            "lambda:GetAccountSettings",
            "",
            "/AccountLimit/UnreservedConcurrentExecutions",
            &json!(10),
        );
    }),
    ("event-source-disabled", |world| {
        world.set("lambda:GetEventSourceMapping", "DetectFunctionQueue", "/State", &json!("Disabled"));
    }),
    ("urgent-lane-closed", |world| {
        world.refuse("lambda:GetPolicy", "DetectFunction", "ResourceNotFoundException");
    }),
    ("table-missing", |world| world.refuse("dynamodb:DescribeTable", "ops", "ResourceNotFoundException")),
    ("table-inactive", |world| {
        let status = json!("INACCESSIBLE_ENCRYPTION_CREDENTIALS");
        world.set("dynamodb:DescribeTable", "findings", "/Table/TableStatus", &status);
    }),
    ("table-index-missing", |world| {
        world.set("dynamodb:DescribeTable", "findings", "/Table/GlobalSecondaryIndexes", &json!([]));
    }),
    ("table-stream-off", |world| {
        world.set("dynamodb:DescribeTable", "findings", "/Table/StreamSpecification", &json!(null));
    }),
    ("table-unprotected", |world| {
        world.set("dynamodb:DescribeTable", "states", "/Table/DeletionProtectionEnabled", &json!(false));
    }),
    ("table-backups-off", |world| {
        let pointer =
            "/ContinuousBackupsDescription/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus";
        world.set("dynamodb:DescribeContinuousBackups", "timeline", pointer, &json!("DISABLED"));
    }),
    ("table-expiry-off", |world| {
        let pointer = "/TimeToLiveDescription/TimeToLiveStatus";
        world.set("dynamodb:DescribeTimeToLive", "ops", pointer, &json!("DISABLED"));
    }),
    ("topic-missing", |world| world.refuse("sns:GetTopicAttributes", "AlertsJson", "NotFound")),
    ("subscription-unconfirmed", |world| {
        let pointer = "/Subscriptions/0/SubscriptionArn";
        world.set("sns:ListSubscriptionsByTopic", "AlertsText", pointer, &json!("PendingConfirmation"));
    }),
    ("topic-policy-closed", |world| {
        world.set("sns:GetTopicAttributes", "OpsAlarms", "/Attributes/Policy", &json!("{}"));
    }),
    ("topic-unencrypted", |world| {
        world.set("sns:GetTopicAttributes", "AlertsChat", "/Attributes/KmsMasterKeyId", &json!(null));
    }),
    ("key-unusable", |world| {
        world.set("kms:DescribeKey", "", "/KeyMetadata/KeyState", &json!("PendingDeletion"));
    }),
    ("key-policy-closed", |world| world.set("kms:GetKeyPolicy", "", "/Policy", &json!("{}"))),
    ("schedule-missing", |world| world.refuse("scheduler:GetSchedule", "Sweep", "ResourceNotFoundException")),
    ("schedule-disabled", |world| world.set("scheduler:GetSchedule", "Scans", "/State", &json!("DISABLED"))),
    ("heartbeat-silent", |world| world.set("code:cloudwatch:RecentSum", "", "/Sum", &json!(0.0))),
    ("alarm-missing", |world| {
        world.set("cloudwatch:DescribeAlarms", "", "/MetricAlarms/0/AlarmName", &json!("other"));
    }),
    ("alarm-mute", |world| {
        world.set("cloudwatch:DescribeAlarms", "", "/MetricAlarms/0/ActionsEnabled", &json!(false));
    }),
    ("alarm-ringing", |world| {
        world.set("cloudwatch:DescribeAlarms", "", "/MetricAlarms/0/StateValue", &json!("ALARM"));
    }),
    ("log-group-missing", |world| world.set("logs:DescribeLogGroups", "PlanLogs", "/logGroups", &json!([]))),
    ("log-retention-off", |world| {
        world.set(
            "logs:DescribeLogGroups",
            "ScanLogs",
            "/logGroups/0",
            &json!({ "logGroupName": "trailpost-ScanLogs" }),
        );
    }),
    ("role-missing", |world| world.refuse("iam:GetRole", "NotifyRole", "NoSuchEntity")),
    ("read-role-closed", |world| {
        world.set(
            "iam:GetRole",
            "ScanRole",
            "/Role/Arn",
            &json!("arn:aws:iam::111122223333:role/made-again"),
        );
    }),
    ("read-role-denied", |world| {
        let denied = json!({
            "EvalActionName": "s3:GetBucketPolicy", "EvalDecision": "explicitDeny",
            "OrganizationsDecisionDetail": { "AllowedByOrganizations": false },
        });
        world.set("iam:SimulatePrincipalPolicy", "s3:GetBucketPolicy\"", "/EvaluationResults/0", &denied);
    }),
    ("scan-region-off", |world| {
        world.set("ec2:DescribeRegions", "", "/Regions/1/OptInStatus", &json!("not-opted-in"));
    }),
    ("security-hub-off", |world| world.refuse("securityhub:DescribeHub", "", "InvalidAccessException")),
    ("producer-account-not-enrolled", |world| {
        without_trail(world);
        world.producer().refuse("events:DescribeRule", "", "ResourceNotFoundException");
        world.producer().refuse("events:ListTargetsByRule", "", "ResourceNotFoundException");
    }),
    ("producer-events-undelivered", |world| {
        let pointer = "/Attributes/ApproximateNumberOfMessages";
        world.producer().set("sqs:GetQueueAttributes", "", pointer, &json!("12"));
    }),
    ("producer-fell-silent", |world| {
        world.producer().set("code:cloudwatch:RecentSum", "24", "/Sum", &json!(0.0));
    }),
    ("producer-rule-disabled", |world| {
        world.producer().set("events:DescribeRule", "", "/State", &json!("DISABLED"));
    }),
    ("producer-rule-missing", |world| world.producer().without_rule_in("us-east-1")),
    ("producer-rule-pattern-changed", |world| {
        world.producer().set("events:DescribeRule", "", "/EventPattern", &json!("{}"));
    }),
    ("producer-silent", |world| {
        world.producer().set("code:cloudwatch:RecentSum", "168", "/Sum", &json!(0.0));
    }),
    ("producer-target-elsewhere", |world| {
        let bus = json!("arn:aws:events:eu-central-1:999988887777:event-bus/trailpost");
        world.producer().set("events:ListTargetsByRule", "", "/Targets/0/Arn", &bus);
    }),
    ("producer-target-missing", |world| {
        world.producer().set("events:ListTargetsByRule", "", "/Targets", &json!([]));
    }),
    ("producer-template-outdated", |world| {
        let pointer = "/Stacks/0/Outputs/0/OutputValue";
        world.producer().set("cloudformation:DescribeStacks", "", pointer, &json!("000000000000"));
    }),
    ("producer-trail-not-logging", |world| {
        world.producer().set("cloudtrail:GetTrailStatus", "", "/IsLogging", &json!(false));
    }),
    ("trail-bucket-untold", |world| {
        world.set("s3:GetBucketNotificationConfiguration", "", "/QueueConfigurations", &json!([]));
    }),
];

/// No files of a trail are read, which would have the events of all regions.
fn without_trail(world: &mut World) {
    world.set_parameter("TrailBucket", "");
}

fn look(world: &World) -> Vec<Judged> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let doors = Doors { world: Arc::new(world.clone()), shut: None };
    runtime.block_on(judge(&doors, &subject(), &chosen(&[]).unwrap(), &Wanted::default()))
}

fn with(judged: &[Judged], status: Status) -> Vec<&'static str> {
    judged.iter().filter(|(_, verdict)| verdict.status() == status).map(|(check, _)| check.id).collect()
}

#[test]
fn a_healthy_account_passes_every_check() {
    let judged = look(&World::healthy());
    for (check, verdict) in &judged {
        assert_eq!(verdict.status(), Status::Fine, "{} {verdict:?}", check.id);
    }
    assert_eq!(ending(&judged), Ending::Clean);
}

#[test]
fn each_fault_makes_exactly_its_check_fail() {
    for (id, fault) in FAULTS {
        let mut world = World::healthy();
        fault(&mut world);
        let judged = look(&world);
        assert_eq!(with(&judged, Status::Wrong), [*id]);
        assert_eq!(with(&judged, Status::Unknown), [""; 0], "{id}");
        assert_eq!(ending(&judged), Ending::Findings);
    }
}

#[test]
fn every_check_has_its_fault_and_an_id_of_its_own() {
    let ids: Vec<_> = checks::all().map(|check| check.id).collect();
    let faults: BTreeSet<_> = FAULTS.iter().map(|(id, _)| *id).chain(["stack-missing"]).collect();
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), faults);
    assert_eq!(ids.len(), faults.len());
}

#[test]
fn before_the_first_deployment_only_the_account_is_looked_at() {
    let mut world = World::healthy();
    world.refuse("cloudformation:DescribeStacks", "", "ValidationError");
    world.refuse("cloudformation:ListStackResources", "", "ValidationError");
    let judged = look(&world);
    assert_eq!(with(&judged, Status::Wrong), ["stack-missing"]);
    assert_eq!(with(&judged, Status::Unknown), [""; 0]);
    let fine = with(&judged, Status::Fine);
    assert!(fine.contains(&"trail-not-logging") && fine.contains(&"concurrency-quota-low"), "{fine:?}");
}

#[test]
fn what_a_permission_denies_is_unknown_by_its_action_and_never_fine() {
    let calls = [
        ("cloudtrail:GetTrailStatus", "trail-not-logging"),
        ("events:DescribeRule", "rule-disabled"),
        ("sqs:GetQueueAttributes", "dead-letters-waiting"),
        ("lambda:GetFunctionConfiguration", "function-inactive"),
        ("dynamodb:DescribeTable", "table-inactive"),
        ("cloudwatch:DescribeAlarms", "alarm-ringing"),
        ("code:cloudwatch:RecentSum", "heartbeat-silent"),
    ];
    for (call, id) in calls {
        let mut world = World::healthy();
        world.refuse(call, "", "AccessDenied");
        let judged = look(&world);
        assert_eq!(with(&judged, Status::Wrong), [""; 0], "{call}");
        let (_, verdict) = judged.iter().find(|(check, _)| check.id == id).unwrap();
        assert_eq!(verdict.status(), Status::Unknown, "{call}");
        let action = call.trim_start_matches("code:").replace("RecentSum", "GetMetricStatistics");
        assert!(format!("{:?}", verdict.unknown).contains(&action), "{verdict:?}");
        assert_eq!(ending(&judged), Ending::Incomplete);
    }
}

#[test]
fn a_stack_whose_resources_cannot_be_listed_is_in_order_nowhere() {
    let mut world = World::healthy();
    world.refuse("cloudformation:ListStackResources", "", "AccessDenied");
    let judged = look(&world);
    let mut apart = vec![
        "clock-skewed",
        "stack-missing",
        "stack-failed",
        "stack-template-outdated",
        "trail-missing",
        "trail-not-logging",
        "trail-single-region",
        "trail-leaves-out-calls",
        "trail-undelivered",
        "global-services-unseen",
        "concurrency-quota-low",
        "scan-region-off",
        "security-hub-off",
    ];
    apart.extend(checks::producers::checks().iter().map(|check| check.id));
    assert_eq!(with(&judged, Status::Fine), apart);
    assert_eq!(with(&judged, Status::Unknown).len(), judged.len() - apart.len());
    assert_eq!(with(&judged, Status::Idle), [""; 0]);
}

#[test]
fn a_rule_elsewhere_does_not_stand_for_one_in_the_home_region() {
    let mut world = World::healthy();
    without_trail(&mut world);
    world.set("events:DescribeRule", "trailpost-producer", "/State", &json!("DISABLED"));
    assert_eq!(with(&look(&world), Status::Wrong), ["global-services-unseen"]);
    let mut world = World::healthy();
    world.set(
        "events:ListTargetsByRule",
        "trailpost-records",
        "/Targets/0/Arn",
        &json!(arn("sqs", "elsewhere")),
    );
    assert_eq!(with(&look(&world), Status::Wrong), ["rule-target-missing"]);
}

fn shut(world: &World, code: &str) -> Vec<Judged> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = ReadError { cause: Cause::Denied, code: code.into(), message: "AccessDenied".into() };
    let doors = Doors { world: Arc::new(world.clone()), shut: Some(error) };
    runtime.block_on(judge(&doors, &subject(), &chosen(&[]).unwrap(), &Wanted::default()))
}

#[test]
fn a_producer_that_nobody_may_enter_is_unknown_and_not_fine() {
    for (code, told) in [("NoCredentials", "may not be assumed by you"), ("Timeout", "cannot be looked at")] {
        let judged = shut(&World::healthy(), code);
        let about: Vec<_> = checks::producers::checks().iter().map(|check| check.id).collect();
        assert_eq!(with(&judged, Status::Unknown), about);
        let (_, verdict) = judged.iter().find(|(check, _)| check.id == "producer-rule-disabled").unwrap();
        let reason = format!("{:?}", verdict.unknown);
        assert!(reason.contains(told) && reason.contains(PRODUCER), "{reason}");
        assert_eq!(ending(&judged), Ending::Incomplete);
    }
}

#[test]
fn each_defect_of_a_producer_is_a_line_with_its_place_and_its_command() {
    let mut world = World::healthy();
    world.producer().set("events:DescribeRule", "", "/State", &json!("DISABLED"));
    let cli = Cli::parse_from(["trailpost", "deploy", "doctor"]);
    let Command::Deploy(DeployCommand::Doctor(args)) = cli.command else { panic!("it is another command") };
    let mut shown = Vec::new();
    show::write(&mut shown, &subject(), &look(&world), &args).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    insta::assert_snapshot!(shown, @r"
    wrong    producer-rule-disabled  222233334444: the rule trailpost-producer is disabled in eu-central-1: no event is sent
             fix: aws events enable-rule --name trailpost-producer --region eu-central-1
    wrong    producer-rule-disabled  222233334444: the rule trailpost-producer is disabled in us-east-1: no event is sent
             fix: aws events enable-rule --name trailpost-producer --region us-east-1
    trailpost in eu-central-1 of account 111122223333: 1 wrong, 0 unknown, 66 ok, 0 do not apply
    ");
}

#[test]
fn without_other_accounts_and_without_a_stack_there_are_no_producers_to_look_at() {
    let mut alone = World::healthy();
    alone.set_parameter("ScanAccounts", "");
    let mut before = World::healthy();
    before.refuse("cloudformation:DescribeStacks", "", "ValidationError");
    for world in [alone, before] {
        let judged = shut(&world, "NoCredentials");
        let idle = with(&judged, Status::Idle);
        assert!(checks::producers::checks().iter().all(|check| idle.contains(&check.id)), "{idle:?}");
    }
}

#[test]
fn the_accounts_of_an_organization_are_looked_at_but_for_the_own_one() {
    let mut world = World::healthy();
    world.set_parameter("ScanAccounts", "organization");
    world.producer().set("events:DescribeRule", "", "/State", &json!("DISABLED"));
    assert_eq!(with(&look(&world), Status::Wrong), ["producer-rule-disabled"]);
}

#[test]
fn where_no_signature_is_taken_the_clock_is_what_is_wrong() {
    let error = ReadError {
        cause: Cause::Denied,
        code: "SignatureDoesNotMatch".into(),
        message: "Signature expired".into(),
    };
    for (ahead, told) in [
        (Some(-400), "is 400 s behind that of AWS"),
        (Some(700), "700 s ahead of"),
        (None, "whose clock is off"),
    ] {
        let judged = unsigned(&chosen(&[]).unwrap(), &SetupError::Clock { ahead, error: error.clone() });
        assert_eq!(with(&judged, Status::Wrong), ["clock-skewed"]);
        assert_eq!(with(&judged, Status::Unknown).len(), judged.len() - 1);
        let (_, verdict) = &judged[0];
        assert!(format!("{:?}", verdict.wrong).contains(told), "{verdict:?}");
    }
}
