"""Links lead somewhere, and the book has every page."""

import re

import pages
import pytest


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)
def test_every_link_of_a_page_leads_somewhere(page):
    astray = []
    for link in pages.links(page):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in pages.anchors(path)):
            astray.append(link)
    assert not astray


def test_the_summary_names_every_page_of_the_docs():
    summary = pages.ROOT / "docs/SUMMARY.md"
    named = {(summary.parent / link).resolve() for link in pages.links(summary)}
    written = {page for page in pages.PAGES if page.parent.name == "docs" and page != summary}
    assert written - named == set()
