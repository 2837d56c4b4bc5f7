"""What the pages of this repository hold: blocks of commands, transcripts, links and headings."""

import collections
import pathlib
import re

import markdown_it

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))

Block = collections.namedtuple("Block", "page line language text")


def name(page):
    return str(page.relative_to(ROOT))


def blocks(page):
    tokens = markdown_it.MarkdownIt().parse(page.read_text())
    fences = (token for token in tokens if token.type == "fence")
    return [Block(page, token.map[0] + 1, token.info.strip(), token.content) for token in fences]


def commands(text):
    """The commands of a shell block, each on one line, without comments."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = map(strip, joined.splitlines())
    return [line for line in lines if line]


def strip(line):
    return re.sub(r"(^|\s)#\s.*$", "", line).strip()


def anchors(page):
    """The ids that GitHub and mdBook give to headings: https://docs.github.com/get-started (section links)."""
    tokens = markdown_it.MarkdownIt().parse(page.read_text())
    titles = (after.content for token, after in zip(tokens, tokens[1:]) if token.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page):
    for token in markdown_it.MarkdownIt().enable("table").parse(page.read_text()):
        for child in token.children or []:
            if child.type == "link_open":
                yield child.attrGet("href")
