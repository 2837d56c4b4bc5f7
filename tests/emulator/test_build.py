"""What `sam build` made."""

import re
import tomllib

import pytest

from cloud import ROOT

BINARIES = sorted((ROOT / ".aws-sam/build").glob("*/bootstrap"))


@pytest.mark.parametrize("binary", BINARIES, ids=lambda path: path.parent.name)
def test_binaries_run_on_amazon_linux_2023(binary):
    """It has glibc 2.34. The emulator runs on this machine's, which may be newer."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary.read_bytes())
    assert max((int(major), int(minor)) for major, minor in versions) <= (2, 34)


@pytest.mark.shipped
@pytest.mark.parametrize("binary", BINARIES, ids=lambda path: path.parent.name)
def test_binaries_start_fast_because_they_are_small(binary):
    assert binary.stat().st_size < 16 * 1024 * 1024


def test_something_was_built():
    assert BINARIES, "run `sam build` first"


def test_a_panic_fails_one_record_only():
    """`sam build` takes the release profile, and cargo-lambda aborts on panics there unless it is told not to."""
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert workspace["workspace"]["metadata"]["lambda"]["build"]["disable_optimizations"] is True
    profiles = [workspace, *(tomllib.loads(path.read_text()) for path in (ROOT / "functions").glob(".cargo/config.toml"))]
    assert all(profile.get("profile", {}).get("release", {}).get("panic", "unwind") == "unwind" for profile in profiles)
