"""Registries that age: their dates in the report, and warnings of what they cannot know."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.acceptance.logs import VIOLATION, invoke, report_of, write_log
from tests.unit.sources.mmdb_files import mmdb

ACCOUNTS = """\
account_id,plan,opted_in,home,valid_from,valid_to
A,pro,US,US,,2020-05-10T00:00:00Z
B,pro,US,US,2020-05-10T00:00:00Z,
"""


def _event(route: str, account: str = "A", at: str = "2020-05-02T10:00:00Z") -> str:
    return f"{at},m-{account}-{at},s,{account},{route},US,US,pro,US"


def test_every_registry_of_a_report_states_its_date_digest_and_rows(tmp_path: Path) -> None:
    write_log(tmp_path, _event("1.2.3.4"))
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "own.mmdb").write_bytes(mmdb({"1.0.0.0/8": {"country_code": "CN"}}))
    prefixes = {"createDate": "2020-04-30-12-13-14", "prefixes": [], "ipv6_prefixes": []}
    (tmp_path / "aws.json").write_text(json.dumps(prefixes))
    done = invoke(
        "audit", "log.csv", "--accounts", "accounts.csv", "--ip-ranges", "own.mmdb",
        "--ip-ranges", "aws.json", "--format", "json", cwd=tmp_path, XDG_CACHE_HOME=str(tmp_path),
    )  # fmt: skip

    registries = report_of(done)["registries"]

    assert {f"{one['kind']} {Path(one['path']).name}": one["date"] for one in registries} == {
        "accounts accounts.csv": None,
        "datacentres shipped": "2026-11",
        "ip-ranges own.mmdb": "2023-11-14",
        "ip-ranges aws.json": "2020-04-30",
        "cloud-regions shipped": "2026-11",
        "vendor-codes shipped": "2026-11",
        "groups shipped": "2026-11",
        "ip-ranges:dbip shipped": "2026-06-01",
        "ip-ranges:ipfire shipped": "2026-06-25",
    }
    assert all(one["sha256"] and one["rows"] >= 0 for one in registries)


@pytest.mark.parametrize("table", ["datacentres", "cloud-regions", "vendor-regions", "groups"])
def test_every_shipped_table_has_a_date(table: str) -> None:
    from auditor import reference

    assert reference.dates()[table]


def test_databases_of_another_time_than_the_rows_are_told_of(tmp_path: Path) -> None:
    write_log(tmp_path, _event("8.8.8.8"))

    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)

    warnings = report_of(done)["warnings"]
    assert [text.split()[0] for text in warnings] == ["dbip", "ipfire"]
    assert all(f"warning: {text}" in done.stderr for text in warnings)


@pytest.mark.parametrize(
    "row", [_event("8.8.8.8", at="2026-07-01T00:00:00Z"), _event("SJ")], ids=["near", "unasked"]
)
def test_databases_that_are_near_or_were_not_asked_are_not_told_of(
    tmp_path: Path, row: str
) -> None:
    write_log(tmp_path, row, _event("XYZ"))

    done = invoke("audit", "log.csv", "--from", "2020-01-01T00:00:00Z", cwd=tmp_path)

    assert "addresses move" not in done.stderr


def test_only_rows_that_are_judged_say_when_the_audited_period_is(tmp_path: Path) -> None:
    old, new = _event("8.8.8.8"), _event("8.8.8.8", at="2026-07-01T00:00:00Z")
    write_log(tmp_path, old, new)

    done = invoke(
        "audit", "log.csv", "--to", "2026-01-01T00:00:00Z", "--format", "json", cwd=tmp_path
    )

    report = report_of(done)
    assert report["coverage"]["first_at"] == report["coverage"]["last_at"] == "2020-05-02T10:00:00Z"
    assert len(report["warnings"]) == 2


@pytest.mark.parametrize("is_long", [False, True])
def test_accounts_that_the_registry_does_not_know_are_told_of(
    tmp_path: Path, *, is_long: bool
) -> None:
    odd = "\x1b[2J"
    write_log(tmp_path, _event("SJ"), _event("SJ", "B"), _event("SJ", odd), _event("SJ", ""))
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    rows = 0 if is_long else 200_000
    with (
        patch("auditor.engine.deciding.SKIMMED_ROWS", rows),
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 1),
    ):
        done = invoke(
            "audit", "log.csv", "--accounts", "accounts.csv", "--format", "json", cwd=tmp_path
        )

    report = report_of(done)
    assert report["unresolved"]["accounts"] == [
        {"account_id": "", "rows": 1, "reason": "no account id"},
        {"account_id": odd, "rows": 1, "reason": "unknown account"},
        {"account_id": "B", "rows": 1, "reason": "no policy in force"},
    ]
    unknown, gap, nameless = report["warnings"][-3:]
    assert unknown.startswith(f"1 account (1 row) is not in the accounts registry: {odd};")
    assert gap.startswith("1 account (1 row) is in the accounts registry without a policy in force")
    assert nameless.startswith("1 row names no account")
    assert odd not in done.stderr
    assert "registry: \\x1b[2J;" in done.stderr
    assert done.exit_code == 3


def test_the_page_for_a_terminal_has_warnings_and_dates(tmp_path: Path) -> None:
    write_log(tmp_path, _event("8.8.8.8"), VIOLATION)

    text = " ".join(invoke("audit", "log.csv", cwd=tmp_path).stdout.split())

    assert " Warnings - " in text
    assert " - dbip says where addresses were on 2026-06-01" in text
    assert " rows, of 2026-11, sha256 " in text
    assert "events from 2020-05-02T10:00:00Z to 2020-05-02T10:00:00Z" in text


def test_the_user_s_issue_of_a_shipped_database_stands_in_for_it(tmp_path: Path) -> None:
    write_log(tmp_path, _event("114.114.114.114"))
    networks = {"114.0.0.0/8": {"country_code": "CN"}}
    (tmp_path / "own.mmdb").write_bytes(mmdb(networks, kind="DBIP-Country-Lite"))

    done = invoke(
        "audit", "log.csv", "--ip-ranges", "own.mmdb", "--format", "json",
        cwd=tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip

    report = report_of(done)
    kinds = [one["kind"] for one in report["registries"]]
    assert [kind for kind in kinds if kind.startswith("ip-ranges")] == [
        "ip-ranges", "ip-ranges:ipfire",
    ]  # fmt: skip
    assert report["findings"][0]["basis"] == "corroborated"
    assert [file.suffix for file in (tmp_path / "cache" / "auditor").iterdir()] == [".ranges"]
