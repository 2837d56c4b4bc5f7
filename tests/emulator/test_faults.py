"""What goes wrong is neither lost nor told twice."""

import hashlib
import json

from cloud import eventually, id_of, stop_logging

STOPPED = "cloudtrail-logging-stopped"
UNPARSEABLE = "engine-unparseable-event"


def nested(event, levels):
    """The event as text, with a value that is nested so deep that common parsers give up."""
    text = json.dumps(event)
    assert '"responseElements": null' in text
    return text.replace('"responseElements": null', '"responseElements": ' + "[" * levels + "]" * levels)


def in_quarantine(cloud, text):
    """The SHA-256 under which something that has the text in it is kept whole."""
    for item in cloud.items("ops"):
        if item["pk"].startswith("Q#") and text.encode() in item.get("bytes", b""):
            digest = item["pk"].removeprefix("Q#")
            assert hashlib.sha256(item["bytes"]).hexdigest() == digest
            return digest


def test_poison_harms_no_neighbour_and_is_kept(cloud):
    first, last, deep = stop_logging(), stop_logging(), stop_logging()
    torn = json.dumps(stop_logging())[:700]
    poison = {"not JSON at all": "not JSON at all", torn: torn, id_of(deep): nested(deep, 20_000)}
    cloud.queue(first, *poison.values(), last)
    for event in (first, last):
        cloud.finding(event, STOPPED)
    for mark in poison:
        digest = eventually(lambda: in_quarantine(cloud, mark), f"{mark[:40]} is in quarantine")
        found = eventually(lambda: cloud.findings(f"sha256:{digest}"), f"a finding about {mark[:40]}")
        assert [finding["rule"] for finding in found] == [UNPARSEABLE]
    cloud.settle()
    assert cloud.depth("events-dead-letters") == 0


def test_disguises_do_not_help(cloud):
    """Nesting and repeated keys that make parsers give up, or read another name than AWS did."""
    deep, twice = stop_logging(), stop_logging()
    body = json.dumps(twice).replace('"eventName": "StopLogging"', '"eventName": "StopLogging", "eventName": "ListTrails"')
    cloud.queue(nested(deep, 5_000), body)
    cloud.finding(deep, STOPPED)
    cloud.finding(twice, STOPPED)
    cloud.settle()
    assert cloud.depth("events-dead-letters") == 0


def test_what_fails_waits_among_the_dead_letters_for_a_redrive(cloud):
    event = stop_logging()
    cloud.settle()
    with cloud.retries_after(1), cloud.environment("DetectFunctionName", TRAILPOST_STORE="dynamodb://missing"):
        cloud.queue(event)
        eventually(lambda: cloud.depth("events-dead-letters") == 1, "the event is among the dead letters", 120)
        assert cloud.findings(id_of(event)) == []

    # What StartMessageMoveTask does; the emulator lacks it.
    letters = cloud.outputs["EventsDeadLettersQueue"]
    message = cloud.sqs.receive_message(QueueUrl=letters)["Messages"][0]
    cloud.sqs.send_message(QueueUrl=cloud.outputs["EventsQueue"], MessageBody=message["Body"])
    cloud.sqs.delete_message(QueueUrl=letters, ReceiptHandle=message["ReceiptHandle"])
    assert cloud.finding(event, STOPPED)["count"] == "1"
    cloud.settle()
    assert cloud.depth("events-dead-letters") == 0


def test_the_urgent_lane_says_that_it_failed(cloud):
    """The rule's own invocation is retried, then told; the queue's lane has the event as well and delivers it later."""
    event = stop_logging()
    cloud.settle()
    with cloud.retries_after(5):
        with cloud.environment("DetectFunctionName", TRAILPOST_STORE="dynamodb://missing"):
            cloud.put(event)
            eventually(lambda: cloud.depth("detect-failures") == 1, "the failure is told")
        assert cloud.finding(event, STOPPED)["count"] == "1"
    url = cloud.queue_url("detect-failures")
    message = cloud.sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert json.loads(message["Body"])["requestPayload"]["detail"]["eventID"] == id_of(event)
    cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_alerts_wait_while_notify_fails(cloud):
    event = stop_logging()
    cloud.settle()
    with cloud.environment("NotifyFunctionName", TRAILPOST_STORE="dynamodb://missing"):
        runs = cloud.runs()
        cloud.put(event)
        finding = cloud.finding(event, STOPPED)
        eventually(lambda: cloud.runs() >= runs + 4, "DETECT on both lanes, and NOTIFY failing twice")
        assert cloud.heard("text", finding) == []
    cloud.alert("text", finding)
    cloud.alert("json", finding)


def test_the_sweep_sends_what_the_stream_did_not_bring(cloud):
    event = stop_logging()
    cloud.settle()
    with cloud.without_stream():
        cloud.put(event)
        finding = cloud.finding(event, STOPPED)
        cloud.invoke({"sweep": True}, "NotifyFunctionName")
        cloud.alert("text", finding)
        cloud.alert("json", finding)
    # The stream brings them after all.
    cloud.settle()
    assert len(cloud.heard("text", finding)) == 1
    assert len(cloud.heard("json", finding)) == 1
