"""The samples hold what the other tests are about: without it those would hold of nothing."""

import collections

import samples


def test_findings_are_open_and_resolved_of_signatures_and_of_checks(written):
    rows = written["findings"].rows
    kinds = collections.Counter(
        (row["status"], row["scope"].startswith("arn:"), row["fix"] is None, row["outcome"]) for row in rows)
    assert kinds["open", True, False, "success"] > 1000
    assert kinds["resolved", True, False, "success"] > 0
    assert kinds["open", False, False, "success"] >= len(samples.HOSTILE) - 5
    assert kinds["open", False, False, "attempt"] > 0
    assert kinds["open", False, True, "success"] == 4, "of a rule that is not loaded"


def test_verdicts_are_of_each_kind(written):
    kinds = collections.Counter(row["status"] for row in written["scan"].rows)
    assert kinds["finding"] > 1000 and kinds["clean"] > 1000 and kinds["unknown"] > 1


def test_hostile_text_is_in_events_resources_and_reasons(written):
    agents = {row["actor"]["user_agent"] for row in written["detect"].rows}
    assert sum(text in agents for text in samples.HOSTILE) >= len(samples.HOSTILE) - 5
    assert any(samples.BUCKET in row["resource"] for row in written["scan"].rows)
    assert any("evil" in row["reason"] for row in written["scan"].rows if row["status"] == "unknown")


def test_a_finding_about_a_resource_has_its_cause(written):
    caused = [row for row in written["findings"].rows if row["event_id"].startswith("episode:") and row["event_name"]]
    assert [(row["event_name"], row["actor"]["user_agent"]) for row in caused] == [("PutBucketVersioning", "suspender")]


def test_nothing_is_nothing(written):
    assert written["nothing"].rows == []
