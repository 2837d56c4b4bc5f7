"""`trailpost producers`: the template, deployed on the emulator, is healthy; each thing that somebody undoes is found."""

import datetime
import subprocess

import pytest

import account
from gate import Gate
from reader import ROOT
from test_accounts import KEYS, ONE, OWN, TWO, Ran, command, connect  # noqa: F401  `command` is a fixture

BUS = f"arn:aws:events:us-east-1:{OWN}:event-bus/trailpost"
RULE = "trailpost-producer"
HOME = ("--region", "us-east-1")


@pytest.fixture
def emulator():
    with account.running() as endpoint:
        yield endpoint


@pytest.fixture
def producers(command, emulator, tmp_path):  # noqa: F811
    def run(verb, *arguments, **environment):
        given = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": emulator}
        line = [command, "producers", verb, *arguments, "--store", f"sqlite:{tmp_path}/s.db"]
        return subprocess.run(line, env=given | KEYS | environment, cwd=tmp_path, text=True, capture_output=True, timeout=300)

    return run


@pytest.fixture
def check(producers):
    return lambda *arguments, **environment: Ran(producers("check", "-o", "ndjson", *arguments, **environment))


def found(ran):
    return sorted((row["check"], row["region"]) for row in ran.rows if row["status"] == "finding")


@pytest.fixture
def producer(emulator):
    """An account whose stack somebody deployed by hand, with a trail."""
    client = connect(emulator, ONE)
    given = {"CentralBus": BUS, "ConsumerAccount": OWN}
    client("cloudformation").create_stack(
        StackName="trailpost-producer", TemplateBody=(ROOT / "templates/producer.yaml").read_text(), Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    client("s3").create_bucket(Bucket="trail")
    client("cloudtrail").create_trail(Name="main", S3BucketName="trail", IsMultiRegionTrail=True)
    client("cloudtrail").start_logging(Name="main")
    return client


WAY_IN = ("--account", ONE, "--role", "reader")


def test_an_account_without_a_producer_is_told_once_and_not_by_a_plain_scan(check, command, emulator, tmp_path):  # noqa: F811
    ran = check("--account", TWO, "--role", "reader")
    assert found(ran) == [("producer-account-not-enrolled", "us-east-1")], ran
    assert ran.code == 1
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_ENDPOINT_URL": emulator} | KEYS
    line = [command, "scan", "--all", *HOME, "--service", "events", "--store", f"sqlite:{tmp_path}/t.db", "-o", "ndjson"]
    scan = Ran(subprocess.run(line, env=environment, text=True, capture_output=True, timeout=300))
    assert scan.rows, scan
    assert not [row for row in scan.rows if row["check"].startswith("producer-")], scan


def test_the_template_is_healthy_and_a_region_without_it_is_not(producer, check):
    home = check(*WAY_IN, *HOME, "--all")
    assert (home.code, found(home)) == (0, []), home
    assert len({row["check"] for row in home.rows if row["status"] == "clean"}) == 11, home
    both = check(*WAY_IN, *HOME, "--region", "eu-west-1")
    assert found(both) == [("producer-rule-missing", "eu-west-1")], both


def disabled(client):
    client("events").disable_rule(Name=RULE)


def narrowed(client):
    client("events").put_rule(Name=RULE, EventPattern='{"source": ["aws.ec2"]}', State="ENABLED")


def untargeted(client):
    client("events").remove_targets(Rule=RULE, Ids=["consumer"])


def stopped(client):
    client("cloudtrail").stop_logging(Name="main")


def undelivered(client):
    queue = client("sqs").get_queue_url(QueueName="trailpost-producer-dead-letters")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody="{}")


def older(client):
    text = (ROOT / "templates/producer.yaml").read_text()
    digest = next(line for line in text.splitlines() if "<digest>" in line).split('"')[1]
    client("cloudformation").update_stack(
        StackName="trailpost-producer", TemplateBody=text.replace(digest, "000000000000"), Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in {"CentralBus": BUS, "ConsumerAccount": OWN}.items()],
    )


