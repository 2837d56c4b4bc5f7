"""`trailpost deploy`: what the doctor says of the deployed stack and of what somebody undoes, and a test that goes through it."""

import contextlib
import json
import subprocess

import pytest

from cloud import ACCOUNT, REGION, ROOT, STACK, eventually


@pytest.fixture(scope="session")
def command():
    subprocess.run(["cargo", "build", "--locked", "--quiet", "-p", "trailpost", "--features", "dynamodb"], cwd=ROOT, check=True)
    return ROOT / "target/debug/trailpost"


@pytest.fixture
def deploy(command, cloud, tmp_path):
    def run(verb, *arguments, key=ACCOUNT, secret="emulator"):
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": REGION,
        }
        line = [command, "deploy", verb, "--stack", STACK, *arguments]
        return subprocess.run(line, env=environment, text=True, capture_output=True, timeout=300)

    return run


# What the emulator does not do of the template, or has no time for. That the doctor says so is what is to be expected.
EMULATOR = {"table-backups-off", "topic-unencrypted", "heartbeat-silent"}


@pytest.fixture(scope="session")
def whole(cloud):
    """What CloudFormation would have made on AWS, and a trail."""
    for table in ("findings", "states", "timeline", "ops"):
        expiry = {"Enabled": True, "AttributeName": "ttl"}
        cloud.dynamodb.update_time_to_live(TableName=f"{STACK}-{table}", TimeToLiveSpecification=expiry)
    cloud.s3.create_bucket(Bucket="trail-of-the-account", CreateBucketConfiguration={"LocationConstraint": REGION})
    trails = cloud.client("cloudtrail")
    trails.create_trail(Name="main", S3BucketName="trail-of-the-account", IsMultiRegionTrail=True)
    trails.start_logging(Name="main")
    return trails


@pytest.fixture
def doctor(deploy, whole):
    def run(*arguments, **given):
        ran = deploy("doctor", "--format", "json", *arguments, **given)
        checks = {check["id"]: check for check in json.loads(ran.stdout)["checks"]} if ran.stdout else {}
        return ran, checks

    return run


def wrong(checks):
    return {name for name, check in checks.items() if check["status"] == "wrong"} - EMULATOR


def test_what_was_deployed_is_in_order(doctor):
    ran, checks = doctor()
    assert wrong(checks) == set(), ran.stdout
    assert [check for check in checks.values() if check["status"] == "unknown"] == []
    assert sum(check["status"] == "ok" for check in checks.values()) >= 40


def test_a_screen_says_what_is_wrong_and_the_fix(deploy, whole):
    ran = deploy("doctor")
    assert ran.returncode == 1 and len(ran.stdout.splitlines()) <= 24, ran
    assert "heartbeat-silent" in ran.stdout and "fix: a new stack has one after 15 minutes" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith(f"{STACK} in {REGION} of account {ACCOUNT}: ")


@contextlib.contextmanager
def disabled(cloud):
    cloud.events.disable_rule(Name=f"{STACK}-records")
    yield
    cloud.events.enable_rule(Name=f"{STACK}-records")


@contextlib.contextmanager
def narrowed(cloud):
    rule = cloud.events.describe_rule(Name=f"{STACK}-heartbeats", EventBusName=STACK)
    given = {"Name": rule["Name"], "EventBusName": STACK}
    cloud.events.put_rule(**given, EventPattern='{"source": ["aws.ec2"]}')
    yield
    cloud.events.put_rule(**given, EventPattern=rule["EventPattern"])


@contextlib.contextmanager
def untargeted(cloud):
    targets = cloud.events.list_targets_by_rule(Rule=f"{STACK}-urgent")["Targets"]
    cloud.events.remove_targets(Rule=f"{STACK}-urgent", Ids=[target["Id"] for target in targets])
    yield
    cloud.events.put_targets(Rule=f"{STACK}-urgent", Targets=targets)


@contextlib.contextmanager
def asleep(cloud):
    with cloud.without_stream():
        yield


@contextlib.contextmanager
def reserved(cloud):
    name = cloud.outputs["NotifyFunctionName"]
    cloud.function.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    yield
    cloud.function.delete_function_concurrency(FunctionName=name)


@contextlib.contextmanager
def dead(cloud):
    url = cloud.queue_url("plan-failures")
    cloud.sqs.send_message(QueueUrl=url, MessageBody="{}")
    yield
    cloud.sqs.purge_queue(QueueUrl=url)


@contextlib.contextmanager
def endless(cloud):
    name = cloud.outputs["DetectFunctionName"]
    group = cloud.function.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    cloud.logs.delete_retention_policy(logGroupName=group)
    yield
    cloud.logs.put_retention_policy(logGroupName=group, retentionInDays=30)


