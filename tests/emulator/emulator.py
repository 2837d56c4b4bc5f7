"""MiniStack as a process of its own: `with running() as endpoint:`, or beside a command:

python tests/emulator/emulator.py VARIABLE command ...    # runs the command with the endpoint in VARIABLE
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(authorize=True):
    """Starts the emulator and yields its endpoint. With `authorize` it enforces IAM, as AWS does."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    home = tempfile.mkdtemp(prefix="trailpost-emulator-")
    log = open(os.path.join(home, "log"), "w+")
    process = subprocess.Popen(
        [ROOT / ".venv/emulator/bin/python", ROOT / "tests/emulator/ministack_host.py"],
        # Nothing of ours: the functions inherit this environment, and must not find credentials or proxies in it.
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": home,
            "TMPDIR": home,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AWS_ENDPOINT_URL": endpoint,
            "AUTH": "true" if authorize else "false",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until_ready(process, endpoint, log)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if keep := os.environ.get("TRAILPOST_EMULATOR_LOG"):
            shutil.copyfile(log.name, keep)
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def wait_until_ready(process, endpoint, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):
            return
        time.sleep(0.05)
    log.seek(0)
    raise RuntimeError(f"the emulator does not start:\n{log.read()}")


if __name__ == "__main__":
    variable, *command = sys.argv[1:]
    with running(authorize=False) as endpoint:
        sys.exit(subprocess.call(command, env=os.environ | {variable: endpoint}))