UNDONE = {
    "producer-rule-disabled": disabled,
    "producer-rule-pattern-changed": narrowed,
    "producer-target-missing": untargeted,
    "producer-trail-not-logging": stopped,
    "producer-events-undelivered": undelivered,
    "producer-template-outdated": older,
}


@pytest.mark.parametrize("name", UNDONE)
def test_what_somebody_undoes_is_found(name, producer, check):
    assert check(*WAY_IN, *HOME).code == 0
    UNDONE[name](producer)
    ran = check(*WAY_IN, *HOME)
    assert (ran.code, found(ran)) == (1, [(name, "us-east-1")]), ran


def test_what_is_mended_is_resolved(producer, check):
    producer("events").disable_rule(Name=RULE)
    assert found(check(*WAY_IN, *HOME)) == [("producer-rule-disabled", "us-east-1")]
    producer("events").enable_rule(Name=RULE)
    ran = check(*WAY_IN, *HOME)
    assert (ran.code, ran.rows) == (0, []), ran
    assert "1 resolved" in ran.err


def test_a_role_that_is_refused_is_a_finding_and_nothing_else_is_said(producer, emulator, check):
    with Gate(emulator) as gate:
        gate.closed = {ONE}
        ran = check(*WAY_IN, "--all", AWS_ENDPOINT_URL=gate.url)
    assert found(ran) == [("producer-read-role-refused", "us-east-1")], ran
    others = {row["check"]: row["status"] for row in ran.rows if row["check"] != "producer-read-role-refused"}
    assert set(others.values()) == {"unknown"} and len(others) == 10, ran


WHERE = (*WAY_IN, "--region", "us-east-1", "--region", "eu-west-1")


def told(process):
    """Account, region and what became of it, of each line."""
    return [tuple(line.split()[:3]) for line in process.stdout.splitlines()]


def test_a_producer_is_added_once_listed_and_removed(emulator, producers, check):
    dry = producers("add", *WHERE, "--central-bus", BUS, "--dry-run")
    assert [line[2] for line in told(dry)] == ["would", "would"], dry
    assert "cloudformation:CreateStack StackName=trailpost-producer" in dry.stdout
    assert told(producers("list", *WHERE)) == [], "nothing was made"

    added = producers("add", *WHERE, "--central-bus", BUS, "--read-external-id", "word")
    assert told(added) == [(ONE, "us-east-1", "created"), (ONE, "eu-west-1", "created")], added
    assert added.returncode == 0
    assert told(producers("add", *WHERE)) == [(ONE, "us-east-1", "unchanged"), (ONE, "eu-west-1", "unchanged")]
    (stack,) = connect(emulator, ONE)("cloudformation").describe_stacks(StackName="trailpost-producer")["Stacks"]
    assert {"ParameterKey": "ExternalId", "ParameterValue": "word"} in stack["Parameters"]
    assert found(check(*WHERE)) == [("producer-trail-not-logging", region) for region in ("eu-west-1", "us-east-1")]

    rows = [line[:3] for line in told(producers("list", *WHERE))]
    assert sorted(rows) == [(ONE, "eu-west-1", "current"), (ONE, "us-east-1", "current")]
    removed = producers("remove", *WAY_IN, "--region", "us-east-1", "--region", "eu-west-1")
    assert told(removed) == [(ONE, "eu-west-1", "removed"), (ONE, "us-east-1", "removed")], removed
    assert found(check(*WHERE)) == [("producer-account-not-enrolled", "us-east-1")]


