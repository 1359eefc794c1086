"""A selected rule that a log cannot decide: the audit is incomplete and names the column."""

import json
from pathlib import Path

import pytest

from tests.acceptance.logs import CLEAN, HEADER, invoke, report_of

_HEADER = "event_at,meeting_id,session_id,account_id,route,hop_role"
_ROW = "2020-06-02T10:00:00Z,m,s,A,TJ,{role}"


def _log(folder: Path, role: str = "", header: str = "", cells: str = "") -> None:
    text = f"{_HEADER}{header}\n{_ROW.format(role=role)}{cells}\n"
    (folder / "log.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("rule", "role", "says"),
    [
        ("CLIENT-001", "", "no file has the column client_version"),
        ("CRYPTO-001", "", "no file has the column encryption"),
        ("ACCESS-001", "", "no file has the column is_host"),
        ("REC-001", "", "no file has the column is_recorded"),
        ("RES-001", "", "neither a log nor a registry has the column residency"),
        ("RES-US-001", "", "neither a log nor a registry has the column account_kind"),
        ("RES-DIAL-001", "dial_in", "neither a log nor a registry has the column opted_in"),
        ("HOST-001", "", "neither a log nor a registry has the column plan"),
    ],
)
def test_the_missing_column_is_named(tmp_path: Path, rule: str, role: str, says: str) -> None:
    _log(tmp_path, role)

    done = invoke("audit", "log.csv", "--select", rule, "--format", "json", cwd=tmp_path)

    (reason,) = report_of(done)["run"]["incomplete_reasons"]
    assert done.exit_code == 3
    assert f"{rule} could not decide 1 of the 1 rows it applies to" in reason
    assert f"; {says}" in reason
    assert says in done.stderr


def test_the_column_behind_a_fact_of_the_whole_meeting_is_named(tmp_path: Path) -> None:
    _log(tmp_path, "key", ",opted_in", ",US")

    done = invoke("audit", "log.csv", "--select", "KEY-001", "--format", "json", cwd=tmp_path)

    assert "; no file has the column participant_country" in done.stderr
    assert done.exit_code == 3


def test_a_column_that_is_there_and_empty_is_not_said_to_be_missing(tmp_path: Path) -> None:
    _log(tmp_path, "", ",client_version", ",")

    done = invoke("audit", "log.csv", "--select", "CLIENT-001", "--format", "json", cwd=tmp_path)

    assert done.exit_code == 3
    assert "most often: client_version is missing, 1" in done.stderr
    assert "no file has" not in done.stderr


def test_a_column_of_the_registry_is_not_said_to_be_missing(tmp_path: Path) -> None:
    _log(tmp_path)
    (tmp_path / "accounts.csv").write_text("account_id,plan\nA,\n", encoding="utf-8")

    done = invoke(
        "audit", "log.csv", "--accounts", "accounts.csv", "--select", "HOST-001",
        "--format", "json", cwd=tmp_path,
    )  # fmt: skip

    assert "most often: plan is missing, 1" in done.stderr
    assert "registry has the column" not in done.stderr


def test_a_rule_on_orders_names_the_column_that_its_orders_lack(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "order_id,account_id,ordered_at,action,billing_country\no,A,2020-09-01T00:00:00Z,new,CN\n",
        encoding="utf-8",
    )

    done = invoke(
        "audit", "--orders", "orders.csv", "--select", "SALE-001", "--format", "json", cwd=tmp_path
    )

    assert done.exit_code == 3
    assert "; no file has the column channel" in done.stderr


@pytest.mark.parametrize(
    ("column", "rule", "exit_code"),
    [
        ("connectionType", "ROUTE-001", 3),
        ("connection-type ", "ROUTE-001", 3),
        ("connectionType", "ROUTE-002", 0),
        ("connection_types", "ROUTE-001", 0),
    ],
)
@pytest.mark.parametrize("others", [{}, {"connection_type": "UDP"}])
def test_a_column_that_rules_decide_by_and_that_is_not_called_so_is_no_complete_audit(
    tmp_path: Path, column: str, rule: str, exit_code: int, others: dict[str, str]
) -> None:
    record = dict(zip(HEADER.split(","), CLEAN.split(","), strict=True))
    lines = [json.dumps({**record, name: text}) for name, text in {**others, column: "P2P"}.items()]
    (tmp_path / "log.ndjson").write_text("\n".join(lines), encoding="utf-8")

    done = invoke("audit", "log.ndjson", "--select", rule, cwd=tmp_path)

    assert done.exit_code == exit_code
    assert ("rules decide by 'connection_type'" in done.stderr) == (exit_code == 3)
