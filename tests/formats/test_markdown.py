import re

import pytest
from markdown_it import MarkdownIt

import samples

# What a page makes of it: plain CommonMark, and with tables and bare addresses as GitHub has them.
READERS = [MarkdownIt("commonmark"), MarkdownIt("gfm-like")]


def flat(tokens):
    for token in tokens:
        yield token
        yield from flat(token.children or ())


@pytest.fixture(params=READERS, ids=["commonmark", "gfm"])
def reader(request):
    return request.param


def harm(reader, text):
    """What acts: HTML, images, links to anywhere but to where a rule refers, mentions of people and issues."""
    for token in flat(reader.parse(text)):
        if token.type in ("html_block", "html_inline", "image"):
            yield token.content
        if token.type == "link_open":
            href = token.attrs["href"]
            if token.markup != "autolink" or not href.startswith("https://") or "evil" in href:
                yield href
        if token.type == "text" and re.search(r"(?<!\w)[@#]\w+", token.content):
            yield token.content


def test_no_hostile_text_acts(each, reader):
    assert list(harm(reader, each["markdown"].decode())) == []


def test_the_reader_finds_what_is_wrong(reader):
    for text in samples.HOSTILE:
        if text.startswith(("<script", "<img", "![", "[x](https", "<https", "https")):
            assert list(harm(reader, text)) != [], text


def test_hostile_text_stands_in_code_alone(each, reader):
    for token in flat(reader.parse(each["markdown"].decode())):
        assert token.type != "text" or "evil.example" not in token.content


def test_each_row_is_an_item_and_each_rule_a_heading(each, reader):
    tokens = reader.parse(each["markdown"].decode())
    assert sum(token.type == "list_item_open" for token in tokens) == len(each.rows)
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    rules = {row.get("rule", row.get("check")) for row in each.rows}
    assert headings == ["h1"] + ["h2"] * len(rules)


def test_the_table_counts_what_there_is(written):
    tokens = READERS[1].parse(written["scan"]["markdown"].decode())
    cells = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "td_open"]
    head = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "th_open"]
    assert head == ["Severity", "Rule", "Open", "Unknown", "Clean"]
    sums = [sum(int(cell) for cell in cells[place::len(head)]) for place in (2, 3, 4)]
    rows = [row["status"] for row in written["scan"].rows]
    assert sums == [rows.count("finding"), rows.count("unknown"), rows.count("clean")]