def test_an_older_producer_is_outdated_and_its_update_keeps_what_was_set(producer, producers):
    older(producer)
    lately = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=9)
    count = {"MetricName": "Invocations", "Dimensions": [{"Name": "RuleName", "Value": RULE}], "Timestamp": lately, "Value": 7.0}
    producer("cloudwatch").put_metric_data(Namespace="AWS/Events", MetricData=[count])
    listed = producers("list", *WAY_IN, *HOME)
    assert told(listed) == [(ONE, "us-east-1", "outdated")], listed
    assert BUS in listed.stdout and "7 events in the last hour, 7 in the last week" in listed.stdout
    # The emulator fails at updates of stacks with roles, so that it is only said what would be called.
    update = producers("add", *WAY_IN, *HOME, "--read-external-id", "word", "--dry-run").stdout
    assert "cloudformation:UpdateStack StackName=trailpost-producer TemplateBody=templates/producer.yaml" in update
    for name, value in {"CentralBus": BUS, "ExternalId": "word", "RoleName": "trailpost-read"}.items():
        number = update.split(f".ParameterKey={name} ")[0].rpartition(".")[2]
        assert f"Parameters.member.{number}.ParameterKey={name} Parameters.member.{number}.ParameterValue={value}" in update, name


def test_with_iam_of_ones_own_no_role_is_made_and_their_policies_are_printed(emulator, producers):
    own = ("--manual-iam", "--forwarder-role", "ops/forward", "--read-role", "reader")
    added = producers("add", *WAY_IN, *HOME, "--central-bus", BUS, *own)
    assert added.returncode == 0, added
    for line in ('"Action": "events:PutEvents"', f'"Resource": "{BUS}"', f"arn:aws:iam::{OWN}:role/trailpost-*", '"Effect": "Deny"'):
        assert line in added.stdout, line
    client = connect(emulator, ONE)
    assert client("iam").list_roles()["Roles"] == []
    (target,) = client("events").list_targets_by_rule(Rule=RULE)["Targets"]
    assert target["RoleArn"] == f"arn:aws:iam::{ONE}:role/ops/forward"


def test_an_organization_gets_a_stack_set(emulator, producers):
    client = connect(emulator, OWN)
    client("organizations").create_organization(FeatureSet="ALL")
    root = client("organizations").list_roots()["Roots"][0]["Id"]
    made = client("organizations").create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"]["AccountId"]
    whole = ("--organizational-unit", root, *HOME, "--region", "eu-west-1")
    dry = producers("add", *whole, "--central-bus", BUS, "--dry-run")
    assert "PermissionModel=SERVICE_MANAGED" in dry.stdout and "RegionOrder.member.1=us-east-1" in dry.stdout, dry
    added = producers("add", *whole, "--central-bus", BUS)
    assert [line[2] for line in told(added)] == ["created", "deployed"], added
    sets = client("cloudformation").list_stack_sets()["Summaries"]
    assert [stack_set["StackSetName"] for stack_set in sets] == ["trailpost-producer"]
    instances = client("cloudformation").list_stack_instances(StackSetName="trailpost-producer")["Summaries"]
    assert {(one["Account"], one["Region"]) for one in instances} >= {(made, "us-east-1"), (made, "eu-west-1")}
    again = producers("add", *whole)
    assert [line[2] for line in told(again)][0] == "unchanged", again
    # The emulator takes no units away from a stack set, so that it is only said what would be.
    removed = producers("remove", *whole, "--dry-run").stdout
    assert f"DeleteStackInstances StackSetName=trailpost-producer CallAs=SELF DeploymentTargets.OrganizationalUnitIds.member.1={root}" in removed
    assert "RetainStacks=false" in removed and "cloudformation:DeleteStackSet " in removed


@pytest.mark.parametrize(
    "arguments, remedy",
    [
        (("--central-bus", "trailpost"), "take the output CentralBusArn"),
        (("--manual-iam", "--forwarder-role", "f", "--read-role", "r"), "--manual-iam needs --central-bus"),
        (("--organizational-unit", "r-ab12", "--central-bus", BUS), "name the regions with --region"),
        (("--manual-iam",), "--forwarder-role"),
    ],
)
def test_what_is_missing_is_said(arguments, remedy, producers):
    ran = producers("add", *arguments)
    assert (ran.returncode, ran.stdout) == (3, ""), ran
    assert remedy in ran.stderr
