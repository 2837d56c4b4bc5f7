import collections
import xml.etree.ElementTree as ElementTree
import xml.parsers.expat

import junitparser
import pytest


def strictly(data):
    """Reads XML as the standard says, and refuses what could reach out of the document."""
    parser = xml.parsers.expat.ParserCreate()

    def refuse(*_):
        raise AssertionError("a document type or an entity was declared")

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.Parse(data, True)


def test_it_is_xml(each):
    strictly(each["junit"])


def test_the_parser_finds_what_is_wrong(written):
    for broken in (b"\x1b", b"&evil;", b"<x>", b"\xff", b"]]>"):
        with pytest.raises(xml.parsers.expat.ExpatError):
            strictly(written["detect"]["junit"].replace(b"</failure>", broken + b"</failure>", 1))


def cases(written):
    return list(ElementTree.fromstring(written["junit"]).iter("testcase"))


def test_nothing_was_added_to_the_elements(each):
    root = ElementTree.fromstring(each["junit"])
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped"}
    attributes = {"classname", "name", "time", "message", "type", "tests", "failures", "errors", "skipped"}
    assert all(set(element.attrib) <= attributes for element in root.iter())


def test_there_is_a_case_for_each_row(written):
    results = {"finding": ["failure"], "clean": [], "unknown": ["error"]}
    rows = written["scan"].rows
    for case, row in zip(cases(written["scan"]), rows, strict=True):
        assert case.get("classname") == row["check"]
        assert [child.tag for child in case] == results[row["status"]]
    for case, row in zip(cases(written["findings"]), written["findings"].rows, strict=True):
        assert [child.tag for child in case] == {"open": ["failure"], "resolved": []}[row["status"]]


def test_the_sums_are_those_that_another_reader_counts(each):
    suites = junitparser.JUnitXml.fromstring(each["junit"])
    said = (suites.tests, suites.failures, suites.errors, suites.skipped)
    suites.update_statistics()
    assert said == (suites.tests, suites.failures, suites.errors, suites.skipped)
    assert suites.tests == len(each.rows)


def test_each_verdict_has_a_name_of_its_own(written):
    names = collections.Counter((case.get("classname"), case.get("name")) for case in cases(written["scan"]))
    assert names.most_common(1)[0][1] == 1
