"""Text of somebody hostile stays text, wherever it stands."""

import copy

from conftest import data_of, with_data

PAYLOADS = [
    "</script><script>window.owned = 1</script>",
    "<img src=x onerror='window.owned = 1'>",
    "<svg/onload=window.owned=1>",
    "javascript:window.owned=1",
    "{{constructor.constructor('window.owned=1')()}}",
    "\"><a href='javascript:window.owned=1'>click</a>",
    "<!--<script>",
    "]]><style>*{display:none}</style>",
    "__proto__",
]


def hostile(data, payload):
    """The data of a page with `payload` in every text of an event or a resource."""
    data = copy.deepcopy(data)
    kept = {"id", "rule", "severity", "status", "type", "certainty", "op", "kind", "outcome", "turn", "resolution"}

    def spoil(value, key=""):
        if isinstance(value, dict):
            return {key: spoil(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [spoil(inner, key) for inner in value]
        return payload if isinstance(value, str) and key not in kept else value

    data["findings"] = spoil(data["findings"])
    data["lives"] = spoil(data["lives"])
    for rule in data["rules"].values():
        rule["title"] = payload
        rule["references"] = [payload, "https://example.com/" + payload]
    return data


def test_text_stays_text_in_every_view(tab, story, tmp_path):
    data = data_of(story)
    finding = next(one for one in data["findings"] if one["rule"] == "ec2-security-group-ssh-open")
    views = ["#/", "#/findings?status=all", f"#/finding/{finding['id']}", "#/compliance"]
    for number, payload in enumerate(PAYLOADS):
        place = with_data(story, hostile(data, payload), tmp_path / f"{number}.html")
        for view in views:
            page = tab.open(place, view)
            assert page.evaluate("window.owned") is None, (payload, view)
            assert page.evaluate("document.querySelectorAll('script').length") == 2
            assert page.evaluate("document.querySelectorAll('main img, main script, main style, [onerror], [onload]').length") == 0
            assert page.evaluate("[...document.querySelectorAll('main a')].every(link => /^(#|https:)/.test(link.getAttribute('href')))")
        page = tab.open(place, views[2])
        assert page.inner_text("h1") == payload


def test_an_address_is_not_believed(tab, story):
    for view in ["#/finding/<img src=x onerror=window.owned=1>", "#/finding/%", "#/finding/__proto__", "#/compliance/toString", "#/findings?service=<b>"]:
        page = tab.open(story, view)
        assert page.evaluate("window.owned") is None
        assert page.locator("main img, main h1 b").count() == 0


def test_the_policy_holds(tab, story):
    page = tab.open(story)
    blocked = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
          const script = document.createElement('script');
          script.textContent = 'window.owned = 1';
          document.body.append(script);
        })"""
    )
    assert blocked.startswith("script-src") and page.evaluate("window.owned") is None
    assert len(tab.wrong) > 0
    tab.wrong.clear()
