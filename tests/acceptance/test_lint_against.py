"""`auditor rules lint --against LOG` tells what rules cannot decide for want of a column."""

import json
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import Result

from tests.acceptance.logs import invoke, report_of, run

_ROOT: Final = Path(__file__).parents[2]
_KEYS: Final = "event_at,meeting_id,session_id,account_id,route"


def _lint(folder: Path, *flags: str) -> Result:
    return invoke("rules", "lint", "--format", "json", *flags, cwd=folder)


def _remarks(done: Result) -> dict[str, Any]:
    return {Path(r["path"]).stem: r for r in report_of(done)["remarks"]}


def _log(folder: Path, *columns: str, name: str = "log.csv") -> None:
    (folder / name).write_text(",".join([_KEYS, *columns]) + "\n")


def test_rules_that_a_log_cannot_decide_are_named_with_the_column(tmp_path: Path) -> None:
    _log(tmp_path)

    done = _lint(tmp_path, "zoom-2020", "--against", "log.csv")

    assert done.exit_code == 1
    told = _remarks(done)
    assert told["HOST-001"]["check"] == "undecidable"
    assert told["HOST-001"]["message"] == (
        "HOST-001 cannot decide any row it applies to in log.csv: "
        "no column billing_country, home, plan, registered_country"
    )
    assert "--accounts" in told["HOST-001"]["hint"]
    assert told["CRYPTO-001"]["check"] == "undecidable"
    assert told["ROUTE-002"]["message"].startswith("ROUTE-002 cannot find any violation in log.csv")
    assert "SALE-001" not in told


def test_one_column_of_several_is_enough(tmp_path: Path) -> None:
    _log(tmp_path, "plan", "home", "opted_in")

    told = _remarks(_lint(tmp_path, "zoom-2020", "--against", "log.csv"))

    assert told["HOST-001"]["check"] == "missing-column"
    assert not {"ROUTE-002", "ROUTE-003"} & told.keys()
    assert told["ROUTE-001"]["message"].endswith("has no column for: connection_type")


def test_a_registry_supplies_facts_of_accounts(tmp_path: Path) -> None:
    _log(tmp_path)
    (tmp_path / "accounts.csv").write_text("account_id,plan,billing_country,opted_in,home\n")

    told = _remarks(
        _lint(tmp_path, "zoom-2020", "--against", "log.csv", "--accounts", "accounts.csv")
    )

    assert not {"ROUTE-002", "ROUTE-003"} & told.keys()
    assert told["HOST-001"]["message"].endswith("has no column for: registered_country")


def test_files_with_other_columns_are_told_apart(tmp_path: Path) -> None:
    _log(tmp_path, "opted_in", name="a.csv")
    _log(tmp_path, name="b.csv")
    pl.DataFrame({name: ["x"] for name in _KEYS.split(",")}).write_parquet(tmp_path / "c.parquet")

    told = _remarks(_lint(tmp_path, "zoom-2020", "--against", "."))

    assert "b.csv (and 1 more)" in told["ROUTE-003"]["message"]


def test_orders_are_judged_by_their_own_columns(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order_id,account_id,ordered_at,action,billing_country\n")

    told = _remarks(
        _lint(tmp_path, "zoom-2020", "--against", "orders.csv", "--source", "canonical-orders")
    )

    assert told["SALE-001"]["check"] == "undecidable"
    assert {name.partition("-")[0] for name in told} == {"SALE"}


def test_a_key_of_any_json_record_is_a_column(tmp_path: Path) -> None:
    record = dict.fromkeys(_KEYS.split(","), "x")
    lines = [json.dumps(record), json.dumps(record | {"opted_in": ["US"]})]
    (tmp_path / "log.ndjson").write_text("\n".join(lines) + "\n")

    told = _remarks(_lint(tmp_path, "zoom-2020", "--against", "log.ndjson"))

    assert "ROUTE-003" not in told
    assert told["HOST-001"]["check"] == "undecidable"


@pytest.mark.parametrize("flags", [["--against", "nowhere.csv"], ["--against", "bad.csv"]])
def test_a_log_that_cannot_be_opened_is_no_clean_result(tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n")

    assert run("rules", "lint", *flags, cwd=tmp_path).returncode == 2


def test_what_lint_calls_undecidable_an_audit_leaves_unknown(tmp_path: Path) -> None:
    _log(tmp_path)
    with (tmp_path / "log.csv").open("a") as log:
        log.write("2021-05-02T10:00:00Z,m1,s1,A,TJ\n")
    flags = [flag for name in ("HOST-001", "CRYPTO-001") for flag in ("--select", name)]

    done = invoke("audit", "log.csv", "--format", "json", *flags, cwd=tmp_path)

    assert [rule["unknown"] for rule in report_of(done)["rules"]] == [1, 1]
