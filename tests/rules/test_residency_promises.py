"""Whether an account was promised a residency, and when nobody says so."""

from pathlib import Path

import pytest

from tests.acceptance.logs import invoke, report_of

_LOG = "event_at,meeting_id,session_id,account_id,route\n2020-05-02T10:00:00Z,m,s,{account},SC\n"


def _verdict(folder: Path, *arguments: str) -> str:
    done = invoke("audit", *arguments, "--select", "RES-001", "--format", "json", cwd=folder)
    (rule,) = report_of(done)["rules"]
    outcomes = ("violation", "compliant", "unknown", "not_applicable")
    (outcome,) = [name for name in outcomes if rule[name]]
    return str((rule["unknown_reasons"] or [{"reason": outcome}])[0]["reason"])


@pytest.mark.parametrize(
    ("account", "verdict"),
    [
        ("promised", "violation"),
        ("free", "not_applicable"),
        ("stranger", "unknown account"),
        ("closed", "no policy in force"),
        ("", "no account id"),
    ],
)
def test_only_an_account_that_is_known_to_have_no_promise_is_not_meant(
    tmp_path: Path, account: str, verdict: str
) -> None:
    (tmp_path / "log.csv").write_text(_LOG.format(account=account), encoding="utf-8")
    (tmp_path / "accounts.csv").write_text(
        "account_id,residency,valid_to\npromised,DE,\nfree,,\nclosed,,2020-01-01T00:00:00Z\n",
        encoding="utf-8",
    )

    assert _verdict(tmp_path, "log.csv", "--accounts", "accounts.csv") == verdict


def test_promises_are_not_known_where_neither_log_nor_accounts_have_the_column(
    tmp_path: Path,
) -> None:
    (tmp_path / "log.csv").write_text(_LOG.format(account="A"), encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("account_id,opted_in\nA,US\n", encoding="utf-8")

    assert _verdict(tmp_path, "log.csv", "--accounts", "accounts.csv") == "residency is missing"
    assert _verdict(tmp_path, "log.csv") == "residency is missing"


def test_an_empty_promise_says_none_only_where_every_file_has_the_column(tmp_path: Path) -> None:
    rows = _LOG.format(account="A").splitlines()
    (tmp_path / "with.csv").write_text(f"{rows[0]},residency\n{rows[1]},\n", encoding="utf-8")
    (tmp_path / "without.csv").write_text(_LOG.format(account="A"), encoding="utf-8")

    assert _verdict(tmp_path, "with.csv") == "not_applicable"
    assert _verdict(tmp_path, "with.csv", "without.csv") == "residency is missing"
