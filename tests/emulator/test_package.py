"""Packages for both architectures: what they hold is deployed, runs, and finds."""

import hashlib
import platform
import shutil
import subprocess
import zipfile

import pytest

import emulator
from cloud import ARCHITECTURE, ROOT, Cloud, stop_logging

pytestmark = pytest.mark.shipped

# What runs a program of the other architecture, and where the libraries of that are; Debian's packages.
QEMU = {"arm64": ("aarch64", "arm64"), "x86_64": ("x86_64", "amd64")}


def foreign(package, architecture):
    """Has the functions of a package run by qemu."""
    name, debian = QEMU[architecture]
    qemu = f"qemu-{name}-static"
    needed = f"apt-get install qemu-user-static libc6-{debian}-cross libgcc-s1-{debian}-cross"
    assert shutil.which(qemu), f"programs of {architecture} cannot run here: {needed}"
    for path in package.glob("*.zip"):
        program = zipfile.ZipFile(path).read("bootstrap")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            start = f'#!/bin/sh\nexec {qemu} -L /usr/{name}-linux-gnu "$(dirname "$0")/program"\n'
            for member, content in (("bootstrap", start), ("program", program)):
                entry = zipfile.ZipInfo(member)
                entry.external_attr = 0o755 << 16
                archive.writestr(entry, content)


@pytest.mark.parametrize("architecture", QEMU)
def test_a_package_is_deployed_and_finds(architecture, tmp_path):
    subprocess.run(["cargo", "xtask", "package", architecture], cwd=ROOT, check=True)
    package = tmp_path / "package"
    shutil.copytree(ROOT / "target/package" / architecture, package)
    for line in (package / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((package / name).read_bytes()).hexdigest() == digest
    if architecture != ARCHITECTURE or platform.system() != "Linux":
        foreign(package, architecture)

    with emulator.running() as endpoint:
        cloud = Cloud(endpoint)
        cloud.deploy(package / "template.yaml", architecture)
        event = stop_logging()
        cloud.put(event)
        finding = cloud.finding(event, "cloudtrail-logging-stopped")
        assert "CloudTrail logging stopped" in cloud.alert("text", finding).subject
