"""What a scan costs: `python benches/scan.py [-- COMMAND…]`, after `cargo build --release` and `scripts/setup`.

Makes the account of tests/recorded on an emulator, moto, which counts the calls that reach it, and scans it with
`target/release/trailpost`, or with another COMMAND that finds its endpoint and its keys in the environment, as boto3 and
the AWS CLI do. Prints processor time, wall time, the largest resident memory and the number of requests.

The emulator is one Python process that answers in turn: wall time is mostly its own. A command is measured with the
processes that it waits for.
"""

import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/scanned"))
import account  # noqa: E402


class Counting(http.server.BaseHTTPRequestHandler):
    """Passes every call on to the emulator, and counts it."""

    protocol_version = "HTTP/1.1"
    emulator, calls, lock = "", 0, threading.Lock()

    def respond(self):
        with Counting.lock:
            Counting.calls += 1
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "accept-encoding")}
        request = urllib.request.Request(Counting.emulator + self.path, body or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                status, said, kept = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            status, said, kept = error.code, error.read(), error.headers
        self.send_response(status)
        for name, value in kept.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = respond

    def log_message(self, *_):
        pass


def main(command):
    if not shutil.which(command[0]):
        sys.exit(f"{command[0]} is not there; build it with cargo build --release, or name another program by its whole path")
    with account.running() as emulator, tempfile.TemporaryDirectory(prefix="trailpost-bench-") as home:
        made = subprocess.run(
            [ROOT / ".venv/moto/bin/python", ROOT / "tests/scanned/estate.py", emulator, "3"],
            capture_output=True, text=True, check=True).stdout.strip()
        Counting.emulator = emulator
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true",
        }
        with open(pathlib.Path(home) / "said", "w+") as said:
            began = time.monotonic()
            scan = subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=said)
            _, status, used = os.wait4(scan.pid, 0)
            wall = time.monotonic() - began
            scan.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            last = said.read().strip().splitlines()[-1:]
        server.shutdown()
    if not Counting.calls:
        sys.exit(f"{command[0]} made no call: {last}")
    print(f"{made} in two regions; exit code {scan.returncode}; {' '.join(last)}")
    print(
        f"{used.ru_utime:.2f} s user, {used.ru_stime:.2f} s system, {wall:.0f} s wall, "
        f"{used.ru_maxrss / 1024:.0f} MiB, {Counting.calls} requests")


if __name__ == "__main__":
    regions = ["--region", "us-east-1", "--region", "eu-west-1"]
    ours = [str(ROOT / "target/release/trailpost"), "scan", *regions, "-o", "json"]
    main(sys.argv[2:] if sys.argv[1:2] == ["--"] else ours)
