"""Where the commands of the docs run: a copy of the repository's folders, an account on an emulator, a full store."""

import contextlib
import http.server
import pathlib
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pages
import pytest

sys.path.insert(0, str(pages.ROOT / "tests/scanned"))
import account  # noqa: E402

STAND_INS = pathlib.Path(__file__).parent / "stand_ins"

# An account has some twenty regions; two show the same, and are quicker.
REGIONS = b"""<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><regionInfo>
<item><regionName>eu-central-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>
<item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>
</regionInfo></DescribeRegionsResponse>"""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long; `scripts/test --full` runs it")


@contextlib.contextmanager
def two_regions(endpoint):
    """An endpoint that passes everything on, but says that the account has two regions."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if b"Action=DescribeRegions" in body:
                status, kind, said = 200, "text/xml", REGIONS
            else:
                headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                request = urllib.request.Request(endpoint + self.path, body or None, headers, method=self.command)
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, kind, said = answer.status, answer.headers.get("content-type"), answer.read()
                except urllib.error.HTTPError as error:
                    status, kind, said = error.code, error.headers.get("content-type"), error.read()
            self.send_response(status)
            self.send_header("content-type", kind or "application/octet-stream")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = respond

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def built():
    packages = [word for name in ("trailpost", "xtask") for word in ("-p", name)]
    subprocess.run(["cargo", "build", "--locked", "--quiet", *packages], cwd=pages.ROOT, check=True)
    return pages.ROOT / "target/debug"


@pytest.fixture(scope="session")
def endpoint():
    with account.running() as moto, two_regions(moto) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def shell(built, endpoint, tmp_path_factory):
    """What makes a place where a command of the docs can run, as a new reader has it."""
    tools = tmp_path_factory.mktemp("tools")
    (tools / "trailpost").symlink_to(built / "trailpost")
    for stand_in in STAND_INS.iterdir():
        shutil.copy(stand_in, tools)
    environment = {
        "PATH": f"{tools}:{pages.ROOT}/.venv/awscli/bin:/usr/bin:/bin",
        "ROOT": str(pages.ROOT), "BUILT": str(built), "PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1", "NO_COLOR": "1", "COLUMNS": "100",
        # The account of the emulator.
        "TOPIC": "arn:aws:sns:eu-central-1:123456789012:alerts",
    }

    def place(home):
        here = home / "trailpost"
        here.mkdir(parents=True)
        for entry in pages.ROOT.iterdir():
            if entry.name not in (".git", ".venv", "scripts", "target", "docs"):
                (here / entry.name).symlink_to(entry)
        (here / "docs").mkdir()
        for entry in (pages.ROOT / "docs").iterdir():
            (here / "docs" / entry.name).symlink_to(entry)
        (here / "scripts").mkdir()
        shutil.copy(STAND_INS / "scripts-test", here / "scripts/test")
        shutil.copytree(pathlib.Path(__file__).parent / "given", here, dirs_exist_ok=True)
        return here, {**environment, "HOME": str(home)}

    return place


@pytest.fixture(scope="session")
def used(shell, tmp_path_factory):
    """The same, of a reader who has looked at an account before."""
    first = tmp_path_factory.mktemp("first")
    here, settings = shell(first)
    for command in (
        "aws s3api create-bucket --bucket my-bucket --region us-east-1",
        "aws s3api create-bucket --bucket my-trail --region us-east-1",
        "aws s3 cp --recursive --quiet copy s3://my-trail",
        "aws sns create-topic --name alerts",
        "aws dynamodb create-table --table-name trailpost-findings --billing-mode PAY_PER_REQUEST --deletion-protection-enabled"
        " --attribute-definitions AttributeName=pk,AttributeType=S --key-schema AttributeName=pk,KeyType=HASH",
        "trailpost scan --service s3 --region us-east-1",
        "trailpost scan --replay tests/recorded/account.ndjson.gz",
        "trailpost detect events/detect logs",
    ):
        done = subprocess.run(command.split(), cwd=here, env=settings, capture_output=True, text=True)
        assert done.returncode in (0, 1, 2), done.stderr

    def fresh(home):
        here, settings = shell(home)
        shutil.copytree(first / ".local", home / ".local")
        return here, settings

    return fresh
