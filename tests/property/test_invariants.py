"""What must hold of every audit, whatever the rules say: found by comparing audits of one log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.oracle.model import Accounts, Broken, Question, Raw, Record, Row

from .audits import Answer, audit, audit_in
from .cells import CUTS, LISTS, RULE_IDS
from .logs import Case, File, cases

Plain = dict[str, Any]
_PLACES = {"run", "inputs", "registries"}
_OPT_IN_RULES = (
    "ROUTE-001", "ROUTE-002", "ROUTE-003", "KEY-001", "RES-DIAL-001", "RES-REC-001",
)  # fmt: skip


def _without_rows(report: Plain) -> Plain:
    """A report without what depends on where its rows and files lie."""
    findings = [{k: v for k, v in f.items() if k != "rows"} for f in report["findings"]]
    kept = {key: value for key, value in report.items() if key not in _PLACES}
    return kept | {"findings": findings}


def _violating_rows(report: Plain) -> Plain:
    return {finding["id"]: finding["events"] for finding in report["findings"]}


def _rows_of(file: File) -> list[Row]:
    """Rows that all have every column of the file."""
    rows = [record for record in file.records if not isinstance(record, Broken)]
    return [{name: row.get(name) for name in file.columns} for row in rows]


def _one_file(case: Case) -> Case:
    whole = case.everything()
    return replace(case, files=[replace(whole, records=_rows_of(whole))])


def _with_rows(case: Case, rows: Sequence[Record]) -> Case:
    return replace(case, files=[replace(case.files[0], records=rows)])


@given(case=cases())
def test_every_row_is_counted_in_exactly_one_bucket(case: Case) -> None:
    report = audit(case).report

    coverage, findings = report["coverage"], report["findings"]
    buckets = ("events", "rows_rejected", "rows_outside_window")
    assert coverage["rows_read"] == sum(coverage[bucket] for bucket in buckets)
    assert coverage["rows_rejected"] == sum(r["rows"] for r in coverage["rejects"])
    assert coverage["rows_read"] == sum(file["rows"] for file in report["inputs"])
    assert coverage["reconciles"] is True
    for rule in report["rules"]:
        own = [finding for finding in findings if finding["rule_id"] == rule["id"]]
        outcomes = ("violation", "compliant", "unknown", "not_applicable")
        assert coverage["events"] == sum(rule[outcome] for outcome in outcomes)
        assert rule["unknown"] == sum(r["rows"] for r in rule["unknown_reasons"])
        assert rule["boundary_rows"] <= rule["not_applicable"]
        assert rule["violation"] == sum(finding["events"] for finding in own)
        assert rule["findings"] == len(own) == report["summary"]["by_rule"][rule["id"]]


@given(case=cases())
def test_the_summary_agrees_with_the_findings(case: Case) -> None:
    report = audit(case).report

    summary, findings = report["summary"], report["findings"]
    severities = Counter(finding["severity"] for finding in findings)
    assert summary["findings"] == len(findings) == len({f["id"] for f in findings})
    assert {k: n for k, n in summary["by_severity"].items() if n} == severities
    assert all(f["message"] and len(f["rows"]) == min(f["events"], 10) for f in findings)
    assert all(f["first_at"][:19] <= f["last_at"][:19] for f in findings)


@given(case=cases())
def test_two_audits_of_one_log_differ_only_in_their_run(case: Case) -> None:
    with TemporaryDirectory() as folder:
        first, second = (audit_in(Path(folder), case) for _ in range(2))

    def masked(answer: Answer) -> str:
        text, run = answer.stdout, answer.report["run"]
        for key in ("id", "started_at", "finished_at"):
            text = text.replace(str(run[key]), key)
        return text

    assert masked(first) == masked(second)
    assert first.exit_code == second.exit_code


@given(case=cases(), data=st.data())
def test_splitting_a_log_into_files_changes_nothing_but_where_rows_lie(
    case: Case, data: st.DataObject
) -> None:
    case = _one_file(case)
    file = case.files[0]
    assume(len(file.records) > 1)
    cut = data.draw(st.integers(1, len(file.records) - 1))
    parts = [replace(file, records=r) for r in (file.records[:cut], file.records[cut:])]

    whole, split = audit(case), audit(replace(case, files=parts))

    assert _without_rows(whole.report) == _without_rows(split.report)
    assert whole.exit_code == split.exit_code


@given(case=cases(), data=st.data())
def test_the_order_of_rows_changes_no_finding(case: Case, data: st.DataObject) -> None:
    case = _one_file(case)
    rows = data.draw(st.permutations(case.files[0].records))

    before, after = audit(case), audit(_with_rows(case, rows))

    assert _without_rows(before.report) == _without_rows(after.report)


@given(case=cases(), others=st.lists(st.sampled_from(RULE_IDS), unique=True))
def test_the_findings_of_a_rule_do_not_depend_on_the_other_rules(
    case: Case, others: list[str]
) -> None:
    rule_id = case.question.select[0]
    params = {k: v for k, v in case.question.params.items() if k.startswith(rule_id)}
    alone = replace(case.question, select=(rule_id,), params=params)
    together = replace(alone, select=tuple({rule_id, *others}))

    def own(answer: Answer) -> tuple[list[Plain], list[Plain]]:
        report = answer.report
        return (
            [rule for rule in report["rules"] if rule["id"] == rule_id],
            [finding for finding in report["findings"] if finding["rule_id"] == rule_id],
        )

    with TemporaryDirectory() as folder:
        first, second = (
            audit_in(Path(folder), replace(case, question=question))
            for question in (alone, together)
        )

    assert own(first) == own(second)


def _as_list(cell: Raw) -> Raw:
    """A set in text as the list that means the same."""
    text = cell.strip() if isinstance(cell, str) else ""
    return text.removesuffix(";").split(";") if text else None


@given(case=cases(log_format="csv"), is_typed=st.booleans(), has_lists=st.booleans())
def test_a_log_in_parquet_gives_the_report_of_the_same_log_in_csv(
    case: Case, is_typed: bool, has_lists: bool
) -> None:
    case = _one_file(case)
    rows = case.files[0].records
    if has_lists:
        rows = [
            {k: _as_list(v) if k in LISTS else v for k, v in row.items()}
            for row in _rows_of(case.files[0])
        ]
    parquet = replace(_with_rows(case, rows), log_format="parquet", is_typed=is_typed)

    def comparable(answer: Answer) -> Plain:
        report = _without_rows(answer.report)
        for item in report["coverage"]["invalid_values"]:
            item["value"] = item["value"].removesuffix(";")
        report["coverage"]["invalid_values"].sort(key=str)
        return report

    assert comparable(audit(case)) == comparable(audit(parquet))


@given(case=cases(), hop=st.sampled_from(("SC", "XYZ9", "TJ")))
def test_a_row_of_another_meeting_changes_no_finding(case: Case, hop: str) -> None:
    case = _one_file(case)
    cells: dict[str, Raw] = {
        "event_at": "2020-05-02T00:00:00Z",
        "meeting_id": "m0",
        "session_id": "s0",
        "account_id": "a0",
        "route": hop,
    }
    if any(isinstance(row["route"], list) for row in _rows_of(case.files[0])):
        cells["route"] = [hop]
    row = dict.fromkeys(case.files[0].columns) | cells
    others = case.files[0].records

    before = _violating_rows(audit(case).report)
    after = audit(_with_rows(case, [*others, row])).report

    strangers = {f["id"] for f in after["findings"] if f["subject"]["meeting_id"] == "m0"}
    assert before == {k: n for k, n in _violating_rows(after).items() if k not in strangers}


def _widened(cell: Raw, token: str) -> Raw:
    """An opt-in with one token more; a missing one stays missing."""
    if isinstance(cell, str):
        return f"{cell.removesuffix(';')};{token}" if cell.strip() else cell
    return None if cell is None else [*cell, token]


def _with_wider_optins(case: Case, token: str) -> Case:
    def widen(rows: Sequence[Record]) -> list[Row]:
        return [
            {k: _widened(v, token) if k == "opted_in" else v for k, v in row.items()}
            for row in rows
            if not isinstance(row, Broken)
        ]

    accounts = case.accounts
    if accounts:
        accounts = Accounts(accounts.columns, widen(accounts.rows))
    return replace(_with_rows(case, widen(case.files[0].records)), accounts=accounts)


@given(case=cases(), token=st.sampled_from(("CN", "US", "EU", "zoom:LA")))
def test_a_wider_optin_never_adds_a_violation(case: Case, token: str) -> None:
    case = _one_file(case)
    question = replace(case.question, select=_OPT_IN_RULES, params={})
    case = replace(case, question=question)

    narrow = _violating_rows(audit(case).report)
    wide = _violating_rows(audit(_with_wider_optins(case, token)).report)

    assert all(rows <= narrow.get(finding, 0) for finding, rows in wide.items())


@given(case=cases(), cut=st.sampled_from(CUTS))
def test_the_violations_of_two_adjoining_windows_are_those_of_both(
    case: Case, cut: datetime
) -> None:
    edge = cut.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    question = replace(case.question, window_from=None, window_to=None)

    def violating(question: Question) -> Counter[str]:
        return Counter(_violating_rows(audit(replace(case, question=question)).report))

    before, after = replace(question, window_to=edge), replace(question, window_from=edge)
    assert violating(question) == violating(before) + violating(after)
