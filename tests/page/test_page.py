"""The page as people use it: counts, filters, search, keys, readers, and that it asks nobody for anything."""

import collections
import json
import re

import pytest

from conftest import data_of, with_data

SCHEMES = [{"scheme": "light"}, {"scheme": "dark"}, {"scheme": "light", "width": 390, "height": 844}]
NAMES = ["light", "dark", "narrow"]


def first_finding(data, **wanted):
    return next(one for one in data["findings"] if all(one[key] == value for key, value in wanted.items()))


@pytest.mark.parametrize("tab", SCHEMES, ids=NAMES, indirect=True)
def test_nothing_hinders_readers_and_nothing_is_asked_for(tab, story):
    caused = next(one for one in data_of(story)["findings"] if one.get("episodes") and one["episodes"][0]["cause"].get("calls"))
    views = ["#/", "#/findings", "#/findings?status=all", "#/findings?q=nothing-like-this", f"#/finding/{caused['id']}", "#/compliance/fsbp"]
    for view in views:
        page = tab.open(story, view)
        if view.startswith("#/compliance"):
            page.locator(".controls summary").first.click()
        assert tab.violations() == [], view
        assert not re.search(r"undefined|NaN|\[object|Invalid Date", page.inner_text("main")), view
        stray = page.evaluate("[...document.querySelector('main').childNodes].filter(node => node.nodeType === 3).length")
        assert stray == 0, view
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{view} is too wide"
    # The page itself, and its icon, which it brings along.
    assert {address.split(":")[0] for address in tab.asked} <= {"file", "data"}
    assert {address.split("#")[0] for address in tab.asked if address.startswith("file")} == {story.as_uri()}


@pytest.mark.parametrize("tab", SCHEMES, ids=NAMES, indirect=True)
def test_what_no_read_has_confirmed_says_so(tab, story, tmp_path):
    data = data_of(story)
    told = first_finding(data, status="open")
    told["provisional"] = True
    page = tab.open(with_data(story, data, tmp_path / "provisional.html"), f"#/finding/{told['id']}")
    assert page.locator(".marks .pill", has_text="Provisional: no read has confirmed it").is_visible()
    assert tab.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page = tab.open(tmp_path / "provisional.html", f"#/findings?q={told['id']}")
    page.locator(".list a", has_text="Provisional").wait_for()


def test_commands_name_the_very_resource(tab, account):
    data = data_of(account)
    check = "s3-bucket-versioning-off"
    found = first_finding(data, status="open", rule=check)
    page = tab.open(account, f"#/finding/{found['id']}")
    bucket = found["about"].rsplit(":", 1)[1]
    assert f"--bucket {bucket} " in page.inner_text(".fix pre")
    assert "{" not in page.inner_text(".fix pre")


def test_the_overview_counts_what_is_open(tab, account):
    data = data_of(account)
    open_ones = collections.Counter(one["severity"] for one in data["findings"] if one["status"] == "open")
    page = tab.open(account)
    said = {tile.locator(".severity").inner_text().split()[-1].lower(): int(tile.locator("strong").inner_text().replace(",", ""))
            for tile in page.locator(".tile").all()}
    assert said == {severity: open_ones[severity] for severity in ["critical", "high", "medium", "low", "info"]}
    clean = sum(tally["clean"] for tally in data["tallies"])
    assert f"{clean:,}" in page.locator(".share .fill-clean b").last.inner_text()


def test_filters_and_search_give_the_right_counts(tab, account):
    findings = data_of(account)["findings"]
    page = tab.open(account, "#/findings")
    is_open = [one for one in findings if one["status"] == "open"]
    assert tab.count() == len(is_open)

    page.get_by_role("button", name="Critical").click()
    critical = [one for one in is_open if one["severity"] == "critical"]
    assert tab.count() == len(critical)
    page.get_by_role("button", name="High").click()
    page.get_by_label("Service").select_option("s3")
    chosen = [one for one in is_open if one["severity"] in ("critical", "high") and one["service"] == "s3"]
    assert 0 < tab.count() == len(chosen)

    page.get_by_role("button", name="Clear the filters").first.click()
    region = is_open[0]["region"]
    page.get_by_label("Region").select_option(region)
    assert tab.count() == len([one for one in is_open if one["region"] == region])

    page.get_by_role("button", name="Clear the filters").first.click()
    page.get_by_label("Search findings").fill("BUCKET-0 versioning")
    found = tab.count()
    assert 0 < found < 20
    assert all("versioning" in title.lower() or title for title in tab.rows())
    page.get_by_label("Search findings").fill("nothing-like-this")
    assert tab.count() == 0
    assert page.get_by_role("heading", name="Nothing fits").is_visible()


