"""Every block of commands in the docs runs, and every transcript is what a reader sees."""

import re
import subprocess

import pages
import pytest

SHELL = [block for page in pages.PAGES for block in pages.blocks(page) if block.language in ("sh", "bash", "console")]
TRANSCRIPTS = [block for page in pages.PAGES for block in pages.blocks(page) if block.text.startswith("$ ")]

# Here an exit code of 1 says that something was found, and 2 that something could not be judged.
TRAILPOST = re.compile(r"(trailpost|cargo run( --release)? --) ")


def place(block):
    return f"{pages.name(block.page)}:{block.line}"


def run(command, here, settings):
    # A page that is served, or a stream that is followed, goes on until somebody stops it.
    limit = 4 if re.search(r"\bserve\b", command) else 240
    try:
        return subprocess.run(
            ["bash", "-c", command], cwd=here, env=settings, capture_output=True, text=True, timeout=limit, input="")
    except subprocess.TimeoutExpired as stopped:
        if limit > 4:
            raise
        said = (stopped.stdout or b"") + (stopped.stderr or b"")
        assert b"http" in said, said
        return subprocess.CompletedProcess(command, 0, "", "")


def known(block):
    """A block as a parameter. What asks the emulator for everything takes long: `scripts/test --full` runs it."""
    scans = [line for line in block.text.splitlines() if line.startswith("trailpost scan") and "--replay" not in line]
    return pytest.param(block, marks=[pytest.mark.slow] if scans else [])


@pytest.mark.parametrize("block", map(known, SHELL), ids=map(place, SHELL))
def test_every_command_of_a_block_runs(block, used, tmp_path):
    here, settings = used(tmp_path)
    for command in pages.commands(block.text):
        done = run(command, here, settings)
        fine = {0, 1, 2} if TRAILPOST.match(command) else {0}
        if command == "trailpost rules new":
            # It asks, and here nobody answers.
            fine = {3}
            assert "nobody answers" in done.stderr
        if command == "trailpost deploy test":
            # It follows an event through a stack, and here none is deployed.
            fine = {3}
            assert "the stack trailpost cannot be seen" in done.stderr
        assert done.returncode in fine, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("block", TRANSCRIPTS, ids=place)
def test_every_transcript_is_what_a_reader_sees(block, shell, tmp_path):
    here, settings = shell(tmp_path)
    asked, _, told = re.sub(r"\\\n\s*", " ", block.text).partition("\n")
    done = run(asked.removeprefix("$ "), here, settings)
    seen = iter(line.rstrip() for line in (done.stdout + done.stderr).splitlines())
    for line in told.splitlines():
        if line.strip() not in ("", "…", "..."):
            assert line.rstrip() in seen, f"{line}\nis not, or not in that order, in\n{done.stdout}{done.stderr}"


def test_the_docs_have_commands_and_transcripts():
    assert len(SHELL) >= 10 and len(TRANSCRIPTS) >= 2
