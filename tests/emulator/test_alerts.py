"""Every form of alert from the real NOTIFY, and what happens when one part of a call fails."""

import contextlib
import http.server
import json
import threading

from cloud import ACCOUNT, REGION, eventually, stop_logging

STOPPED = "cloudtrail-logging-stopped"


def test_a_finding_reaches_people_programs_chats_and_rules(cloud):
    event = stop_logging()
    trail = event["detail"]["requestParameters"]["name"]
    cloud.put(event)
    finding = cloud.finding(event, STOPPED)

    text = cloud.alert("text", finding)
    assert text.subject.startswith("[") and f"{ACCOUNT} {REGION}" in text.subject
    lines = text.body.splitlines()
    assert lines[0].startswith("WHAT") and "CloudTrail logging stopped" in lines[0]
    assert len(lines) <= 60 and len(text.body) <= 8192
    assert f"trailpost mute add --rule {STOPPED} --resource" in text.body

    document = json.loads(cloud.alert("json", finding).body)
    assert document["schema"] == "trailpost.finding/1" and document["finding"]["id"] == finding["id"]

    chat = json.loads(cloud.alert("chat", finding).body)
    assert (chat["version"], chat["source"], chat["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert chat["metadata"]["threadId"] == finding["id"]
    assert trail in chat["content"]["description"]

    for channel in ("text", "json", "chat"):
        attributes = cloud.alert(channel, finding).attributes
        assert attributes["kind"] == "signature" and attributes["service"] == "cloudtrail"
        assert attributes["severity_rank"] == finding["severity_rank"]

    told = json.loads(cloud.alert("events", finding).body)
    assert (told["source"], told["detail-type"]) == ("trailpost.findings", "Finding Created")
    assert told["detail"]["finding"]["severity"] == finding["severity"]


@contextlib.contextmanager
def half_a_bus():
    """Something that speaks PutEvents, and refuses the first entry of each call for the moment."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            entries = json.loads(self.rfile.read(int(self.headers["content-length"])))["Entries"]
            asked.append((self.headers["x-amz-target"], entries))
            answers = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]
            answers += [{"EventId": str(number)} for number in range(1, len(entries))]
            body = json.dumps({"FailedEntryCount": 1, "Entries": answers}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()


def notice(cloud, finding, channel):
    items = cloud.items("findings")
    (found,) = [item for item in items if item.get("channel") == channel and item.get("finding_id") == finding["id"]]
    return found


def test_an_entry_that_fails_comes_again_and_its_neighbour_does_not(cloud):
    events = [stop_logging(), stop_logging()]
    cloud.settle()
    with half_a_bus() as (url, asked), cloud.environment("NotifyFunctionName", AWS_ENDPOINT_URL_EVENTBRIDGE=url):
        with cloud.without_stream():
            for event in events:
                cloud.put(event)
            findings = [cloud.finding(event, STOPPED) for event in events]
            cloud.invoke({"sweep": True}, "NotifyFunctionName")
            (target, entries), *others = asked
            assert (target, len(entries), others) == ("AWSEvents.PutEvents", 2, [])
            first = json.loads(entries[0]["Detail"])["finding"]["id"]
            states = {finding["id"]: notice(cloud, finding, "eventbridge")["state"] for finding in findings}
            assert states.pop(first) == "due" and list(states.values()) == ["done"]
            for finding in findings:
                assert notice(cloud, finding, "text")["state"] == "done"
    # It is due again a minute later, on the bus that takes it.
    (late,) = [finding for finding in findings if finding["id"] == first]

    def swept():
        cloud.invoke({"sweep": True}, "NotifyFunctionName")
        return cloud.heard("events", late)

    eventually(swept, "the event comes again", 90)
    assert all(len(cloud.heard("text", finding)) == 1 for finding in findings)


def test_a_burst_becomes_a_digest(cloud):
    """More at once than a mailbox takes one by one: the rest stands in one digest, which is due when the span ends."""
    events = [stop_logging() for _ in range(25)]
    cloud.settle()
    with cloud.environment("NotifyFunctionName", TRAILPOST_ALERTS=""):
        for event in events:
            cloud.put(event)
        findings = [cloud.finding(event, STOPPED) for event in events]
        cloud.settle()
    singly = {finding["id"] for finding in findings if cloud.heard("text", finding)}
    # Critical ones have five places and four of their own in each span of ten minutes, of which the test may touch two.
    assert {finding["severity"] for finding in findings} == {"critical"}
    # What the read that follows the calls finds takes places, too.
    assert 4 <= len(singly) <= 18
    lines = {item["finding_id"]: item for item in cloud.items("ops") if item.get("kind") == "line" and "-text#" in item["pk"]}
    assert {finding["id"] for finding in findings} - singly == {finding["id"] for finding in findings} & set(lines)
    digests = {item["pk"].split("#")[1] for item in lines.values()}
    waiting = [item for item in cloud.items("findings") if item.get("notice_id") in digests]
    assert {item["notice_id"] for item in waiting} == digests
    # Whoever follows the bus has all of them by now.
    assert all(cloud.alert("events", finding) for finding in findings)
