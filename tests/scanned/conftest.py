import collections
import os
import time
import warnings

import pytest

import reader
import stub

# Documents have times in UTC, wherever the test runs; boto3 reads this.
os.environ["TZ"] = "UTC"
time.tzset()
warnings.filterwarnings("ignore", category=DeprecationWarning, module="botocore")

TALLY = collections.Counter()


@pytest.fixture(scope="session")
def models():
    return reader.models()


@pytest.fixture(scope="session")
def ours():
    """Trailpost's reader."""
    client = reader.Reader()
    yield client
    client.close()


@pytest.fixture(scope="session")
def theirs(models):
    """boto3."""
    return reader.Boto(models)


@pytest.fixture(scope="session")
def service():
    """A service that says what it is told to say."""
    server = stub.Stub()
    yield server
    server.close()


@pytest.fixture(scope="session")
def tally():
    """What was compared, for the line at the end."""
    return TALLY


def pytest_terminal_summary(terminalreporter):
    if TALLY:
        terminalreporter.write_line(
            "{operations} operations compared, {equal} of them equal in all requests and documents, {by design} differing by design; "
            "{answers} answers with {fields} fields, {signatures} signatures; {pages} operations with pages; "
            "{refusals} refusals; {endpoints} endpoints; "
            "{real} documents with {real fields} fields of {real operations} operations and {real refusals} refusals of an emulated account".format_map(TALLY)
        )
