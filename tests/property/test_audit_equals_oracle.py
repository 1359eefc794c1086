"""On random logs the audit gives the ledger, counts and findings of the independent oracle."""

from collections import Counter
from typing import Any

from hypothesis import given, settings

from auditor.rules.load import load_rules
from tests.oracle.model import Question
from tests.oracle.report import Plain, expected_report
from tests.oracle.rules import RULES
from tests.oracle.verdicts import OUTCOMES

from .audits import Answer, audit
from .logs import Case, File, cases

EXAMPLES = 8 * settings().max_examples


def _counted(items: list[Plain], key: str) -> Plain:
    counts: Counter[str] = Counter()
    for item in items:
        counts[item[key]] += item["rows"]
    return dict(counts)


def _invalid_values(items: list[Plain]) -> Plain:
    """Rows per column and text; a list's text may or may not end with a separator."""
    counts: Counter[str] = Counter()
    for item in items:
        counts[f"{item['column']}={item['value'].removesuffix(';')}"] += item["rows"]
    return dict(counts)


def _rule(rule: Plain) -> Plain:
    kept = (*OUTCOMES, "status", "boundary_rows", "findings")
    reasons = {r["reason"]: r["rows"] for r in rule["unknown_reasons"]}
    return {**{key: rule[key] for key in kept}, "unknown_reasons": reasons}


def _finding(finding: Plain) -> Plain:
    dropped = {"message", "state", "waiver"}
    kept = {key: value for key, value in finding.items() if key not in dropped}
    kept["policy"] = kept["policy"] or {"valid_from": None, "valid_to": None}
    return {**kept, "boundary": kept["boundary"] is not None}


def essence_of(answer: Answer) -> Plain:
    """An answer in the shape of the oracle's."""
    report = answer.report
    ledger = (
        "rows_read", "rows_rejected", "rows_outside_window", "events", "first_at", "last_at",
    )  # fmt: skip
    return {
        "exit_code": answer.exit_code,
        "coverage": {
            **{key: report["coverage"][key] for key in ledger},
            "rejects": _counted(report["coverage"]["rejects"], "reason"),
            "invalid_values": _invalid_values(report["coverage"]["invalid_values"]),
        },
        "rules": {rule["id"]: _rule(rule) for rule in report["rules"]},
        "unresolved": {
            "hops": _counted(report["unresolved"]["hops"], "value"),
            "accounts": _counted(report["unresolved"]["accounts"], "account_id"),
        },
        "findings": [_finding(finding) for finding in report["findings"]],
    }


def _settled(finding: Plain, actual: Any) -> Plain:
    """A finding of the oracle with the one of its admissible values that `actual` has."""
    choices = {key: finding[key] for key in ("basis", "policy")}
    picked = {key: actual.get(key) if actual else None for key in choices}
    return finding | {
        key: picked[key] if picked[key] in values else values[0] for key, values in choices.items()
    }


def _assert_agreement(case: Case) -> None:
    answer = audit(case)
    expected = expected_report(answer.files, case.accounts, case.question)

    actual = essence_of(answer)

    by_id = {finding["id"]: finding for finding in actual["findings"]}
    expected["findings"] = [_settled(f, by_id.get(f["id"])) for f in expected["findings"]]
    assert actual == expected


def test_the_oracle_knows_every_shipped_rule_on_events() -> None:
    shipped = [rule for rule in load_rules([]) if rule.table == "events"]

    known = {(rule.id, rule.severity, rule.subject) for rule in RULES.values()}
    assert known == {(rule.id, rule.severity.value, rule.subject) for rule in shipped}


@settings(max_examples=EXAMPLES)
@given(case=cases())
def test_the_audit_of_a_random_log_equals_the_oracle(case: Case) -> None:
    _assert_agreement(case)


def test_a_finding_of_many_rows_shows_the_first_ten_by_file_and_row() -> None:
    columns = ("event_at", "meeting_id", "session_id", "account_id", "route", "opted_in")
    keys = {"meeting_id": "m", "session_id": "s", "account_id": "a", "opted_in": "US"}
    rows = [
        {**keys, "event_at": f"2020-05-{31 - day}T00:00:00Z", "route": route}
        for day, route in enumerate(("TJ", "SC", "LEJ", "country:CN") * 5)
    ]
    files = [File(columns, rows[:6]), File(columns, rows[6:])]

    _assert_agreement(Case(files, None, Question(("ROUTE-001",))))
