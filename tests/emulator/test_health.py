"""HEALTH: a heartbeat that comes back, and a producer in another account that somebody switches off."""

import json

import boto3

from cloud import ACCOUNT, MEMBER, REGION, ROOT, STACK, eventually
from test_mutes import trailpost  # noqa: F401  a fixture
from test_scan import finding_about

ELSEWHERE = "us-east-1"
RULE = "trailpost-producer"
ARN = f"arn:aws:events:{ELSEWHERE}:{MEMBER}:{RULE}"


def put_aside(cloud):
    return {item["pk"] for item in cloud.items("ops") if item["pk"].startswith("Q#")}


def heartbeats(cloud):
    return sum('"Heartbeat":1' in line for line in cloud.logged())


def test_a_heartbeat_takes_the_way_of_all_events(cloud):
    before, aside = heartbeats(cloud), put_aside(cloud)

    looked = cloud.invoke({}, "HealthFunctionName")

    assert looked["accounts"] == 0, "the functions' own account needs no producer"
    eventually(lambda: heartbeats(cloud) > before, "a heartbeat is counted")
    assert put_aside(cloud) == aside, "it is no record, and no damaged one"


def test_a_producer_that_is_switched_off_is_a_finding_until_it_is_on_again(cloud, trailpost):  # noqa: F811
    def connect(service, region=ELSEWHERE):
        return boto3.client(
            service, endpoint_url=cloud.endpoint, region_name=region, aws_access_key_id=MEMBER, aws_secret_access_key="emulator"
        )

    # The way in is made by hand, as docs/accounts.md has it.
    iam = connect("iam")
    statement = lambda **parts: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | parts]})
    trust = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="sts:AssumeRole")
    iam.create_role(RoleName="trailpost-read", AssumeRolePolicyDocument=trust)
    services = ("cloudformation", "cloudtrail", "cloudwatch", "ec2", "events", "sqs")
    reading = [f"{service}:{verb}*" for service in services for verb in ("Describe", "Get", "List")]
    iam.put_role_policy(RoleName="trailpost-read", PolicyName="read", PolicyDocument=statement(Action=reading, Resource="*"))
    given = {"CentralBus": cloud.outputs["CentralBusArn"], "ConsumerAccount": ACCOUNT, "ManageIam": "false"}
    stacks = connect("cloudformation")
    stacks.create_stack(
        StackName=RULE,
        TemplateBody=(ROOT / "templates/producer.yaml").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    events = connect("events")
    stacks.get_waiter("stack_create_complete").wait(StackName=RULE, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def probe():
        with cloud.environment("HealthFunctionName", TRAILPOST_SCAN_ACCOUNTS=MEMBER, TRAILPOST_SCAN_REGIONS=f"{REGION},{ELSEWHERE}"):
            return cloud.invoke({}, "HealthFunctionName")

    looked = probe()
    assert looked["accounts"] == 1, looked
    assert not finding_about(cloud, ARN, "producer-rule-disabled")

    events.disable_rule(Name=RULE)
    assert probe()["new"] == 1
    head = finding_about(cloud, ARN, "producer-rule-disabled")
    assert (head["status"], head["account"], head["region"]) == ("open", MEMBER, ELSEWHERE)
    alert = cloud.alert("text", {"id": head["pk"].removeprefix("F#")})
    assert MEMBER in alert.body and ELSEWHERE in alert.body

    events.enable_rule(Name=RULE)
    assert probe()["resolved"] == 1
    assert finding_about(cloud, ARN, "producer-rule-disabled")["status"] == "resolved"

    # The doctor looks where the stack scans, which is another region: nobody has the rule there, until it is made.
    def doctor(*arguments):
        line = ("deploy", "doctor", "--stack", STACK, "--format", "json", "--account", MEMBER, *arguments)
        told = json.loads(trailpost(cloud, *line).stdout)
        return {check["id"]: check for check in told["checks"] if check["id"].startswith("producer-")}

    missing = doctor()["producer-rule-missing"]
    assert missing["wrong"] == [f"{MEMBER}: region {REGION} of account {MEMBER} has no rule {RULE}, while other regions have"]
    assert missing["fixes"][0].startswith(f"trailpost producers add --region {REGION} --central-bus "), missing
    events = connect("events", REGION)
    target = {"Id": "consumer", "Arn": cloud.outputs["CentralBusArn"], "RoleArn": f"arn:aws:iam::{MEMBER}:role/trailpost-forward"}
    events.put_rule(Name=RULE, EventPattern='{"source": [{"prefix": "aws."}]}', State="DISABLED")
    events.put_targets(Rule=RULE, Targets=[target])
    checks = doctor()
    off = checks["producer-rule-disabled"]
    assert off["wrong"] == [f"{MEMBER}: the rule {RULE} is disabled in {REGION}: no event is sent"]
    assert off["fixes"] == [f"aws events enable-rule --name {RULE} --region {REGION}"]
    assert checks["producer-target-missing"]["status"] == checks["producer-target-elsewhere"]["status"] == "ok"
    events.put_targets(Rule=RULE, Targets=[target | {"Arn": target["Arn"] + "-of-somebody"}])
    assert doctor()["producer-target-elsewhere"]["status"] == "wrong"
    refused = doctor("--role", "nobody-made-it")
    assert {check["status"] for check in refused.values()} == {"unknown"}
    assert "nobody-made-it" in refused["producer-rule-disabled"]["unknown"][0]
    events.remove_targets(Rule=RULE, Ids=["consumer"])
    events.delete_rule(Name=RULE)
