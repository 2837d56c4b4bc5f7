import datetime
import json

import jsonschema
import ocsf_json_schema
import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

from conftest import formats

NAMES = [name for name in formats() if name.startswith("ocsf")]
CLASSES = {2003: "compliance_finding", 2004: "detection_finding"}
MODELS = {2003: ComplianceFinding, 2004: DetectionFinding}


class Schema:
    """One version of the schema, as its JSON schema and as what that leaves out."""

    def __init__(self, version):
        self.whole = ocsf_json_schema.get_ocsf_schema(version)
        embedded = ocsf_json_schema.OcsfJsonSchemaEmbedded(self.whole)
        self.validators = {}
        for number, name in CLASSES.items():
            schema = embedded.get_class_schema(name, ["cloud"])
            self.validators[number] = jsonschema.validators.validator_for(schema)(schema)

    def problems(self, event):
        number = event["class_uid"]
        found = [f"{error.json_path}: {error.message[:200]}" for error in self.validators[number].iter_errors(event)]
        return found + list(self.unmet(self.whole["classes"][CLASSES[number]], event, "event"))

    def unmet(self, kind, value, path):
        """Constraints that are not met, and what is deprecated."""
        for rule, names in (kind.get("constraints") or {}).items():
            count = sum(name in value for name in names)
            if (rule == "at_least_one" and count < 1) or (rule == "just_one" and count != 1):
                yield f"{path}: {rule} of {names}"
        for name, member in value.items():
            attribute = kind["attributes"].get(name, {})
            if "@deprecated" in attribute:
                yield f"{path}.{name} is deprecated"
            inner = self.whole["objects"].get(attribute.get("object_type"))
            if inner and name != "unmapped":
                for one in member if isinstance(member, list) else [member]:
                    yield from self.unmet(inner, one, f"{path}.{name}")


@pytest.fixture(scope="module")
def schemas():
    known = {}
    return lambda version: known.setdefault(version, None) or known.update({version: Schema(version)}) or known[version]


def events(written, name="ocsf"):
    return json.loads(written[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_takes_every_event(written, schemas, name):
    for command in ("detect", "findings", "scan"):
        # Many verdicts are alike but for what they are about.
        for event in events(written[command], name)[:: 10 if command == "scan" else 1]:
            assert schemas(event["metadata"]["version"]).problems(event) == []


def test_each_name_is_a_version_and_the_plain_one_is_the_newest(written):
    versions = {name: events(written["detect"], name)[0]["metadata"]["version"] for name in NAMES}
    assert versions.pop("ocsf") == "1.8.0"
    assert versions == {name: name.removeprefix("ocsf-") + ".0" for name in versions}


def test_the_validator_finds_what_is_wrong(written, schemas):
    event = events(written["detect"])[0]
    evidence = {"evidences": [{"http_request": {"user_agent": "x"}}]}
    for change in ({"time": "now"}, {"nothing": 1}, {"severity_id": 9}, {"finding_info": {}}, evidence):
        assert schemas("1.8.0").problems(event | change) != []


@pytest.mark.parametrize("name", NAMES)
def test_another_implementation_reads_every_event(written, name):
    for command in ("detect", "findings", "scan"):
        for event in events(written[command], name):
            # The schema only recommends the version of a service, and AWS's have none; this implementation insists.
            for place in [event, *event.get("evidences", [])]:
                if "service" in place.get("api", {}):
                    place["api"]["service"].setdefault("version", "")
            read = MODELS[event["class_uid"]].model_validate(event)
            assert (read.finding_info.uid, int(read.severity_id), int(read.type_uid)) == (
                event["finding_info"]["uid"], event["severity_id"], event["type_uid"])


def test_signatures_are_detections_and_checks_are_compliance(written):
    for event, row in zip(events(written["findings"]), written["findings"].rows, strict=True):
        is_check = row["event_id"].startswith("episode:")
        assert event["class_uid"] == (2003 if is_check else 2004)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        is_over = row["status"] == "resolved"
        assert (event["status_id"], event["activity_id"] == 3) == (4 if is_over else 1, is_over)
    assert {event["class_uid"] for event in events(written["findings"])} == {2003, 2004}


def test_verdicts_pass_fail_or_are_unknown(written):
    numbers = {"finding": (1, 3), "clean": (4, 1), "unknown": (0, 0)}
    for event, row in zip(events(written["scan"]), written["scan"].rows, strict=True):
        assert (event["status_id"], event["compliance"]["status_id"]) == numbers[row["status"]]


def test_times_are_milliseconds(written):
    for event, row in zip(events(written["findings"]), written["findings"].rows, strict=True):
        seen = datetime.datetime.fromisoformat(row["last_seen"])
        assert event["end_time"] == int(seen.timestamp() * 1000) <= event["time"]


def test_techniques_have_their_tactics(written):
    [stopped, *_] = [event for event in events(written["detect"])
                     if event["metadata"]["event_code"] == "cloudtrail-logging-stopped"]
    [attack] = stopped["finding_info"]["attacks"]
    assert (attack["tactic"]["uid"], attack["technique"]["uid"], attack["sub_technique"]["uid"]) == (
        "TA0005", "T1562", "T1562.008")


def test_whoever_closed_a_finding_is_quoted(written):
    rows = {row["id"]: row for row in written["findings"].rows if row.get("closed")}
    events = {event["finding_info"]["uid"]: event for event in json.loads(written["findings"]["ocsf"])}
    assert len(rows) == 3
    for uid, row in rows.items():
        event = events[uid]
        assert (event["status_id"], event["activity_id"]) == (4, 3)
        assert event["comment"] == row["closed"]["reason"]
