"""The deployed stack as the tests see it: what they send in, and what comes out."""

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import uuid
import zlib

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT, MEMBER = "111122223333", "444455556666"
REGION = "eu-central-1"
STACK = "trailpost"
# The emulator runs the functions on this machine.
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
ORGANIZATION = "o-a1b2c3d4e5"
TRAIL = "trail-of-the-organization"


def eventually(look, what, seconds=60):
    """The first true value of `look`, which is asked again until the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)
    return value


def sample(name):
    """A sample input of DETECT with an event id of its own, of now."""
    event = json.loads((ROOT / f"events/detect/{name}.json").read_text())
    event["detail"]["eventID"] = str(uuid.uuid4())
    event["detail"]["eventTime"] = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return event


def stop_logging(trail=None, name="api-call", account=ACCOUNT):
    """A call that stops a trail; of another trail each time, so that it opens a finding of its own."""
    event = sample(name)
    text = json.dumps(event).replace(ACCOUNT, account)
    event = json.loads(text)
    event["detail"]["requestParameters"]["name"] = trail or f"trail-{uuid.uuid4().hex[:12]}"
    return event


def document(item):
    """The document of an item, which is deflated where it is long."""
    return json.loads(zlib.decompress(item["deflated"], -15) if "deflated" in item else item["doc"])


def id_of(event):
    return event["detail"]["eventID"]


@dataclasses.dataclass
class Alert:
    subject: str
    body: str
    attributes: dict


class Cloud:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.outputs = {}
        self.alerts = {"text": [], "json": [], "chat": [], "events": []}
        for service in ("cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "s3", "sns", "sqs"):
            setattr(self, "function" if service == "lambda" else service, self.client(service))

    def client(self, service, account=ACCOUNT):
        # The emulator takes an access key of twelve digits for the root user of that account.
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=account,
            aws_secret_access_key="emulator",
            config=Config(retries={"max_attempts": 2}),
        )

    # -- deployment

    def deploy(self, template=None, architecture=ARCHITECTURE):
        """Deploys what `sam build` made, or what a template of a package names."""
        built = [] if template is None else ["--template-file", template]
        self.s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
        result = subprocess.run(
            [
                *(pathlib.Path(sys.executable).parent / "sam", "deploy", *built),
                *("--stack-name", STACK, "--s3-bucket", "artifacts", "--no-resolve-s3", "--no-confirm-changeset"),
                *("--no-progressbar", "--parameter-overrides", "AlertEmail=security@example.com", f"Architecture={architecture}"),
                *(f"OrganizationId={ORGANIZATION}", f"ScanRegions={REGION}", f"TrailBucket={TRAIL}", "TrailPolling=on"),
                # The tests make more findings in ten minutes than people want to hear of one by one.
                'Alerts="{complete: [text, json, chat]}"',
            ],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ["HOME"],
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": "emulator",
                "AWS_DEFAULT_REGION": REGION,
                "SAM_CLI_TELEMETRY": "0",
            },
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        stack = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.subscribe("text", self.outputs["AlertsTextTopic"])
        self.subscribe("json", self.outputs["AlertsJsonTopic"])
        self.subscribe("chat", self.outputs["AlertsChatTopic"])
        self.follow("events", {"source": ["trailpost.findings"]})

    def reader(self, channel, service, source):
        """A queue that the service may fill for the source."""
        url = self.sqs.create_queue(QueueName=f"reader-{channel}")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:reader-{channel}"
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = {"Version": "2012-10-17", "Statement": [statement | {"Condition": {"ArnEquals": {"aws:SourceArn": source}}}]}
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        setattr(self, f"reader_{channel}", url)
        return arn

    def subscribe(self, channel, topic):
        """The tests cannot read mail, so a queue hears what the mailbox hears."""
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.reader(channel, "sns.amazonaws.com", topic))

    def follow(self, channel, pattern):
        """What a user's own rule on the default bus brings."""
        rule = self.events.put_rule(Name=f"reader-{channel}", EventPattern=json.dumps(pattern))["RuleArn"]
        queue = self.reader(channel, "events.amazonaws.com", rule)
        self.events.put_targets(Rule=f"reader-{channel}", Targets=[{"Id": "queue", "Arn": queue}])

    # -- in

    def put(self, event, bus="default", account=ACCOUNT):
        """What CloudTrail does: the event arrives on a bus."""
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "EventBusName": bus,
        }
        result = self.client("events", account).put_events(Entries=[entry])
        assert result["FailedEntryCount"] == 0, result

    def queue(self, *bodies):
        """Messages in one batch, past the rules."""
        entries = [
            {"Id": str(index), "MessageBody": body if isinstance(body, str) else json.dumps(body)}
            for index, body in enumerate(bodies)
        ]
        result = self.sqs.send_message_batch(QueueUrl=self.outputs["EventsQueue"], Entries=entries)
        assert not result.get("Failed"), result

    def invoke(self, event, function="DetectFunctionName"):
        """One call of the function with its answer."""
        answer = self.function.invoke(FunctionName=self.outputs[function], Payload=json.dumps(event))
        body = answer["Payload"].read().decode()
        assert "FunctionError" not in answer, body
        return json.loads(body)

    # -- out

    def items(self, table):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=f"{STACK}-{table}", ConsistentRead=True)
        return [{key: next(iter(value.values())) for key, value in item.items()} for page in pages for item in page["Items"]]

    def findings(self, event_id, rule=None):
        """The findings that the event opened or added to."""
        items = self.items("findings")
        owners = {
            item["pk"] for item in items if item.get("kind") == "occurrence" and document(item)["event_id"] == event_id
        }
        heads = [item for item in items if item["pk"] in owners and item["sk"] == "#"]
        return [head | {"id": head["pk"].removeprefix("F#")} for head in heads if rule in (None, head["rule"])]

    def finding(self, event, rule):
        """The one finding of `rule` about the event, once it is there."""
        found = eventually(lambda: self.findings(id_of(event), rule), f"a finding of {rule} about {id_of(event)}")
        assert len(found) == 1, found
        return found[0]

    def heard(self, channel, finding):
        """The alerts about the finding that have arrived on the channel so far."""
        url = getattr(self, f"reader_{channel}")
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                body = json.loads(message["Body"])
                attributes = {name: value["Value"] for name, value in body.get("MessageAttributes", {}).items()}
                text = body.get("Message", message["Body"])
                self.alerts[channel].append(Alert(body.get("Subject", ""), text, attributes))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [alert for alert in self.alerts[channel] if finding["id"] in alert.body]

    def alert(self, channel, finding):
        """The one alert about the finding on the channel, once it is there."""
        heard = eventually(lambda: self.heard(channel, finding), f"an alert on {channel} about {finding['id']}")
        assert len(heard) == 1, heard
        return heard[0]

    def depth(self, queue):
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.queue_url(queue),
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(int(count) for count in attributes.values())

    def queue_url(self, queue):
        return self.sqs.get_queue_url(QueueName=f"{STACK}-{queue}")["QueueUrl"]

    def logged(self, since=0):
        """The lines of the functions' logs."""
        lines = []
        for function in ("DetectFunctionName", "HarvestFunctionName", "HealthFunctionName", "IngestFunctionName", "NotifyFunctionName"):
            name = self.outputs[function]
            group = self.function.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(since * 1000))
            lines += [event["message"].rstrip() for page in pages for event in page["events"]]
        return lines

    def runs(self):
        """How often the functions have run to an end."""
        return sum(line.startswith("REPORT") for line in self.logged())

    def settle(self):
        """Waits until all that was sent has had its effects: nothing queued, nothing due, nothing running."""
        # A digest waits for the end of its span, which is no unrest.
        waits = lambda item: item.get("kind") == "notice" and "due_pk" in item and not item["notice_id"].startswith("digest-")
        due = lambda: any(waits(item) for item in self.items("findings"))
        calm, runs = time.monotonic(), self.runs()

        def quiet():
            nonlocal calm, runs
            now = self.runs()
            if now != runs or self.depth("events") or due():
                calm, runs = time.monotonic(), now
            return time.monotonic() - calm > 1.5

        eventually(quiet, "the stack comes to rest", 90)

    # -- faults

    @contextlib.contextmanager
    def environment(self, function, **changes):
        """The function with another environment, for a while."""
        name = self.outputs[function]
        before = self.function.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.function.update_function_configuration(FunctionName=name, Environment={"Variables": before | changes})
        try:
            yield
        finally:
            self.function.update_function_configuration(FunctionName=name, Environment={"Variables": before})

    @contextlib.contextmanager
    def retries_after(self, seconds):
        """What fails comes again so soon, for a while; six minutes are long for a test."""
        queue = self.outputs["EventsQueue"]
        before = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
        self.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            self.sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)

    @contextlib.contextmanager
    def without_stream(self):
        """NOTIFY does not hear of notices, for a while."""
        (mapping,) = self.function.list_event_source_mappings(FunctionName=self.outputs["NotifyFunctionName"])["EventSourceMappings"]
        self.function.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            self.function.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
