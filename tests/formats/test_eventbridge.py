import json
import re

import botocore.session
import botocore.validate
import pytest

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html: of all entries together, when this was
# less than now; most targets take no more.
LIMIT = 256 * 1024


@pytest.fixture(scope="module")
def shape():
    return botocore.session.get_session().get_service_model("events").shape_for("PutEventsRequestEntry")


def entries(written):
    return [json.loads(line) for line in written["eventbridge"].decode().splitlines()]


def test_eventbridge_takes_every_entry(each, shape):
    for entry in entries(each):
        report = botocore.validate.ParamValidator().validate(entry, shape)
        assert not report.has_errors(), report.generate_report()
        size = 14 + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
        assert size + sum(len(arn.encode()) for arn in entry["Resources"]) <= LIMIT
        assert len(entry["DetailType"]) <= 128 and all(len(arn) <= 2048 for arn in entry["Resources"])
        assert isinstance(json.loads(entry["Detail"]), dict)


def test_the_validator_finds_what_is_wrong(written, shape):
    entry = entries(written["detect"])[0]
    for change in ({"Detail": {}}, {"Resources": "arn"}, {"Time": "soon"}, {"Nothing": 1}):
        assert botocore.validate.ParamValidator().validate(entry | change, shape).has_errors()


def test_the_type_and_the_schema_say_what_it_is(written):
    for entry, row in zip(entries(written["findings"]), written["findings"].rows, strict=True):
        detail = json.loads(entry["Detail"])
        assert entry["Source"] == "trailpost.findings" and detail["schema"] == "trailpost.finding/1"
        assert (detail["finding"]["id"], detail["finding"]["status"]) == (row["id"], row["status"])
        expected = {"resolved": {"Finding Resolved"}, "open": {"Finding Created", "Finding Updated"}}
        assert entry["DetailType"] in expected[row["status"]]
        assert (entry["DetailType"] == "Finding Created") == (row["status"] == "open" and row["count"] == 1)
    kinds = {"clean": "Check Clean", "unknown": "Check Unknown"}
    for entry, row in zip(entries(written["scan"]), written["scan"].rows, strict=True):
        detail = json.loads(entry["Detail"])
        assert detail["schema"] == "trailpost.verdict/1" and detail["verdict"]["status"] == row["status"]
        new = "Finding Created" if row.get("change") == "new" else "Finding Updated"
        assert entry["DetailType"] == kinds.get(row["status"], new)


def test_ids_tell_events_apart(each):
    ids = [json.loads(entry["Detail"])["dedup_id"] for entry in entries(each)]
    assert len(set(ids)) == len(ids)


def test_somebody_elses_text_is_nowhere_but_where_it_is_said_to_be(each):
    for entry in entries(each):
        detail = json.loads(entry["Detail"])
        del detail["untrusted"]
        detail.pop("rule")
        assert "evil" not in json.dumps(detail)
        assert all(re.fullmatch(r"arn:[\w.:/@+-]+", arn) for arn in entry["Resources"])
