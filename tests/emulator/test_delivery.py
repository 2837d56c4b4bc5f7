"""From an event on a bus to a finding and its alerts."""

import json
import uuid

import pytest

from cloud import ACCOUNT, MEMBER, REGION, ROOT, STACK, document, eventually, id_of, sample, stop_logging

STOPPED = "cloudtrail-logging-stopped"


def test_a_call_becomes_one_finding_and_one_alert_a_channel(cloud):
    event = stop_logging()
    cloud.put(event)
    finding = cloud.finding(event, STOPPED)
    assert finding["count"] == "1"
    assert finding["account"] == ACCOUNT and finding["region"] == REGION

    text = cloud.alert("text", finding)
    assert "CloudTrail logging stopped" in text.subject and len(text.subject) < 100
    assert event["detail"]["requestParameters"]["name"] in text.body
    assert event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] in text.body
    assert not text.body.lstrip().startswith("{")

    document = cloud.alert("json", finding)
    assert json.loads(document.body)["finding"]["id"] == finding["id"]
    for alert in (text, document):
        assert alert.attributes["severity"] == finding["severity"]
        assert alert.attributes["account"] == ACCOUNT
        assert alert.attributes["signature_id"] == STOPPED


@pytest.mark.parametrize("spelling", ["AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail"])
def test_sign_ins_arrive_in_both_spellings(cloud, spelling):
    event = sample("console-sign-in") | {"detail-type": spelling}
    cloud.put(event)
    eventually(lambda: cloud.findings(id_of(event)), f"a finding about the root user's sign-in, {spelling}")


def test_the_same_event_on_every_lane_counts_once(cloud):
    event = stop_logging()
    arriving = event | {"account": ACCOUNT, "region": REGION}
    for _ in range(5):
        cloud.put(event)  # the queue and, as it is urgent, the function
        cloud.queue(arriving)
        cloud.invoke(arriving)
    finding = cloud.finding(event, STOPPED)
    cloud.settle()
    assert cloud.finding(event, STOPPED)["count"] == "1"
    assert len(cloud.heard("text", finding)) == 1
    assert len(cloud.heard("json", finding)) == 1


def test_an_attempt_is_less_severe_than_the_deed(cloud):
    deed, attempt = stop_logging(), stop_logging(name="api-call-denied")
    cloud.put(deed)
    cloud.put(attempt)
    done, tried = cloud.finding(deed, STOPPED), cloud.finding(attempt, STOPPED)
    assert int(tried["severity_rank"]) == int(done["severity_rank"]) - 1
    assert document(tried)["outcome"] == "attempt"


def test_events_of_other_accounts_come_over_the_central_bus(cloud):
    events = cloud.client("events", MEMBER)
    events.put_rule(Name="forward", EventPattern=json.dumps({"source": [{"prefix": "aws."}]}))
    events.put_targets(
        Rule="forward",
        Targets=[
            {
                "Id": "central",
                "Arn": cloud.outputs["CentralBusArn"],
                "RoleArn": f"arn:aws:iam::{MEMBER}:role/trailpost-forwarder",
            }
        ],
    )
    event = stop_logging(account=MEMBER)
    cloud.put(event, account=MEMBER)
    finding = cloud.finding(event, STOPPED)
    assert finding["account"] == MEMBER
    assert MEMBER in cloud.alert("text", finding).body


def test_nobody_but_aws_is_believed(cloud):
    """PutEvents takes CloudTrail's detail-type from everybody, but not its source."""
    forged, genuine = stop_logging(), stop_logging()
    cloud.put(forged | {"source": "forged.cloudtrail"})
    cloud.put(forged | {"source": "forged.cloudtrail"}, bus=STACK)
    cloud.put(genuine)
    cloud.finding(genuine, STOPPED)
    cloud.settle()
    assert cloud.findings(id_of(forged)) == []


def test_harmless_calls_leave_nothing(cloud):
    harmless, harmful = sample("api-call-harmless"), stop_logging()
    cloud.put(harmless)
    cloud.put(harmful)
    cloud.finding(harmful, STOPPED)
    cloud.settle()
    assert cloud.findings(id_of(harmless)) == []


def test_many_events_at_once(cloud):
    """More than a batch, of one trail: one finding that counts them all, and one alert a channel.

    The functions that run side by side all write to that finding; those that lose too often give their event back to the
    queue, and it comes again.
    """
    trail = f"trail-{uuid.uuid4().hex[:12]}"
    events = [stop_logging(trail=trail) for _ in range(150)]
    with cloud.retries_after(20):
        for start in range(0, len(events), 10):
            cloud.queue(*events[start : start + 10])
        finding = cloud.finding(events[0], STOPPED)
        eventually(lambda: cloud.finding(events[0], STOPPED)["count"] == "150", "150 occurrences", 120)
        cloud.settle()
    assert len(cloud.heard("text", finding)) == 1
    assert len(cloud.heard("json", finding)) == 1
    assert cloud.depth("events-dead-letters") == 0


def test_the_sample_inputs_are_answered(cloud):
    """What README and `cargo lambda invoke` offer to try."""
    for path in sorted((ROOT / "events/detect").glob("*.json")):
        answer = cloud.invoke(json.loads(path.read_text()))
        if path.name.startswith("queue-"):
            assert answer == {"batchItemFailures": []}, path
    for path in sorted((ROOT / "events/notify").glob("*.json")):
        cloud.invoke(json.loads(path.read_text()), "NotifyFunctionName")
