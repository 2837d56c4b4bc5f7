"""What the command line writes, in every format that its help names, over what is found in `samples`."""

import json
import os
import pathlib
import re
import subprocess

import pytest

import samples

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAILPOST = ROOT / "target/debug/trailpost"

# The exit codes of a command that did what it was asked for: clean, findings, incomplete.
WORKED = (0, 1, 2)


def trailpost(folder, *arguments):
    """Runs a command in `folder`, and gives its standard output."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    ran = subprocess.run([TRAILPOST, *map(str, arguments)], cwd=folder, env=environment, capture_output=True)
    assert ran.returncode in WORKED, f"{arguments}: {ran.returncode}: {ran.stderr.decode()}"
    return ran.stdout


def formats():
    """The names of the formats, as the help lists them."""
    listed = trailpost(ROOT, "findings", "--help").decode().split("Formats:\n")[1]
    return re.findall(r"^  (\S+)  ", listed, re.MULTILINE)


class Written:
    """What one command wrote: `written["csv"]` in bytes; `rows` is what it says of itself as plain JSON."""

    def __init__(self, folder, *arguments):
        self.outputs = {}
        options = []
        for name in formats():
            options += ["-o", f"{name}={folder / name}"]
        trailpost(folder.parent, *arguments, *options)
        for name in formats():
            self.outputs[name] = (folder / name).read_bytes()
        self.rows = json.loads(self.outputs["json"])

    def __getitem__(self, name):
        return self.outputs[name]


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """By command: `detect` and `scan` write what they found just now, `findings` what is kept, `nothing` nothing."""
    folder = tmp_path_factory.mktemp("trailpost")
    samples.write(folder)
    results = {}

    def run(name, *arguments):
        (folder / name).mkdir()
        results[name] = Written(folder / name, *arguments)

    run("nothing", "findings", "--store", "sqlite:empty.db")
    store = ("--store", "sqlite:s.db")
    trailpost(folder, "scan", "--replay", "before.ndjson", *store)
    run("detect", "detect", "events.json", "own.json", ROOT / "events/detect", "--rules", "own.yaml",
        "--minimum", "info", *store)
    run("scan", "scan", "--replay", "after.ndjson", "--all", *store)
    acts = [row["id"] for row in results["detect"].rows][:3]
    trailpost(folder, "close", *acts, "--reason", samples.REASON, *store)
    run("findings", "findings", "--limit", "100000", *store)
    return results


@pytest.fixture(params=["detect", "scan", "findings", "nothing"])
def each(request, written):
    """The output of each command."""
    return written[request.param]