@contextlib.contextmanager
def unprotected(cloud):
    cloud.dynamodb.update_table(TableName=f"{STACK}-ops", DeletionProtectionEnabled=False)
    yield
    cloud.dynamodb.update_table(TableName=f"{STACK}-ops", DeletionProtectionEnabled=True)


@contextlib.contextmanager
def muted(cloud):
    alarms = cloud.client("cloudwatch")
    name = next(alarm["AlarmName"] for alarm in alarms.describe_alarms(AlarmNamePrefix=STACK)["MetricAlarms"])
    alarms.disable_alarm_actions(AlarmNames=[name])
    yield
    alarms.enable_alarm_actions(AlarmNames=[name])


@contextlib.contextmanager
def stopped(cloud):
    cloud.client("cloudtrail").stop_logging(Name="main")
    yield
    cloud.client("cloudtrail").start_logging(Name="main")


UNDONE = {
    "rule-disabled": disabled,
    "rule-pattern-changed": narrowed,
    "rule-target-missing": untargeted,
    "event-source-disabled": asleep,
    "function-switched-off": reserved,
    "dead-letters-waiting": dead,
    "log-retention-off": endless,
    "table-unprotected": unprotected,
    "alarm-mute": muted,
    "trail-not-logging": stopped,
}


@pytest.mark.parametrize("name", UNDONE)
def test_what_somebody_undoes_is_found(name, cloud, doctor):
    with UNDONE[name](cloud):
        ran, checks = doctor()
    assert (ran.returncode, wrong(checks)) == (1, {name}), ran.stdout


def test_without_permissions_nothing_is_in_order_and_the_actions_are_named(cloud, doctor):
    user = cloud.iam.create_user(UserName="nobody")["User"]["UserName"]
    key = cloud.iam.create_access_key(UserName=user)["AccessKey"]
    ran, checks = doctor(key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert ran.returncode == 2, ran
    assert checks.pop("clock-skewed")["status"] == "ok", "a refusal says what time it is, too"
    assert {check["status"] for check in checks.values()} == {"unknown"}, ran.stdout
    assert any("cloudformation:DescribeStacks is denied" in reason for reason in checks["stack-missing"]["unknown"])


def test_a_stack_that_is_not_there_is_one_thing_wrong(command, cloud, whole, deploy):
    ran = deploy("doctor", "--region", "eu-west-1", "--check", "stack-missing", "--check", "rule-missing")
    assert ran.returncode == 1 and "no stack trailpost in eu-west-1" in ran.stdout, ran
    assert ran.stdout.splitlines()[-1].endswith("1 wrong, 0 unknown, 0 ok, 1 do not apply")


def left_over(cloud):
    return [item for item in cloud.items("findings") if item.get("rule", "").startswith("trailpost-deployment-tested")]


def test_a_test_goes_all_the_way_and_leaves_nothing(cloud, deploy):
    ran = deploy("test", "--wait", "60")
    assert ran.returncode == 0, ran
    for hop in ("the central bus took the event", "DETECT judged it", "the channel text took the alert", "the channel json took the alert"):
        assert hop in ran.stdout, ran.stdout
    assert left_over(cloud) == []
    eventually(lambda: cloud.heard("text", {"id": "trailpost-deployment-tested-medium"}) or cloud.alerts["text"], "an alert")
    said = [alert for alert in cloud.alerts["text"] if "trailpost-deployment-tested-medium" in str(alert)]
    assert len(said) == 1 and "[MEDIUM] A test of the deployment" in said[0].subject


def test_a_test_that_detect_does_not_hear_of_is_no_success(cloud, deploy):
    with narrowed(cloud):
        ran = deploy("test", "--wait", "3")
    assert ran.returncode == 1 and "no finding within 3 s" in ran.stdout, ran
    assert "came through" not in ran.stdout


def test_a_test_that_nobody_is_told_of_is_no_success_and_leaves_nothing(cloud, deploy):
    with cloud.without_stream():
        ran = deploy("test", "--wait", "6")
    assert ran.returncode == 1 and "not delivered within 6 s" in ran.stdout, ran
    assert "DETECT judged it" in ran.stdout and "came through" not in ran.stdout
    assert left_over(cloud) == []


def test_a_test_without_permission_says_which(cloud, deploy):
    cloud.iam.create_user(UserName="tester")
    statement = {"Effect": "Allow", "Action": ["cloudformation:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.iam.put_user_policy(UserName="tester", PolicyName="some", PolicyDocument=policy)
    key = cloud.iam.create_access_key(UserName="tester")["AccessKey"]
    ran = deploy("test", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert ran.returncode == 2 and "the central bus did not take the event" in ran.stdout, ran