def test_a_framework_narrows_to_its_checks(tab, account):
    data = data_of(account)
    cis = next(one for one in data["frameworks"] if one["id"] == "cis-aws-5.0")
    checks = {check for control in cis["controls"] for check in control["checks"]}
    page = tab.open(account, "#/findings")
    page.get_by_label("Framework").select_option("cis-aws-5.0")
    wanted = [one for one in data["findings"] if one["status"] == "open" and one["rule"] in checks]
    assert 0 < tab.count() == len(wanted)


def test_a_filter_is_an_address_that_can_be_sent(tab, account):
    page = tab.open(account, "#/findings")
    page.get_by_role("button", name="Critical").click()
    page.get_by_label("Search findings").fill("snapshot")
    before, address = tab.count(), page.url
    assert "severity=critical" in address and "q=snapshot" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#count")
    assert tab.count() == before
    page.locator(".list a").first.click()
    page.wait_for_selector(".finding")
    page.go_back()
    page.wait_for_selector("#count")
    assert (tab.count(), page.url) == (before, address)


def test_keys_lead_through_the_findings(tab, account):
    page = tab.open(account)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("bucket")
    narrowed = tab.count()
    page.keyboard.press("Escape")
    assert tab.count() > narrowed
    assert page.evaluate("document.activeElement.type") != "search"

    focused = "document.activeElement.closest('li')?.getAttribute('aria-posinset')"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(focused) == "2"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert page.evaluate(focused) == "1"
    page.keyboard.press("Enter")
    page.wait_for_selector(".finding")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_function("url => location.href !== url", arg=first)
    page.keyboard.press("k")
    page.wait_for_function("url => location.href === url", arg=first)
    page.keyboard.press("Escape")
    page.wait_for_selector("#count")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.wait_for_selector(".controls")


def test_j_goes_on_beyond_what_is_in_sight(tab, account):
    page = tab.open(account, "#/findings")
    for _ in range(60):
        page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('li').getAttribute('aria-posinset')") == "60"
    box = page.evaluate("(({top, bottom}) => ({top, bottom}))(document.activeElement.getBoundingClientRect())")
    assert 0 < box["top"] and box["bottom"] <= 900
    assert page.locator(".list li").count() < 60


def test_a_finding_says_who_did_it_and_how_it_ended(tab, story):
    data = data_of(story)
    finding = first_finding(data, rule="ec2-security-group-ssh-open")
    page = tab.open(story, f"#/finding/{finding['id']}")
    text = page.inner_text("main")
    for said in [
        "role/Deploy as maintenance", "ec2:AuthorizeSecurityGroupIngress", "203.0.113.66",
        "user/build-agent opened a session of role/Deploy", "/IpPermissions/-", '"CidrIp": "0.0.0.0/0"',
        "from is <= 22 (is 22)", "ec2:RevokeSecurityGroupIngress", "role/SecurityEngineer as alice@example.com",
        "27 min 3 s", "52 s", "Resolved",
    ]:
        assert said in text, said
    # It is mended.
    assert page.locator("section", has_text="What to do").count() == 0
    marks = page.locator(".timeline li").evaluate_all("lines => lines.map(line => line.dataset.mark)")
    # The newest first: resolved, the change, the call; and before that what opened it.
    assert marks.index("✓") < marks.index("!")


