"""The verdict of the terminal report, and why it is not complete: told first, told once."""

from collections.abc import Callable
from typing import Any

import pytest

from auditor.coverage import Counted, Coverage, Ledger
from auditor.findings import Report, Run

from .builders import FINISHED, STARTED, MemoryFindings, finding, frame, make_report, rule

Written = Callable[[str, Report], bytes]


def verdict(written: Written, **given: Any) -> str:
    return written("terminal", make_report(**given)).decode().splitlines()[0]


def test_a_clean_audit_says_so(written: Written) -> None:
    text = verdict(written)

    assert text == "COMPLETE AND CLEAN: 1 rule checked 4 events, no finding"


@pytest.mark.parametrize(
    "given",
    [
        {"coverage": Coverage({"events": Ledger(5, 0, 0, 4)})},
        {"coverage": Coverage({"events": Ledger(5, 1, 0, 4)})},
        {"rules": [rule(compliant=3, unknown=1)]},
        {"rules": [rule(status="never_applied", not_applicable=4)]},
        {"rules": [rule(compliant=4), rule(status="not_run")]},
        {"rules": [rule(violation=1, findings=1)], "findings": MemoryFindings([frame(finding(1))])},
        {"rules": []},
    ],
)
def test_nothing_less_is_called_clean(given: dict[str, Any], written: Written) -> None:
    assert "AND CLEAN" not in verdict(written, **given)


def test_an_incomplete_audit_without_findings_is_not_clean(
    incomplete_report: Report, written: Written
) -> None:
    text = written("terminal", incomplete_report).decode()

    assert text.startswith("INCOMPLETE, NOT CLEAN: no finding, but not everything could be checked")
    assert "! logs/b.parquet cannot be read\n    hint: ask for it" in text


def test_why_an_audit_is_incomplete_is_told_once(written: Written) -> None:
    why = "ROUTE-001 could not decide 2 of the 4 rows it applies to (most often: plan is missing)"
    run = Run("r", STARTED, FINISHED, "streaming", complete=False, incomplete_reasons=[why])
    undecided = rule(compliant=2, unknown=2, unknown_reasons=[Counted("plan is missing", 2)])

    text = " ".join(written("terminal", make_report(run=run, rules=[undecided])).decode().split())

    assert text.count("could not decide") == text.count("plan is missing") == 1


@pytest.mark.parametrize("complete", [True, False])
def test_what_the_reasons_do_not_tell_of_a_rule_stands_below_the_table(
    written: Written, *, complete: bool
) -> None:
    why = [] if complete else ["ROUTE-001 could not decide 3 of the 4 rows (most often: a, 2)"]
    run = Run("r", STARTED, FINISHED, "streaming", complete=complete, incomplete_reasons=why)
    reasons = [Counted("a", 2), *([] if complete else [Counted("b", 1)])]
    undecided = rule(compliant=1, unknown=2, unknown_reasons=reasons)

    text = written("terminal", make_report(run=run, rules=[undecided])).decode()

    assert "- ROUTE-001 could not decide 2 rows: a (2)" in text


def test_rows_that_do_not_add_up_are_called_out(written: Written) -> None:
    report = make_report(coverage=Coverage({"events": Ledger(9, 0, 0, 4)}))

    text = written("terminal", report).decode()

    assert text.startswith("INCOMPLETE, NOT CLEAN")
    assert "0 outside the window - THIS DOES NOT ADD UP" in " ".join(text.split())


def test_the_verdict_compares_to_the_baseline(written: Written) -> None:
    findings = frame(finding(1, state="unchanged"), finding(2, waiver="accepted"))
    rules = [rule(violation=2, findings=2)]

    text = verdict(written, rules=rules, findings=MemoryFindings([findings]), resolved=3)

    assert text == (
        "COMPLETE: 2 findings (2 high), 1 of them unchanged, 1 of them waived; "
        "3 of the baseline resolved"
    )
