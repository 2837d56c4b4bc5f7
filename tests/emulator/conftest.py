import pytest

import emulator
from cloud import Cloud


@pytest.fixture(scope="session")
def cloud():
    """The stack of `.aws-sam/build`, deployed once. Tests keep apart by event ids and resource names of their own."""
    with emulator.running() as endpoint:
        cloud = Cloud(endpoint)
        cloud.deploy()
        yield cloud
