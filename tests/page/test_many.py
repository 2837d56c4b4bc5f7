"""100,000 findings. The figures are told, not asserted: they are those of the machine."""

import copy
import random

from conftest import data_of, with_data

MANY = 100_000


def many(data):
    """The data of a page with so many findings, made of its own."""
    chance = random.Random(1)
    samples = data["findings"]
    findings = []
    for number in range(MANY):
        finding = copy.copy(samples[number % len(samples)])
        finding["id"] = f"{number:032x}"
        finding["account"] = f"{chance.randrange(40):012}"
        finding["about"] = f"{finding['about']}-{number}"
        finding.pop("life", None)
        findings.append(finding)
    return {**data, "findings": findings}


def test_so_many_findings_stay_a_page(tab, account, tmp_path, record_property, capsys):
    data = many(data_of(account))
    place = with_data(account, data, tmp_path / "many.html")
    page = tab.open(place, "#/findings")
    loaded = page.evaluate("performance.now()")
    assert tab.count() == sum(one["status"] == "open" for one in data["findings"])
    assert page.locator(".list li").count() < 60

    figures = {"size (MB)": place.stat().st_size / 1e6, "loaded (ms)": loaded}
    for what, step in {
        "severity": lambda: page.get_by_role("button", name="High").click(),
        "service": lambda: page.get_by_label("Service").select_option("s3"),
        "search": lambda: page.get_by_label("Search findings").fill("bucket versioning"),
    }.items():
        step()
        figures[f"{what} (ms)"] = float(page.get_attribute("main > div", "data-filtered"))
    wanted = [one for one in data["findings"] if one["status"] == "open" and one["severity"] == "high" and one["service"] == "s3"]
    page.get_by_label("Search findings").fill("")
    assert tab.count() == len(wanted)

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    last = str(tab.count())
    page.wait_for_selector(f".list li[aria-posinset='{last}']")
    with capsys.disabled():
        print("\n100,000 findings:", ", ".join(f"{what} {figure:.0f}" for what, figure in figures.items()))
