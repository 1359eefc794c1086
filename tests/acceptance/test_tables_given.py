"""Which tables were given: their files, the rules and tags that need them, and what lacks one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from .logs import CLEAN, VIOLATION, invoke, report_of, write_log
from .orders import DIRECT, ELSEWHERE, RENEWAL, audited, outcomes, write_orders


def test_no_log_at_all_is_a_usage_error(tmp_path: Path) -> None:
    done = invoke("audit", cwd=tmp_path)

    assert done.exit_code == 2
    assert "--orders" in done.stderr


def test_both_tables_cannot_be_standard_input(tmp_path: Path) -> None:
    done = invoke("audit", "-", "--orders", "-", cwd=tmp_path)

    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "rule_id"),
    [(("log.csv",), "SALE-001"), (("--orders", "orders.csv"), "ROUTE-001")],
)
def test_a_rule_whose_table_was_not_given_cannot_be_asked_for_by_id(
    tmp_path: Path, arguments: tuple[str, ...], rule_id: str
) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, DIRECT)

    done = invoke("audit", *arguments, "--select", rule_id, cwd=tmp_path)

    assert done.exit_code == 2
    assert rule_id in done.stderr


def test_rules_whose_table_was_not_given_are_listed_with_the_reason(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, RENEWAL)
    tags = ("--select", "default", "--select", "sales")

    _, of_events = audited(tmp_path, "log.csv", *tags)
    code, of_orders = audited(
        tmp_path, "--orders", "orders.csv", "--select", "SALE-001", "--select", "default"
    )

    reasons = {r["id"]: r["not_run_reason"] for r in of_events["rules"] if r["table"] == "orders"}
    assert reasons["SALE-001"] == "no orders were given"
    assert {r["status"] for r in of_events["rules"] if r["table"] == "orders"} == {"not_run"}
    idle = [rule for rule in of_orders["rules"] if rule["table"] == "events"]
    assert {(rule["status"], rule["not_run_reason"]) for rule in idle} == {
        ("not_run", "no events were given")
    }
    assert code == 3


@pytest.mark.parametrize(
    ("given", "tags", "reasons"),
    [
        (("log.csv",), ("default", "SALES"), ["no rule of tag 'sales' was run: no orders were"]),
        (("log.csv",), ("default", "china"), []),
        (("log.csv", "--orders", "orders.csv"), ("default", "sales"), []),
        (
            ("--orders", "orders.csv"),
            ("default", "sales"),
            ["no rule of tag 'default' was run: no events were"],
        ),
    ],
)
def test_a_tag_of_which_no_rule_could_run_leaves_the_audit_incomplete(
    tmp_path: Path, given: tuple[str, ...], tags: tuple[str, ...], reasons: list[str]
) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, RENEWAL)
    selected = [argument for tag in tags for argument in ("--select", tag)]
    accepted = ("--max-unknown", "100%")

    code, report = audited(tmp_path, *given, *selected, *accepted)

    told = [why for why in report["run"]["incomplete_reasons"] if "of tag" in why]
    assert [why[: len(start)] for why, start in zip(told, reasons, strict=True)] == reasons
    assert code == (3 if reasons else 0)


def test_a_given_table_that_no_rule_judges_leaves_the_audit_incomplete(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, DIRECT)

    code, report = audited(tmp_path, "log.csv", "--orders", "orders.csv")

    assert code == 3
    assert any("judges orders" in reason for reason in report["run"]["incomplete_reasons"])
    assert report["coverage"]["orders"]["orders"] == 1


@pytest.mark.parametrize("table", ["orders", "events"])
def test_an_unreadable_file_of_one_table_leaves_the_other_audited(
    tmp_path: Path, table: str
) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    write_orders(tmp_path, DIRECT)
    (tmp_path / ("orders.csv" if table == "orders" else "log.csv")).write_bytes(b"PAR1 no")
    rules = ("--select", "SALE-001", "--select", "ROUTE-001")

    code, report = audited(tmp_path, "log.csv", "--orders", "orders.csv", *rules)

    found = [finding["rule_id"] for finding in report["findings"]]
    assert (code, report["run"]["complete"]) == (1, False)
    assert found == (["ROUTE-001"] if table == "orders" else ["SALE-001"])
    rows = {file["table"]: file["rows"] for file in report["inputs"]}
    assert rows[table] is None


def test_columns_that_orders_need_are_named(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order,ordered_at\nO1,2020-08-24T10:00:00Z\n")

    code, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001")

    (reason,) = [r for r in report["run"]["incomplete_reasons"] if "order_id" in r]
    assert code == 3
    assert "--source" not in reason


def test_orders_come_from_several_files_from_variables_and_from_settings(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT, name="a.csv")
    write_orders(tmp_path, RENEWAL, ELSEWHERE, name="b.csv")
    select = ("--select", "SALE-001", "--format", "json")

    flags = invoke("audit", "--orders", "a.csv", "--orders", "b.csv", *select, cwd=tmp_path)
    variable = invoke("audit", *select, cwd=tmp_path, AUDITOR_ORDERS="a.csv:b.csv")
    (tmp_path / "auditor.toml").write_text('[audit]\norders = ["a.csv", "b.csv"]\n')
    settings = invoke("audit", *select, cwd=tmp_path)

    assert outcomes(report_of(flags)) == (1, 2, 0, 0)
    assert report_of(variable)["rules"] == report_of(flags)["rules"]
    assert report_of(settings)["rules"] == report_of(flags)["rules"]


def test_orders_in_a_folder_of_events_are_no_events(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    write_log(folder, CLEAN)
    write_orders(folder, RENEWAL)
    rules = ("--select", "SALE-001", "--select", "default")

    code, report = audited(tmp_path, "night", "--orders", "night/orders.csv", *rules)

    assert code == 0
    (skipped,) = report["coverage"]["files_skipped"]
    assert skipped == {"path": "night/orders.csv", "reason": "it was named as a log of orders"}


@pytest.mark.parametrize("flag", ["--orders", "--accounts"])
def test_a_folder_that_holds_no_events_but_other_files_is_no_log_without_rows(
    tmp_path: Path, flag: str
) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    given = f"night/{flag.removeprefix('--')}.csv"
    if flag == "--orders":
        write_orders(folder, RENEWAL)
    else:
        (tmp_path / given).write_text("account_id,plan\nA,pro\n")
    rules = ("--select", "default", *(["--select", "SALE-001"] if flag == "--orders" else []))

    done = invoke("audit", "night", flag, given, *rules, cwd=tmp_path)

    assert done.exit_code == 2
    assert f"{given}: no log of events is left" in done.stderr


@pytest.mark.parametrize(
    ("window", "table"),
    [(("--from", "2020-08-01"), "events"), (("--to", "2020-08-01"), "orders")],
)
def test_a_table_of_which_nothing_was_judged_leaves_the_audit_incomplete(
    tmp_path: Path, window: Sequence[str], table: str
) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, RENEWAL)
    rules = ("--select", "SALE-001", "--select", "default")

    code, report = audited(tmp_path, "log.csv", "--orders", "orders.csv", *rules, *window)

    assert code == 3
    (reason,) = report["run"]["incomplete_reasons"]
    assert f"no selected rule applied to any of the {table}" in reason


def test_an_output_cannot_overwrite_orders(tmp_path: Path) -> None:
    path = write_orders(tmp_path, DIRECT)
    before = path.read_bytes()

    done = invoke(
        "audit", "--orders", "orders.csv", "--select", "SALE-001", "--output", "orders.csv",
        cwd=tmp_path,
    )  # fmt: skip

    assert done.exit_code == 2
    assert path.read_bytes() == before


def test_a_source_of_another_table_is_refused_with_the_flag_to_use(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT)

    of_orders = invoke("audit", "orders.csv", "--source", "canonical-orders", cwd=tmp_path)
    of_accounts = invoke("audit", "orders.csv", "--source", "zoom-plans", cwd=tmp_path)

    assert (of_orders.exit_code, of_accounts.exit_code) == (2, 2)
    assert "--orders" in of_orders.stderr
    assert "--accounts" in of_accounts.stderr