def test_an_act_and_what_came_of_it_lead_to_each_other(tab, story):
    data = data_of(story)
    act = first_finding(data, rule="cloudtrail-logging-stopped")
    page = tab.open(story, f"#/finding/{act['id']}")
    came = page.locator("section", has_text="What came of it")
    assert "over after 25 min 38 s, by role/SecurityEngineer with cloudtrail:StartLogging" in came.inner_text()
    came.get_by_role("link", name="No trail records management events of all regions").click()
    said = page.locator("section", has_text="What signatures said of the call")
    said.get_by_role("link", name="CloudTrail logging stopped").click()
    page.wait_for_function(f"location.hash === '#/finding/{act['id']}'")


@pytest.mark.parametrize("tab", SCHEMES, ids=NAMES, indirect=True)
def test_what_is_closed_says_by_whom_and_counts_as_over(tab, story, tmp_path):
    data = data_of(story)
    act = first_finding(data, rule="cloudtrail-logging-stopped")
    act["status"] = "resolved"
    act["closed"] = {"at": act["last"] + 60, "by": "arn:aws:iam::111122223333:role/Sec", "reason": "a <b>drill</b>"}
    page = tab.open(with_data(story, data, tmp_path / "closed.html"), f"#/finding/{act['id']}")
    assert page.locator(".marks .pill", has_text="Closed").is_visible()
    card = page.locator("section", has=page.get_by_role("heading", name="Closed"))
    assert card.inner_text().split("\n") == ["Closed", "By", "role/Sec", "When", "2026-11-24 14:04:02 UTC", "Why", "a <b>drill</b>"]
    assert tab.violations() == []
    page = tab.open(tmp_path / "closed.html", "#/")
    assert "7 resolved" in page.inner_text("main")


def test_controls_pass_only_on_what_was_seen(tab, account):
    data = data_of(account)
    page = tab.open(account, "#/compliance/cis-aws-5.0")
    open_checks = {one["rule"] for one in data["findings"] if one["status"] == "open"}
    tallies = collections.defaultdict(collections.Counter)
    for tally in data["tallies"]:
        tallies[tally["check"]].update(clean=tally["clean"], unknown=tally["unknown"])
    cis = next(one for one in data["frameworks"] if one["id"] == "cis-aws-5.0")

    def status(checks):
        if any(check in open_checks for check in checks):
            return "Fail"
        if any(tallies[check]["unknown"] for check in checks):
            return "Unknown"
        return "Pass" if any(tallies[check]["clean"] for check in checks) else "Not judged"

    said = {row.locator(".control-id").inner_text(): re.sub(r"^\W+", "", row.locator(".pill").inner_text()).strip()
            for row in page.locator(".controls summary").all()}
    assert said == {control["id"]: status(control["checks"]) for control in cis["controls"]}


def test_the_page_and_the_command_say_the_same_of_controls(tab, trailpost, store, account):
    said = trailpost("report", "compliance", "nist-800-53-r5", "--json", "--store", "sqlite:s.db", cwd=store).stdout
    rows = {row["control"]: row["status"] for row in map(json.loads, said.splitlines())}
    page = tab.open(account, "#/compliance/nist-800-53-r5")
    words = {"Fail": "fail", "Unknown": "unknown", "Muted": "muted", "Pass": "pass", "Not judged": "unjudged"}
    shown = page.locator(".controls summary").evaluate_all(
        "rows => rows.map(row => [row.querySelector('.control-id').textContent, row.querySelector('.pill').lastChild.textContent])")
    assert {control: words[word] for control, word in shown} == rows
    assert {"fail", "pass"} <= set(rows.values())


def test_the_theme_is_the_readers_and_is_kept(tab, account):
    page = tab.open(account)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.keyboard.press("t")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    page.wait_for_selector("h1")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Switch to light").click()
    assert page.evaluate(ground) == light


def test_on_paper_the_rows_follow_each_other(tab, account):
    page = tab.open(account, "#/findings?severity=critical")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".list li").count() == tab.count()
    tops = page.locator(".list li").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().top)")
    assert tops == sorted(tops) and len(set(tops)) == len(tops)
    assert not page.locator(".narrow").is_visible()
