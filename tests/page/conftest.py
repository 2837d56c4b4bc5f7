"""Pages made by the command from what it really finds, and the system's Chromium that looks at them."""

import json
import os
import pathlib
import shutil
import subprocess

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[2]
AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# No word to anybody, and no sandbox, which containers do not allow.
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]


@pytest.fixture(scope="session")
def trailpost():
    """Runs the command; its exit code is the caller's to look at."""
    subprocess.run(["cargo", "build", "--locked", "--quiet", "--package", "trailpost"], cwd=ROOT, check=True)
    program = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/trailpost"

    def run(*arguments, cwd):
        return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True)

    run.program = program
    return run


@pytest.fixture(scope="session")
def store(trailpost, tmp_path_factory):
    """A folder with a store, `s.db`, of the recorded account and of the sample events."""
    folder = tmp_path_factory.mktemp("store")
    recording = ROOT / "tests/recorded/account.ndjson.gz"
    assert trailpost("scan", "--replay", recording, "--store", "sqlite:s.db", cwd=folder).returncode == 1
    assert trailpost("detect", ROOT / "events/detect", "--store", "sqlite:s.db", cwd=folder).returncode == 1
    return folder


@pytest.fixture(scope="session")
def account(trailpost, store):
    """The page of the recorded account."""
    assert trailpost("report", "--html", "r.html", "--store", "sqlite:s.db", cwd=store).returncode == 0
    return store / "r.html"


@pytest.fixture(scope="session")
def story(trailpost, tmp_path_factory):
    """The page of the demo: an attack, its causes and its repair."""
    folder = tmp_path_factory.mktemp("demo")
    assert trailpost("demo", cwd=folder).returncode == 0
    return folder / "trailpost-demo.html"


def data_of(page):
    """What a page was given."""
    _, behind = page.read_text().split('id="data">', 1)
    return json.loads(behind.split("</script>", 1)[0])


def with_data(page, data, path):
    """The same page with other data, written to `path` as the command writes it."""
    head, behind = page.read_text().split('id="data">', 1)
    tail = behind.split("</script>", 1)[1]
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    path.write_text(f'{head}id="data">{text}</script>{tail}')
    return path


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


class Tab:
    """One page in a browser of its own, and everything that it should not have done."""

    def __init__(self, context):
        self.page = context.new_page()
        self.wrong = []
        self.asked = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        devtools = context.new_cdp_session(self.page)
        devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", lambda sent: self.asked.append(sent["request"]["url"]))
        # A violation of the policy is told to the document before the console.
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => console.error('policy', event.violatedDirective, event.blockedURI))"
        )

    def open(self, place, view="#/"):
        address = place if isinstance(place, str) else place.as_uri()
        self.page.goto(address + view)
        self.page.wait_for_selector("h1")
        return self.page

    def violations(self):
        """What axe-core has to say."""
        found = self.page.evaluate(AXE + "; axe.run()")["violations"]
        return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]

    def rows(self):
        """The titles of the rows in sight."""
        return self.page.locator(".list li b").all_inner_texts()

    def count(self):
        """How many findings the page says it shows."""
        return int(self.page.inner_text("#count").split(" ")[0].replace(",", ""))


@pytest.fixture
def tab(playwright, tmp_path, request):
    """A browser with a profile of its own; at its end nothing may have gone wrong."""
    how = getattr(request, "param", {})
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile", executable_path=shutil.which("chromium") or "chromium", headless=True, args=SWITCHES,
        viewport={"width": how.get("width", 1280), "height": how.get("height", 900)},
        color_scheme=how.get("scheme", "light"),
    )
    tab = Tab(context)
    yield tab
    wrong = tab.wrong
    context.close()
    assert wrong == []
