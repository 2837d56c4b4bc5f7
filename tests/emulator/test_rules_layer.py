"""Rules that a layer brings are judged beside the built-in ones."""

import json
import subprocess
import zipfile

import pytest

from cloud import ROOT, eventually, id_of, stop_logging

RULE = """
id: own-trail-stopped
title: Own rule about stopped trails
severity: high
message: "{facts.actor.name} stopped {requestParameters.name}"
logsource: { product: aws, service: cloudtrail }
detection: { stop: { eventName: StopLogging }, condition: stop }
why: it is ours
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    """What Lambda makes of the layer: its files, unpacked. The emulator does not do so for such a runtime."""
    folder = tmp_path_factory.mktemp("layer")
    (folder / "rules").mkdir()
    (folder / "rules/own-trail-stopped.yaml").write_text(RULE)
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--package", "trailpost"], cwd=ROOT, check=True)
    program = [ROOT / "target/debug/trailpost", "rules", "pack", "rules"]
    subprocess.run(program, cwd=folder, check=True, env={"HOME": str(folder)})
    zipfile.ZipFile(folder / "trailpost-rules.zip").extractall(folder / "opt")
    return folder / "opt/trailpost/rules.json"


def test_own_rules_find_and_alert(cloud, layer):
    with cloud.environment("DetectFunctionName", TRAILPOST_RULES=str(layer)):
        with cloud.environment("NotifyFunctionName", TRAILPOST_RULES=str(layer)):
            event = stop_logging()
            cloud.put(event)
            own = cloud.finding(event, "own-trail-stopped")
            mail = cloud.alert("text", own)
    assert cloud.findings(id_of(event), "cloudtrail-logging-stopped"), "the built-in rules judge as ever"
    assert "Own rule about stopped trails" in mail.subject and "it is ours" in mail.body


def test_without_its_rules_detect_judges_nothing_and_loses_nothing(cloud, layer):
    event = stop_logging()
    with cloud.retries_after(1):
        with cloud.environment("DetectFunctionName", TRAILPOST_RULES=str(layer.with_name("gone.json"))):
            answer = cloud.function.invoke(FunctionName=cloud.outputs["DetectFunctionName"], Payload=json.dumps(event))
            assert "FunctionError" in answer
            cloud.queue(event)
            eventually(lambda: cloud.depth("events"), "the event waits")
            assert cloud.findings(id_of(event)) == []
        assert cloud.finding(event, "cloudtrail-logging-stopped")
