"""CSV: flat lines of run, rules and findings that no spreadsheet runs and every reader can read."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest

from auditor.findings import Report

from .builders import MemoryFindings, finding, frame, make_report

Written = Callable[[str, Report], bytes]


def read(content: bytes, kind: str = "finding") -> list[dict[str, str]]:
    lines = csv.DictReader(StringIO(content.decode(), newline=""), strict=True)
    return [line for line in lines if line["kind"] == kind]


def rows_of(written: Written, *findings: dict[str, object]) -> list[dict[str, str]]:
    return read(written("csv", make_report(findings=MemoryFindings([frame(*findings)]))))


def test_the_header_stands_even_without_findings(clean_report: Report, written: Written) -> None:
    content = written("csv", clean_report)

    header, *_ = content.split(b"\r\n")
    assert header.startswith(b"kind,id,rule_id,severity,subject_kind,account_id,")
    assert header.endswith(
        b",state,waiver,status,violation,compliant,unknown,not_applicable,boundary_rows"
    )
    assert read(content) == []


def test_every_finding_is_one_record(full_report: Report, written: Written) -> None:
    rows = read(written("csv", full_report))

    assert [row["id"][-1] for row in rows] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", '"=', "'=", "\uff1d"]
)
@pytest.mark.parametrize("rest", ["cmd|' /C calc'!A0", '1,"x"', ""])
def test_a_text_that_starts_like_a_formula_is_guarded(
    start: str, rest: str, written: Written
) -> None:
    text = start + rest

    (row,) = rows_of(written, finding(1, account_id=text, message=text))

    assert (row["account_id"], row["message"]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", ["acme", "a=b", "1-2", "'quoted'", 'say "x"', "a,b", "x\r\ny"])
def test_other_texts_stay_as_they_are(text: str, written: Written) -> None:
    (row,) = rows_of(written, finding(1, account_id=text))

    assert row["account_id"] == text


def test_the_members_of_a_list_are_guarded_and_told_apart(written: Written) -> None:
    (row,) = rows_of(written, finding(1, route=["TJ", "=1", "a;b", "c\\"]))

    assert row["route"] == "TJ;'=1;a\\;b;c\\\\"


def test_rows_name_file_and_row(written: Written) -> None:
    rows = [{"path": "a.csv", "row": 1}, {"path": "-b.csv", "row": 22}]

    (row,) = rows_of(written, finding(1, rows=rows))

    assert row["rows"] == "a.csv:1;'-b.csv:22"


def test_a_finding_tells_its_boundary(full_report: Report, written: Written) -> None:
    rows = read(written("csv", full_report))

    told = {row["rule_id"]: row["boundary"] for row in rows}
    assert told["HOST-001"] == "in America/New_York this would be before the cut-off"
    assert told["ROUTE-001"] == ""


def test_every_rule_is_one_record_with_its_rows_by_outcome(
    full_report: Report, written: Written
) -> None:
    rules = read(written("csv", full_report), "rule")

    for line, rule in zip(rules, full_report.rules, strict=True):
        assert line["rule_id"] == rule.id
        assert line["status"] == rule.status
        assert line["boundary"] == (rule.boundary or "")
        assert line["message"] == (rule.not_run_reason or "")
        for name in ("violation", "compliant", "unknown", "not_applicable", "boundary_rows"):
            assert line[name] == str(getattr(rule, name))


def test_the_run_is_one_record_that_says_whether_it_is_complete(
    incomplete_report: Report, clean_report: Report, written: Written
) -> None:
    (incomplete,) = read(written("csv", incomplete_report), "run")
    (complete,) = read(written("csv", clean_report), "run")

    assert incomplete["status"] == "incomplete"
    assert incomplete["message"] == "\n".join(incomplete_report.run.incomplete_reasons)
    assert (complete["status"], complete["message"]) == ("complete", "")


def test_missing_values_are_empty(written: Written) -> None:
    (row,) = rows_of(written, finding(1, account_id=None, policy=None, media_bytes=None, route=[]))

    names = ("account_id", "policy_valid_from", "policy_valid_to", "media_bytes", "route")
    assert {row[name] for name in names} == {""}


def test_control_characters_are_shown(written: Written) -> None:
    (row,) = rows_of(written, finding(1, message="a\x00b\x1b[31m\x9b\u202e"))

    assert row["message"] == "a\\x00b\\x1b[31m\\x9b\\u202e"
