import json
import re

import botocore.session
import botocore.validate
import pytest

from conftest import ROOT


@pytest.fixture(scope="module")
def service():
    return botocore.session.get_session().get_service_model("securityhub")


def problems(shape, value, path="finding"):
    """What botocore finds, and what it leaves to the service: patterns and lists of words."""
    report = botocore.validate.ParamValidator().validate(value, shape)
    found = [report.generate_report()] if report.has_errors() else []

    def walk(shape, value, path):
        if shape.type_name == "structure":
            for name, member in value.items():
                if name in shape.members:
                    walk(shape.members[name], member, f"{path}.{name}")
        elif shape.type_name == "list":
            for member in value:
                walk(shape.member, member, f"{path}[]")
        elif shape.type_name == "map":
            for key, member in value.items():
                walk(shape.key, key, f"{path}.key")
                walk(shape.value, member, f"{path}.{key}")
        elif shape.type_name == "string":
            if getattr(shape, "enum", None) and value not in shape.enum:
                found.append(f"{path}: {value} is none of {shape.enum}")
            pattern = shape.metadata.get("pattern", r".*\S.*")
            if not re.fullmatch(pattern, value):
                found.append(f"{path}: {value[:80]!r} does not match {pattern}")

    if not found:
        walk(shape, value, path)
    return found


def documents(written):
    return json.loads(written["asff"])


def test_security_hub_takes_every_finding(each, service):
    shape = service.shape_for("AwsSecurityFinding")
    for document in documents(each):
        assert problems(shape, document) == []


def test_the_validator_finds_what_is_wrong(written, service):
    shape = service.shape_for("AwsSecurityFinding")
    for change in ({"Title": None}, {"Nothing": 1}, {"RecordState": "GONE"}, {"Description": "\n"}, {"Resources": {}}):
        assert problems(shape, documents(written["detect"])[0] | change) != []


def test_every_limit_of_the_format_holds(each):
    for document in documents(each):
        assert len(document["Title"]) <= 256 and len(document["Description"]) <= 1024
        assert len(document["Id"]) <= 512 and len(document["GeneratorId"]) <= 512
        assert len(json.dumps(document).encode()) <= 240_000
        assert re.fullmatch(r"\d{12}", document["AwsAccountId"])
        assert re.fullmatch(r"arn:aws:securityhub:[a-z0-9-]+:(\d{12}):product/\1/default", document["ProductArn"])
        assert f":{document['AwsAccountId']}:" in document["ProductArn"]
        fields = document["ProductFields"]
        assert len(fields) <= 50
        assert all(len(name) <= 128 and 1 <= len(value) <= 2048 for name, value in fields.items())
        assert 1 <= len(document["Resources"]) <= 32 and len(document["Resources"][0]["Id"]) <= 512
        text = document.get("Remediation", {}).get("Recommendation", {}).get("Text", "-")
        assert 1 <= len(text) <= 512
        for time in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", document[time])
        assert document["CreatedAt"] <= document["UpdatedAt"]


def test_a_check_complies_and_what_is_over_is_archived(written):
    for document, row in zip(documents(written["findings"]), written["findings"].rows, strict=True):
        assert document["Id"] == f"trailpost/{row['id']}"
        is_over = row["status"] == "resolved"
        assert document["RecordState"] == ("ARCHIVED" if is_over else "ACTIVE")
        assert document["Workflow"]["Status"] == ("RESOLVED" if is_over else "NEW")
        assert document["FindingProviderFields"]["Severity"]["Original"] == row["severity"]
        is_check = row["scope"].startswith("arn:") and row["event_id"].startswith("episode:")
        assert document.get("Compliance", {}).get("Status") == (
            None if not is_check else "PASSED" if is_over else "FAILED")
    status = {"finding": "FAILED", "clean": "PASSED", "unknown": "NOT_AVAILABLE"}
    for document, row in zip(documents(written["scan"]), written["scan"].rows, strict=True):
        assert document["Compliance"]["Status"] == status[row["status"]]


def test_types_of_resources_are_those_of_the_format(each, service):
    known = set(service.shape_for("ResourceDetails").members) | {"AwsAccount"}
    assert {document["Resources"][0]["Type"] for document in documents(each)} <= known


def test_the_types_that_we_know_are_all_that_there_are(service):
    ours = re.findall(r'"(Aws\w+)",', (ROOT / "shared/report/src/asff/kind.rs").read_text())
    assert sorted(ours) == sorted(name for name in service.shape_for("ResourceDetails").members if name[:3] == "Aws")
