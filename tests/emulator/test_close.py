"""A finding that somebody closes with the command is told as closed, and told again when it happens again."""

import json
import uuid

from cloud import document, eventually, stop_logging

STOPPED = "cloudtrail-logging-stopped"


def test_whoever_was_told_hears_of_the_closing_and_of_the_next_time(cloud, trailpost):
    trail = f"closed-{uuid.uuid4().hex[:12]}"
    event = stop_logging(trail)
    cloud.put(event)
    finding = cloud.finding(event, STOPPED)
    cloud.alert("text", finding)

    closed = trailpost(cloud, "close", finding["id"], "--reason", "a drill")

    assert closed.returncode == 0, closed.stderr
    told = eventually(lambda: cloud.heard("text", finding)[1:], "a mail that it is closed")
    assert told[0].subject.startswith("[CRITICAL] Closed: CloudTrail logging stopped"), told[0].subject
    assert "by arn:aws:" in told[0].body and "a drill" in told[0].body
    of_program = eventually(lambda: cloud.heard("json", finding)[1:], "a document that it is closed")
    said = json.loads(of_program[0].body)
    assert (said["finding"]["status"], said["untrusted"]["closed"]["reason"]) == ("resolved", "a drill")

    cloud.put(event)
    cloud.settle()
    assert cloud.finding(event, STOPPED)["status"] == "resolved", "the same event is known"
    again = stop_logging(trail)
    cloud.put(again)
    eventually(lambda: cloud.heard("text", finding)[2:], "a mail that it happened again")
    assert cloud.finding(again, STOPPED)["status"] == "open"
    assert document(cloud.finding(again, STOPPED))["closed"]["reason"] == "a drill"
    mail = cloud.heard("text", finding)[2]
    assert mail.subject.startswith("[CRITICAL] CloudTrail logging stopped") and "BEFORE  closed at" in mail.body
