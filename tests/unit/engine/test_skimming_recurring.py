"""Long logs whose rows hardly recur: they are read one by one, and others are not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest

from auditor.engine.skimming.recurring import Distinct, Trial
from tests.acceptance.logs import invoke, report_of

ROWS = 20_000
ACCOUNTS = "account_id,plan,opted_in,home\nA,pro,US,US\n"


@pytest.fixture(autouse=True)
def _logs_are_long() -> Iterator[None]:
    with (
        patch("auditor.engine.deciding.SKIMMED_ROWS", ROWS),
        patch("auditor.engine.skimming.spool._BATCH_ROWS", 2000),
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 500),
        patch("auditor.engine.skimming.recurring._FEW", 10),
        patch("auditor.engine.skimming.recurring._TRIED_ROWS", 2000),
        patch("auditor.engine.skimming.recurring._RESTING_ROWS", 4000),
    ):
        yield


def _log(routes: pl.Series) -> pl.DataFrame:
    return pl.select(
        event_at=pl.lit("2020-05-02T10:00:00Z"),
        meeting_id=pl.lit("m"),
        session_id=pl.int_range(len(routes)).cast(pl.String),
        account_id=pl.lit("A"),
        route=routes,
    )


def _private(rows: int) -> pl.Series:
    """As many addresses as rows, none of them anywhere."""
    number = pl.int_range(rows)
    hop = pl.format("10.{}.{}.{}", number // 65536 + 1, number // 256 % 256, number % 256)
    return pl.select(hop.alias("route"))["route"]


def _same(rows: int) -> pl.Series:
    return pl.Series("route", [["SJ", "SJ;NY", "country:FR", "x", "10.0.0.1"][n % 5]
                               for n in range(rows)])  # fmt: skip


def _audited(folder: Path, log: pl.DataFrame, file: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The report, and the totals of the profile."""
    (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    if file.endswith(".csv"):
        log.write_csv(folder / file)
    else:
        log.write_parquet(folder / file, row_group_size=1000)
    given = ("--accounts", "accounts.csv", "--profile", "profile.json", "--format", "json")
    report = report_of(invoke("audit", file, *given, cwd=folder))
    return report, json.loads((folder / "profile.json").read_text("utf-8"))["totals"]


def _read_by_row(folder: Path, log: pl.DataFrame, file: str) -> dict[str, Any]:
    with patch("auditor.engine.deciding.SKIMMED_ROWS", log.height + 1):
        return _audited(folder, log, file)[0]


@pytest.mark.parametrize("file", ["log.parquet", "log.csv"])
def test_a_log_whose_routes_do_not_recur_is_read_row_by_row(tmp_path: Path, file: str) -> None:
    log = _log(_private(ROWS))

    report, done = _audited(tmp_path, log, file)

    assert (done["cases"], done["rows_one_by_one"]) == (0, ROWS)
    read = _read_by_row(tmp_path, log, file)
    assert {**report, "run": None} == {**read, "run": None}


@pytest.mark.parametrize("file", ["log.parquet", "log.csv"])
def test_a_log_whose_routes_recur_is_decided_by_case(tmp_path: Path, file: str) -> None:
    log = _log(_same(ROWS))

    report, done = _audited(tmp_path, log, file)

    violating = ROWS // 5
    assert done["rows_one_by_one"] == violating
    read = _read_by_row(tmp_path, log, file)
    assert {**report, "run": None} == {**read, "run": None}


@pytest.mark.parametrize("file", ["log.parquet", "log.csv"])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_part_of_a_log_that_recurs_is_decided_by_case(
    tmp_path: Path, file: str, *, is_first: bool
) -> None:
    parts = [_same(ROWS), _private(ROWS)]
    log = _log(pl.concat(parts if is_first else parts[::-1]))

    report, done = _audited(tmp_path, log, file)

    # NOTE: of a batch that is half the one and half the other part, an eighth may be learnt
    assert done["cases"] < ROWS // 8
    assert done["rows_by_case"] > ROWS // 3
    read = _read_by_row(tmp_path, log, file)
    assert {**report, "run": None} == {**read, "run": None}


def test_routes_that_recur_among_many_that_do_not_are_decided_by_case(tmp_path: Path) -> None:
    mixed = pl.DataFrame({"a": _same(ROWS), "b": _private(ROWS)})
    is_even = pl.int_range(ROWS) % 2 == 0
    log = _log(mixed.select(route=pl.when(is_even).then("a").otherwise("b"))["route"])

    report, done = _audited(tmp_path, log, "log.parquet")

    assert done["cases"] < 100
    assert done["rows_by_case"] == ROWS // 2 * 4 // 5
    read = _read_by_row(tmp_path, log, "log.parquet")
    assert {**report, "run": None} == {**read, "run": None}


def _recurring(keys: list[int], asked: int) -> list[int]:
    rows = Distinct.of(np.array(keys), np.arange(len(keys))).recurring(asked)
    return [int(row) for row in rows]


def test_keys_met_once_are_left_out_where_they_are_many() -> None:
    keys = [7, *range(100, 120), 7, 9, 9]

    assert _recurring(keys, asked=len(keys)) == [0, 22]
    assert len(_recurring(keys, asked=8 * len(keys))) == 22


def test_after_a_vain_trial_rows_are_not_asked_about_for_a_while_and_then_again() -> None:
    trial = Trial()

    assert not trial.is_resting(1000)
    assert not trial.has_failed(asked=1000, missed=1000)
    assert trial.has_failed(asked=1000, missed=501)
    assert [trial.is_resting(2000) for _ in range(4)] == [True, True, False, False]
    assert not trial.has_failed(asked=2000, missed=1500)
    assert not trial.is_resting(1)
