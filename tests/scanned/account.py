"""An account on an emulator, moto, as a process of its own: `with running() as endpoint:`"""

import contextlib
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def running():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="trailpost-account-") as home, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [ROOT / ".venv/moto/bin/python", "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
            # Nothing of ours: it must not find credentials or proxies.
            env={"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home},
            cwd=home, stdout=log, stderr=subprocess.STDOUT,
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


def wait_until_ready(process, endpoint, log):
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=2):
            return
        time.sleep(0.05)
    log.seek(0)
    raise RuntimeError(f"the emulator does not start:\n{log.read()}")
