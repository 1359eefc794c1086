"""The truth about a generated log is what a plain reading of its files finds."""

import json
from pathlib import Path

import polars as pl
import pytest

from auditor.generate.log import write_log
from auditor.generate.request import LogFormat, LogRequest
from tests.unit.generate.recount import finding_id, recount

RULES = ("HOST-001", "ROUTE-001", "ROUTE-002", "ROUTE-003")


def written(folder: Path, **wishes: object) -> Path:
    request = LogRequest(**{"rows": 5000, "seed": 11, "format": LogFormat.CSV, **wishes})  # type: ignore[arg-type]  # the wishes of one test, by name
    write_log(folder / "log", request, lambda _: None)
    return folder / "log"


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"violations": 0.05},
        {"violations": 0.05, "unresolved": 0.1},
        {"violations": 0.3, "unresolved": 0.3, "has_start": False, "files": 3},
        {"seed": -5, "violations": 0.02, "rows": 20_000, "accounts": 2000},
        {"violations": 1.0},
        {"unresolved": 1.0},
        {"rows": 1},
    ],
)
def test_a_plain_reading_of_the_files_finds_exactly_the_truth(
    tmp_path: Path, wishes: dict[str, object]
) -> None:
    folder = written(tmp_path, **wishes)

    outcomes, findings = recount(folder)

    truth = pl.read_parquet(folder / "truth.parquet").fill_null("")
    keys = ("rule_id", "account_id", "meeting_id", "session_id")
    assert {tuple(row[key] for key in keys): row["events"] for row in truth.to_dicts()} == findings
    assert truth["id"].to_list() == [finding_id(*row) for row in truth.select(keys).rows()]
    expected = json.loads((folder / "expected.json").read_text())
    for rule_id in RULES:
        counts = dict(expected["rules"][rule_id])
        assert counts.pop("findings") == truth.filter(rule_id=rule_id).height
        assert {k: v for k, v in counts.items() if v} == outcomes[rule_id]


def test_truth_is_in_the_order_of_a_report(tmp_path: Path) -> None:
    folder = written(tmp_path, violations=0.1)

    truth = pl.read_parquet(folder / "truth.parquet")

    keys = truth.select("rule_id", "account_id", "meeting_id", "session_id").fill_null("").rows()
    assert keys == sorted(keys)
    assert set(truth["rule_id"]) == set(RULES)


def test_a_default_log_has_nothing_unknown(tmp_path: Path) -> None:
    folder = written(tmp_path, violations=0.1)

    expected = json.loads((folder / "expected.json").read_text())

    assert [expected["rules"][rule_id]["unknown"] for rule_id in RULES] == [0, 0, 0, 0]


def test_unresolved_rows_are_unknown_to_every_rule_that_they_touch(tmp_path: Path) -> None:
    folder = written(tmp_path, unresolved=0.2)

    expected = json.loads((folder / "expected.json").read_text())

    assert all(expected["rules"][rule_id]["unknown"] > 0 for rule_id in RULES)
