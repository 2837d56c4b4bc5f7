"""The live page: a new finding comes without a reload, and what one looks at stays."""

import shutil
import subprocess

import pytest

from conftest import ROOT


@pytest.fixture
def served(trailpost, store, tmp_path):
    """The address of the live page of a store of its own, and the folder of the store."""
    shutil.copy(store / "s.db", tmp_path / "s.db")
    server = subprocess.Popen(
        [trailpost.program, "serve", "--port", "0", "--store", "sqlite:s.db"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    yield server.stdout.readline().strip(), tmp_path
    server.terminate()
    server.wait()


def test_a_new_finding_comes_without_a_reload_and_filters_stay(tab, served, trailpost):
    address, folder = served
    page = tab.open(address, "#/findings?severity=critical")
    before = tab.count()
    page.get_by_label("Search findings").fill("stopped")
    shown = tab.count()
    assert 0 < shown < before
    page.evaluate("window.same = true")

    # Of a trail that the store has not heard of.
    attack = (ROOT / "cli/demo/attack.json").read_text().replace("management-events", "another-trail")
    (folder / "attack.json").write_text(attack)
    assert trailpost("detect", "attack.json", "--store", "sqlite:s.db", cwd=folder).returncode == 1
    page.wait_for_function("before => !document.querySelector('#count').textContent.startsWith(before + ' ')", arg=str(shown), timeout=60_000)

    assert tab.count() == shown + 1
    assert page.input_value("[type=search]") == "stopped"
    assert "severity=critical" in page.url and page.evaluate("window.same")
    assert page.inner_text("#freshness") == "Live"
    assert tab.violations() == []
    assert {asked.split("/")[2] for asked in tab.asked if asked.startswith("http")} == {address.split("/")[2]}


def test_a_server_that_is_gone_is_said_to_be(tab, trailpost, tmp_path):
    server = subprocess.Popen(
        [trailpost.program, "serve", "--port", "0", "--store", "sqlite:s.db"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    page = tab.open(server.stdout.readline().strip())
    assert page.inner_text("h1") == "Nothing is open"
    server.terminate()
    server.wait()
    page.wait_for_selector(".freshness.is-lost", timeout=60_000)
    # The browser tells of the connection that was refused.
    assert all("ERR_CONNECTION_REFUSED" in text for text in tab.wrong), tab.wrong
    tab.wrong.clear()
