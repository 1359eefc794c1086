"""On random logs an explanation of every row by every rule agrees with the audit."""

import json
import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner
from hypothesis import given, settings

from auditor.cli.main import cli
from tests.oracle.model import Question

from .audits import Answer, audit_in
from .logs import Case, cases

EXAMPLES = max(4, settings().max_examples // 2)

MOST = 4
"""Rules of a case whose rows or findings are explained: each takes as long as an audit."""

_REJECTED = re.compile("the row was rejected, so that no rule judged it: (.*)", re.DOTALL)


def _invoke(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(cli, ["explain", *arguments, "--format", "json"])
    if result.exit_code not in {0, 3}:
        raise AssertionError(f"exit {result.exit_code}: {result.output}") from result.exception
    return result.exit_code, json.loads(result.stdout)


def _flags(question: Question, rule_id: str, folder: Path, case: Case) -> list[str]:
    flags = {
        "--timezone": question.timezone,
        "--from": question.window_from,
        "--to": question.window_to,
        "--accounts": str(folder / f"accounts.{case.accounts_format}") if case.accounts else None,
    }
    found = [part for flag, text in flags.items() if text for part in (flag, text)]
    for name, value in question.params.items():
        found += ["--param", f"{name}={value}"]
    return found


def _rows(answer: Answer, rule_id: str, folder: Path, case: Case) -> list[Any]:
    """The explanations of all rows of the log by one rule."""
    places = [
        part
        for file in answer.report["inputs"]
        for row in range(1, (file["rows"] or 0) + 1)
        for part in ("--row", f"{file['path']}:{row}")
    ]
    if not places:
        return []
    paths = [file.path for file in answer.files]
    flags = _flags(case.question, rule_id, folder, case)
    _, explained = _invoke("--why-not", rule_id, *places, *paths, *flags)
    rows: list[Any] = explained["rows"]
    return rows


def _assert_rule_agrees(rule: Any, rows: list[Any], answer: Answer) -> None:
    outcomes = Counter(row["outcome"] for row in rows)
    reasons = Counter(row["because"] for row in rows if row["outcome"] == "unknown")
    counted = {name: rule[name] for name in ("violation", "compliant", "unknown", "not_applicable")}
    coverage = answer.report["coverage"]
    assert {name: outcomes[name] for name in counted} == counted
    assert Counter(row["bucket"] for row in rows) == Counter(
        event=coverage["events"],
        rejected=coverage["rows_rejected"],
        outside_window=coverage["rows_outside_window"],
    )
    # An invalid value is named with its text.
    named = Counter({reason.partition(": ")[0]: 0 for reason in reasons})
    for reason, count in reasons.items():
        named[reason.partition(": ")[0]] += count
    assert named == Counter({one["reason"]: one["rows"] for one in rule["unknown_reasons"]})
    rejects = Counter(m[1] for row in rows if (m := _REJECTED.fullmatch(row["because"])))
    assert rejects == Counter({one["reason"]: one["rows"] for one in coverage["rejects"]})
    doubtful = sum(
        row["outcome"] == "not_applicable" and bool(row["effective"]["doubt"]) for row in rows
    )
    assert doubtful == rule["boundary_rows"]


def _assert_truths_make_the_outcome(row: Any) -> None:
    """The conditions shown lead to the outcome shown."""
    if row["outcome"] in {None, "unknown"}:
        return
    applies = row["applies"]["truth"] if row["applies"] else "TRUE"
    force, violation = row["effective"]["truth"], row["violation"]["truth"]
    if row["outcome"] == "not_applicable":
        assert "FALSE" in {applies, force}
    else:
        wanted = "TRUE" if row["outcome"] == "violation" else "FALSE"
        assert (applies, force, violation) == ("TRUE", "TRUE", wanted)


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=cases())
def test_every_row_is_explained_as_it_was_decided(case: Case) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        answer = audit_in(folder, case)
        violating = {
            (finding["rule_id"], row["path"], row["row"])
            for finding in answer.report["findings"]
            for row in finding["rows"]
        }

        asked = case.question.select[:MOST]
        for rule in (one for one in answer.report["rules"] if one["id"] in asked):
            rows = _rows(answer, rule["id"], folder, case)

            _assert_rule_agrees(rule, rows, answer)
            for row in rows:
                _assert_truths_make_the_outcome(row)
                if (rule["id"], row["path"], row["row"]) in violating:
                    assert row["outcome"] == "violation"


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(case=cases())
def test_every_finding_is_explained_by_its_report(case: Case) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        answer = audit_in(folder, case)
        report = folder / "report.json"
        report.write_text(answer.stdout, encoding="utf-8")

        # The last finding of a rule, for as many rules as are asked about.
        of_rules = {finding["rule_id"]: finding for finding in answer.report["findings"]}
        for rule_id in list(of_rules)[:MOST]:
            finding = of_rules[rule_id]
            code, explained = _invoke(str(report), finding["id"])

            rows = explained["rows"]
            assert (code, explained["problems"]) == (0, [])
            assert {check["state"] for check in explained["checks"]} == {"same"}
            assert [{"path": r["path"], "row": r["row"]} for r in rows] == finding["rows"]
            assert {row["outcome"] for row in rows} == {"violation"}
            countries = {hop["country"] for row in rows for hop in row["hops"]} - {None}
            assert countries <= set(finding["jurisdictions"])
            assert {row["meeting"]["start_basis"] for row in rows} <= {"reported", "observed"}
