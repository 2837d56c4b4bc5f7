import contextlib
import os
import subprocess
import time

import pytest

import emulator
from cloud import ACCOUNT, REGION, ROOT, STACK, Cloud


def pytest_configure(config):
    config.addinivalue_line("markers", "shipped: holds of functions that were built as they are shipped")


@pytest.fixture(scope="session")
def cloud():
    """The stack of `.aws-sam/build`, deployed once. Tests keep apart by event ids and resource names of their own."""
    with emulator.running() as endpoint:
        cloud = Cloud(endpoint)
        cloud.deploy()
        yield cloud


@pytest.fixture(scope="session")
def trailpost():
    """Runs the command as somebody of the account who works on the deployment's store."""
    build = ["cargo", "build", "--quiet", "--locked", "--package", "trailpost", "--features", "dynamodb"]
    subprocess.run(build, cwd=ROOT, check=True)

    def run(cloud, *arguments, account=ACCOUNT):
        return subprocess.run(
            [ROOT / "target/debug/trailpost", *arguments, "--store", f"dynamodb://{STACK}"],
            env={
                "PATH": os.environ["PATH"],
                "AWS_ENDPOINT_URL": cloud.endpoint,
                "AWS_ACCESS_KEY_ID": account,
                "AWS_SECRET_ACCESS_KEY": "emulator",
                "AWS_REGION": REGION,
            },
            capture_output=True,
            text=True,
        )

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what the functions logged since the test began."""
    report = yield
    if report.when == "call" and report.failed and "cloud" in item.funcargs:
        with contextlib.suppress(Exception):
            lines = item.funcargs["cloud"].logged(since=time.time() - report.duration)
            report.sections.append(("Log of the functions", "\n".join(lines[-100:])))
    return report
