import csv
import io
import unicodedata

import samples

# A cell may be long; read with another separator than it was written with, a whole line is one.
csv.field_size_limit(1 << 24)

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def table(written, **dialect):
    text = written["csv"].decode("utf-8", "strict")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True, **dialect))


def test_every_row_has_every_cell(each):
    header, *rows = table(each)
    assert {len(row) for row in rows} <= {len(header)}
    assert len(set(header)) == len(header)
    assert len(rows) == len(each.rows)


def test_lines_end_as_rfc_4180_asks(each):
    lines = each["csv"].decode().split("\r\n")
    assert lines[-1] == "" and len(lines) == len(each.rows) + 2
    assert not any("\n" in line or "\r" in line for line in lines)


def test_cells_say_what_json_says(written):
    header, *rows = table(written["findings"])
    for cells, row in zip(rows, written["findings"].rows, strict=True):
        cell = dict(zip(header, cells, strict=True))
        assert (cell["id"], cell["rule"], cell["severity"], cell["status"], int(cell["count"])) == (
            row["id"], row["rule"], row["severity"], row["status"], row["count"])
        assert cell["last_seen"] == row["last_seen"]
    header, *rows = table(written["scan"])
    status = {"finding": "open", "clean": "clean", "unknown": "unknown"}
    got = [(cell[header.index("rule")], cell[header.index("status")]) for cell in rows]
    assert got == [(row["check"], status[row["status"]]) for row in written["scan"].rows]


def test_plain_text_is_as_it_was(written):
    header, *rows = table(written["detect"])
    agents = {row[header.index("user_agent")] for row in rows}
    for text in samples.HOSTILE:
        is_shown_as_is = text.isprintable() and text.strip() and ";" not in text and len(text) < 30_000
        if is_shown_as_is and not text.lstrip().startswith(ACTIVE) and '=1' not in text:
            assert text in agents


def test_no_cell_is_a_formula_whatever_it_is_split_at(each):
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(each["csv"].decode(), newline=""), delimiter=delimiter):
            for cell in row:
                assert not cell.lstrip(' "').startswith(ACTIVE), (delimiter, cell[:100])


def test_no_cell_holds_what_cannot_be_seen(each):
    hidden = {unicodedata.category(character) for character in each["csv"].decode() if character not in "\r\n"}
    assert not hidden & {"Cc", "Cf", "Zl", "Zp", "Cs"}
