"""`trailpost producers` where stacks can be updated."""

import json

import boto3

from cloud import ACCOUNT, MEMBER, ROOT

PLACE = "eu-west-1"
NAME = "trailpost-producer"
TEMPLATE = (ROOT / "templates/producer.yaml").read_text()


def test_an_upgrade_brings_the_rule_of_this_version_and_keeps_what_was_set(cloud, trailpost):  # noqa: F811
    def connect(service):
        return boto3.client(
            service, endpoint_url=cloud.endpoint, region_name=PLACE, aws_access_key_id=MEMBER, aws_secret_access_key="emulator"
        )

    def listed():
        (line,) = trailpost(cloud, "producers", "list", "--region", PLACE, "--json", account=MEMBER).stdout.splitlines()
        return json.loads(line)

    stacks, events = connect("cloudformation"), connect("events")
    digest = next(line for line in TEMPLATE.splitlines() if "<digest>" in line).split('"')[1]
    older = TEMPLATE.replace(digest, "000000000000").replace("- UploadLayerPart\n", "- UploadLayerPart\n                - CreateUser\n")
    given = {"CentralBus": cloud.outputs["CentralBusArn"], "ConsumerAccount": ACCOUNT, "ManageIam": "false", "ExternalId": "word", "HomeRegion": PLACE}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    stacks.create_stack(StackName=NAME, TemplateBody=older, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert "CreateUser" in events.describe_rule(Name=NAME)["EventPattern"]
    assert listed()["template"] == "outdated"

    add = ("producers", "add", "--region", PLACE, "--home-region", PLACE)
    added = trailpost(cloud, *add, account=MEMBER)

    assert (added.returncode, added.stdout.split()[2]) == (0, "updated"), added
    assert "CreateUser" not in events.describe_rule(Name=NAME)["EventPattern"]
    row = listed()
    assert (row["template"], row["status"], row["central_bus"]) == ("current", "UPDATE_COMPLETE", given["CentralBus"])
    kept = {one["ParameterKey"]: one["ParameterValue"] for one in stacks.describe_stacks(StackName=NAME)["Stacks"][0]["Parameters"]}
    assert given.items() <= kept.items()
    again = trailpost(cloud, *add, account=MEMBER)
    assert again.stdout.split()[2] == "unchanged", again
