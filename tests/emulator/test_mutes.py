"""A mute that is added with the command holds alerts of the deployed NOTIFY back."""

import json
import uuid

from cloud import STACK, document, eventually, stop_logging

STOPPED = "cloudtrail-logging-stopped"


def test_a_mute_of_the_store_holds_alerts_back_and_its_end_is_told(cloud, trailpost):
    trail, mute = f"muted-{uuid.uuid4().hex[:12]}", f"drill-{uuid.uuid4().hex[:8]}"
    terms = ["--owner", "ada@example.com", "--reason", "a drill", "--expires", "2d", "--yes"]
    added = trailpost(cloud, "mute", "add", "--rule", STOPPED, "--resource", f"*{trail}*", "--id", mute, *terms)
    assert added.returncode == 0, added.stderr
    # NOTIFY reads the mutes again after half a minute, or when it starts.
    with cloud.environment("NotifyFunctionName", STARTED="again"):
        pass
    event, other = stop_logging(trail), stop_logging()

    cloud.put(event)
    finding = cloud.finding(event, STOPPED)
    cloud.put(other)
    cloud.alert("text", cloud.finding(other, STOPPED))

    eventually(lambda: any(mute in line and "muted" in line for line in cloud.logged()), "NOTIFY says that it is muted")
    cloud.invoke({"sweep": True}, "NotifyFunctionName")
    assert cloud.heard("text", finding) == []
    assert cloud.heard("json", finding) == []
    (listed,) = map(json.loads, trailpost(cloud, "mute", "list", "--json").stdout.splitlines())
    assert listed["mute"]["created_by"].startswith("arn:aws:"), listed
    assert listed["hidden_open"] == 1, listed

    removed = trailpost(cloud, "mute", "remove", mute)
    assert removed.returncode == 0, removed.stderr
    assert "Open again: 1 finding (" in removed.stdout
    cloud.invoke({"sweep": True}, "NotifyFunctionName")
    ended = eventually(lambda: told(cloud, mute), "an alert that the mute has ended")
    assert ended["rule"] == "trailpost-mute-ended"
    cloud.alert("json", ended | {"id": ended["pk"].removeprefix("F#")})

    # What waits is asked about again within the hour; no other test has to wait for that.
    for item in cloud.items("findings"):
        if item["pk"] == f"F#{finding['id']}" and item["sk"].startswith("N#"):
            key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
            cloud.dynamodb.delete_item(TableName=f"{STACK}-findings", Key=key)


def told(cloud, mute):
    """The finding about the end of the mute."""
    heads = (item for item in cloud.items("findings") if item["sk"] == "#")
    return next((head for head in heads if head["rule"] == "trailpost-mute-ended" and mute in json.dumps(document(head))), None)
