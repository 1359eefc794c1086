"""Long logs: what is counted by its case is what reading every row would say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from auditor.schema import TIME
from tests.acceptance.logs import invoke, report_of

ACCOUNTS = """\
account_id,plan,opted_in,home,valid_from,valid_to
A,pro,US,US,,2020-05-10T00:00:00Z
A,pro,US;CN,US,2020-05-10T00:00:00Z,
"""
RULE = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
message: "{session_id}"
tags: [default]
violation: VIOLATION
"""
ROWS = 30


@pytest.fixture(autouse=True)
def _all_logs_are_long() -> Iterator[None]:
    with (
        patch("auditor.engine.deciding.SKIMMED_ROWS", 0),
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 1),
    ):
        yield


def _log(**columns: object) -> pl.DataFrame:
    """Rows of one meeting, compliant unless `columns` say otherwise."""
    usual = {
        "event_at": "2020-05-02T10:00:00Z",
        "meeting_id": "m",
        "account_id": "A",
        "route": "SJ",
        "opted_in": "US",
    }
    sessions = pl.int_range(ROWS, eager=True).cast(pl.String).alias("session_id")
    cells = [
        pl.Series(name, cell) if isinstance(cell, list | pl.Series) else pl.lit(cell).alias(name)
        for name, cell in (usual | columns).items()
    ]
    return sessions.to_frame().with_columns(cells)


def _report(folder: Path, *arguments: str, **logs: pl.DataFrame) -> dict[str, Any]:
    for name, log in logs.items():
        log.write_parquet(folder / f"{name}.parquet")
    files = [f"{name}.parquet" for name in logs]
    return report_of(invoke("audit", *files, *arguments, "--format", "json", cwd=folder))


def _rule(report: dict[str, Any]) -> dict[str, int]:
    (rule,) = report["rules"]
    return rule  # type: ignore[no-any-return]  # a document


def test_starts_are_observed_where_only_other_files_state_them(tmp_path: Path) -> None:
    stated = _log(meeting_started_at="2020-05-02T09:00:00Z")
    days = [f"2020-04-{17 + row % 4}T23:00:00Z" for row in range(ROWS)]
    silent = _log(meeting_id="n", event_at=days)

    report = _report(tmp_path, "--select", "ROUTE-001", stated=stated, silent=silent)

    assert _rule(report)["compliant"] == ROWS
    assert _rule(report)["not_applicable"] == ROWS


def test_a_rule_may_read_the_text_of_a_route(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE.replace("VIOLATION", "route = 'sj'"), encoding="utf-8")
    log = _log(route=["SJ", "sj", "San Jose (SJ)"] * (ROWS // 3))

    report = _report(tmp_path, "--rules", "rule.yaml", log=log)

    assert _rule(report)["violation"] == ROWS // 3


@pytest.mark.parametrize(("country", "late"), [("US", ROWS), ("CN", 0), (None, 0)])
def test_rows_before_a_date_hinge_on_where_participants_were(
    tmp_path: Path, country: str | None, late: int
) -> None:
    log = _log(
        event_at="2020-04-24T20:00:00Z",
        route="TJ",
        participant_country=pl.Series([country] * ROWS, dtype=pl.String),
    )

    report = _report(
        tmp_path, "--select", "ROUTE-002", "--param", "cn_participant_allows=true", log=log
    )

    assert _rule(report)["boundary_rows"] == late


@pytest.mark.parametrize("beyond", [2**63 - 1, -(2**63)])
@pytest.mark.parametrize("column", ["event_at", "meeting_started_at"])
def test_times_beyond_any_calendar_are_no_case(tmp_path: Path, column: str, beyond: int) -> None:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    may = 1_588_413_600_000_000
    times = pl.Series([may, beyond] * (ROWS // 2)).cast(TIME)
    log = _log(**{column: times})

    report = _report(tmp_path, "--accounts", "accounts.csv", "--select", "ROUTE-001", log=log)

    assert _rule(report)["compliant"] == ROWS // 2
    is_key = column == "event_at"
    assert report["coverage"]["rows_rejected"] == (ROWS // 2 if is_key else 0)
    assert _rule(report)["unknown"] == (0 if is_key else ROWS // 2)


def test_a_log_whose_rows_have_no_cases_is_read_row_by_row(tmp_path: Path) -> None:
    rule = RULE.replace("VIOLATION", "media_bytes > 10")
    (tmp_path / "rule.yaml").write_text(rule, encoding="utf-8")
    log = _log(media_bytes=list(range(ROWS)))

    report = _report(tmp_path, "--rules", "rule.yaml", log=log)

    assert _rule(report)["violation"] == ROWS - 11
    assert report["coverage"]["reconciles"]


@pytest.mark.parametrize("most", [1, 8, 100, 1000])
def test_keys_that_would_not_fit_are_not_made(tmp_path: Path, most: int) -> None:
    routes = [["SJ", "TJ", "XYZ", "country:FR", "SJ;NY"][row % 5] for row in range(ROWS)]
    plans = [["pro", "free", "trial"][row % 3] for row in range(ROWS)]
    log = _log(route=routes, plan=plans, billing_country=["CN", "US"] * (ROWS // 2))
    read = _report(tmp_path, log=log)

    with patch("auditor.engine.skimming.cases._MOST_KEYS", most):
        report = _report(tmp_path, log=log)

    assert report["rules"] == read["rules"]
    assert report["findings"] == read["findings"]
    assert report["coverage"]["reconciles"]


def test_a_parameter_may_name_the_one_meeting_of_a_log(tmp_path: Path) -> None:
    times = pl.lit("2020-05-02T10:00:00Z").alias("join_time")
    log = _log(account_id="A", route="TJ").select(
        pl.col("session_id").alias("id"), times, pl.lit("China (TJ)").alias("full_data_center"),
        pl.col("account_id"), pl.lit("Austin (US)").alias("location"),
    )  # fmt: skip
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    arguments = ["--source", "zoom-dashboard", "--param", "meeting_id=X", "--select", "ROUTE-002"]

    report = _report(tmp_path, *arguments, "--accounts", "accounts.csv", log=log)

    assert _rule(report)["findings"] == ROWS


def test_the_day_from_which_a_rule_may_hold_divides_cases(tmp_path: Path) -> None:
    effective = (
        "effective: {earliest: 2020-05-10, from: 2020-05-20, doubt: the day is not known, "
        "timezone: UTC, clock: event_at}\n"
    )
    (tmp_path / "rule.yaml").write_text(
        RULE.replace("VIOLATION", "is_host") + effective, encoding="utf-8"
    )
    days = [f"2020-05-{5 + 10 * (row % 3):02}T12:00:00Z" for row in range(ROWS)]
    log = _log(event_at=days, is_host=True)

    rule = _rule(_report(tmp_path, "--rules", "rule.yaml", log=log))

    assert rule["not_applicable"] == rule["unknown"] == rule["violation"] == ROWS // 3
    assert rule["boundary_rows"] == ROWS // 3
