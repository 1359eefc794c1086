"""Orders, alone and beside events: every row accounted for, nothing judged that was not given."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from .logs import CLEAN, VIOLATION, invoke, report_of, write_log

COLUMNS = "order_id,account_id,ordered_at,action,channel,partner,billing_country"
DIRECT = "O1,A,2020-08-24T10:00:00Z,new,direct,,CN"
RENEWAL = "O2,A,2020-08-24T10:00:00Z,renewal,direct,,CN"
ELSEWHERE = "O3,A,2020-08-24T10:00:00Z,new,direct,,HK"
UNKNOWN = "O4,A,2020-08-24T10:00:00Z,new,,,CN"
EARLY = "O5,A,2020-01-24T10:00:00Z,new,direct,,CN"
BROKEN = {
    "order_id is missing": ",A,2020-08-24T10:00:00Z,new,direct,,CN",
    "ordered_at is missing": "O6,A,,new,direct,,CN",
    "ordered_at is not a time": "O7,A,yesterday,new,direct,,CN",
    "ordered_at has no zone": "O8,A,2020-08-24T10:00:00,new,direct,,CN",
    "too few fields": "O9,A",
}


def write_orders(folder: Path, *rows: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    return path


def audited(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report. `Any`: a document."""
    done = invoke("audit", *arguments, "--format", "json", cwd=folder)
    return done.exit_code, report_of(done)


def outcomes(report: Mapping[str, Any], rule_id: str = "SALE-001") -> tuple[int, ...]:
    (rule,) = [rule for rule in report["rules"] if rule["id"] == rule_id]
    names = ("violation", "compliant", "unknown", "not_applicable")
    return tuple(rule[name] for name in names)


def test_orders_alone_are_a_valid_audit(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT, RENEWAL, ELSEWHERE, EARLY)

    code, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001")

    assert (code, report["run"]["complete"]) == (1, True)
    assert outcomes(report) == (1, 2, 0, 1)
    coverage = report["coverage"]
    assert (coverage["rows_read"], coverage["events"], coverage["reconciles"]) == (0, 0, True)
    assert (coverage["orders"]["rows_read"], coverage["orders"]["orders"]) == (4, 4)
    assert [(file["path"], file["table"]) for file in report["inputs"]] == [
        ("orders.csv", "orders")
    ]
    assert report["inputs"][0]["sha256"]
    assert report["unresolved"] == {"hops": [], "accounts": []}


def test_events_and_orders_are_counted_apart(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION, CLEAN)
    write_orders(tmp_path, DIRECT, RENEWAL)
    both = ("--select", "SALE-001", "--select", "ROUTE-001")

    code, report = audited(tmp_path, "log.csv", "--orders", "orders.csv", *both)

    assert (code, report["run"]["complete"]) == (1, True)
    assert outcomes(report, "ROUTE-001") == (1, 2, 0, 0)
    assert outcomes(report, "SALE-001") == (1, 1, 0, 0)
    coverage = report["coverage"]
    assert (coverage["rows_read"], coverage["events"]) == (3, 3)
    assert (coverage["orders"]["rows_read"], coverage["orders"]["orders"]) == (2, 2)
    assert {(file["path"], file["table"]) for file in report["inputs"]} == {
        ("log.csv", "events"),
        ("orders.csv", "orders"),
    }
    assert [finding["rule_id"] for finding in report["findings"]] == ["ROUTE-001", "SALE-001"]


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


def test_rows_that_are_no_orders_are_rejected_with_the_reason(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT, *BROKEN.values())
    command = ("--orders", "orders.csv", "--select", "SALE-001", "--fail-on", "never")

    code, report = audited(tmp_path, *command, "--rejects", "r.ndjson")
    accepted, _ = audited(tmp_path, *command, "--max-rejects", "5")

    ledger = report["coverage"]["orders"]
    assert (code, accepted) == (3, 0)
    assert (ledger["rows_read"], ledger["rows_rejected"], ledger["orders"]) == (6, 5, 1)
    assert {one["reason"] for one in ledger["rejects"]} == set(BROKEN)
    lines = (tmp_path / "r.ndjson").read_text(encoding="utf-8").splitlines()
    rejects = [json.loads(line) for line in lines]
    assert [(one["row"], one["reason"]) for one in rejects] == list(enumerate(BROKEN, start=2))
    assert {one["path"] for one in rejects} == {"orders.csv"}
    assert report["coverage"]["rejects"] == []


def test_a_bad_value_is_counted_and_leaves_the_rules_that_read_it_unknown(tmp_path: Path) -> None:
    write_orders(tmp_path, "O1,A,2020-08-24T10:00:00Z,renewal,telesales,,HK", RENEWAL)
    command = ("--orders", "orders.csv", "--select", "SALE-001")

    code, report = audited(tmp_path, *command, "--unknowns", "u.ndjson")

    assert code == 3
    assert outcomes(report) == (0, 1, 1, 0)
    assert report["coverage"]["orders"]["invalid_values"] == [
        {"column": "channel", "value": "telesales", "rows": 1}
    ]
    (unknown,) = (tmp_path / "u.ndjson").read_text(encoding="utf-8").splitlines()
    told = json.loads(unknown)
    assert (told["order_id"], told["reason"]) == ("O1", "invalid value in channel")
    assert told["event_at"] == "2020-08-24T10:00:00Z"


def test_a_missing_value_leaves_the_row_unknown_with_its_name(tmp_path: Path) -> None:
    write_orders(tmp_path, UNKNOWN)

    code, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001")

    (rule,) = report["rules"]
    assert code == 3
    assert rule["unknown_reasons"] == [{"reason": "channel is missing", "rows": 1}]
    assert not any("--accounts" in reason for reason in report["run"]["incomplete_reasons"])


def test_rows_of_one_order_are_one_finding(tmp_path: Path) -> None:
    later = DIRECT.replace("O1,A,2020-08-24", "O1,B,2020-08-26").replace("new", "upgrade")
    write_orders(tmp_path, later, DIRECT, DIRECT.replace("O1", "O0"))

    _, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001")

    first, second = report["findings"]
    assert first["subject"] == {"kind": "order", "order_id": "O0"}
    assert second["subject"] == {"kind": "order", "order_id": "O1"}
    assert (second["events"], second["first_at"], second["last_at"]) == (
        2,
        "2020-08-24T10:00:00Z",
        "2020-08-26T10:00:00Z",
    )
    assert [place["row"] for place in second["rows"]] == [1, 2]
    assert "A, B" in second["message"]
    assert (second["basis"], second["start_basis"], second["policy"]) == ("reported", None, None)
    assert (second["route"], second["jurisdictions"], second["opted_in"]) == ([], [], [])
    assert report["summary"]["by_rule"] == {"SALE-001": 2}


def test_the_window_is_on_the_time_of_the_order(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT, EARLY, RENEWAL.replace("-24T", "-25T"))
    window = ("--from", "2020-08-24T10:00:00Z", "--to", "2020-08-25T10:00:00Z")

    _, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001", *window)

    ledger = report["coverage"]["orders"]
    assert (ledger["rows_read"], ledger["rows_outside_window"], ledger["orders"]) == (3, 2, 1)
    assert outcomes(report) == (1, 0, 0, 0)


def test_times_without_a_zone_are_those_of_the_flag(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT.replace("2020-08-24T10:00:00Z", "2020-08-23 00:00:00"))

    code, report = audited(
        tmp_path, "--orders", "orders.csv", "--select", "SALE-001", "--timezone", "Asia/Shanghai"
    )

    (finding,) = report["findings"]
    assert (code, finding["first_at"]) == (1, "2020-08-22T16:00:00Z")


def test_an_order_near_midnight_says_that_it_hangs_on_the_zone(tmp_path: Path) -> None:
    inside = DIRECT.replace("2020-08-24T10:00:00Z", "2020-08-22T16:00:00Z")
    outside = DIRECT.replace("2020-08-24T10:00:00Z", "2020-08-22T15:59:59Z")
    write_orders(tmp_path, inside, outside)

    _, report = audited(tmp_path, "--orders", "orders.csv", "--select", "SALE-001")

    (rule,), (finding,) = report["rules"], report["findings"]
    assert (rule["violation"], rule["not_applicable"], rule["boundary_rows"]) == (1, 1, 1)
    assert "2020-08-23" in finding["boundary"]
    assert rule["boundary"] == finding["boundary"]


def test_an_online_sale_of_june_is_unknown_and_its_boundary_says_why(tmp_path: Path) -> None:
    june = DIRECT.replace("direct", "online").replace("08-24", "06-15")
    write_orders(tmp_path, june, june.replace("O1", "O2").replace("06-15", "07-01"))
    command = ("--orders", "orders.csv", "--select", "SALE-002", "--fail-on", "never")

    code, report = audited(tmp_path, *command, "--unknowns", "u.ndjson", "--report", "parquet=r.pq")
    terminal = invoke("audit", *command, cwd=tmp_path)

    (rule,), (finding,) = report["rules"], report["findings"]
    assert (code, outcomes(report, "SALE-002"), rule["boundary_rows"]) == (3, (1, 0, 1, 0), 1)
    assert "June 2020" in rule["boundary"]
    assert rule["unknown_reasons"][0]["reason"] in rule["boundary"]
    assert finding["subject"]["order_id"] == "O2"
    assert finding["boundary"] == rule["boundary"]
    told = json.loads((tmp_path / "u.ndjson").read_text(encoding="utf-8"))
    assert (told["order_id"], told["boundary"]) == ("O1", rule["boundary"])
    assert "1 row which would be violations" in terminal.stdout
    assert pl.read_parquet(tmp_path / "r.pq")["boundary"].to_list() == [rule["boundary"]]


def test_the_list_of_partners_is_a_parameter(tmp_path: Path) -> None:
    sold = "{},A,2020-08-24T10:00:00Z,new,partner,{},CN"
    names = ("BIZCONF ", "Suiri Zhumu", "Not Bizconf Ltd", "Acme")
    write_orders(tmp_path, *(sold.format(number, name) for number, name in enumerate(names)))
    command = ("--orders", "orders.csv", "--select", "SALE-003")

    _, usual = audited(tmp_path, *command)
    _, own = audited(tmp_path, *command, "--param", "SALE-003.partners=ACME Ltd;bizconf")

    def found(report: Mapping[str, Any]) -> list[str]:
        return [finding["subject"]["order_id"] for finding in report["findings"]]

    assert found(usual) == ["2", "3"]
    assert found(own) == ["1", "2"]


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


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    path = write_orders(tmp_path, DIRECT, RENEWAL, ELSEWHERE, UNKNOWN, EARLY)
    rows = pl.read_csv(path, infer_schema=False)
    rows.write_parquet(tmp_path / "texts.parquet")
    rows.with_columns(pl.col("ordered_at").str.to_datetime(time_zone="UTC")).write_parquet(
        tmp_path / "typed.parquet"
    )

    reports = [
        audited(tmp_path, "--orders", name, "--select", "SALE-001")[1]
        for name in ("orders.csv", "texts.parquet", "typed.parquet")
    ]

    for report in reports:
        for finding in report["findings"]:
            del finding["rows"]
    assert reports[0]["rules"] == reports[1]["rules"] == reports[2]["rules"]
    assert reports[0]["findings"] == reports[1]["findings"] == reports[2]["findings"]
    assert reports[0]["coverage"] == reports[1]["coverage"] == reports[2]["coverage"]


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
    write_orders(folder, RENEWAL)
    rules = ("--select", "default", *(["--select", "SALE-001"] if flag == "--orders" else []))

    done = invoke("audit", "night", flag, "night/orders.csv", *rules, cwd=tmp_path)

    assert done.exit_code == 2
    assert "night/orders.csv: no log of events is left" in done.stderr


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


def test_the_terminal_report_adds_both_tables_up(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, RENEWAL)
    rules = ("--select", "SALE-001", "--select", "default")

    done = invoke("audit", "log.csv", "--orders", "orders.csv", *rules, cwd=tmp_path)

    assert "1 row read = 1 event + 0 rejected" in done.stdout
    assert "1 row read = 1 order + 0 rejected" in done.stdout
    assert "checked 1 event and 1 order, no finding" in done.stdout
    assert "1 events and 1 orders audited" in done.stderr


def test_the_ledger_of_each_table_holds_for_its_rules(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    write_orders(tmp_path, DIRECT, RENEWAL, UNKNOWN, EARLY, *BROKEN.values())
    rules = ("--select", "SALE-001", "--select", "default")

    _, report = audited(tmp_path, "log.csv", "--orders", "orders.csv", *rules)

    coverage = report["coverage"]
    judged = {"events": coverage["events"], "orders": coverage["orders"]["orders"]}
    for rule in report["rules"]:
        assert sum(outcomes(report, rule["id"])) == judged[rule["table"]]
    ledger = coverage["orders"]
    parts = ("orders", "rows_rejected", "rows_outside_window")
    assert ledger["rows_read"] == sum(ledger[part] for part in parts) == 9
    assert coverage["reconciles"]


def test_how_orders_are_read_can_be_checked(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT, UNKNOWN, *BROKEN.values())

    done = invoke(
        "sources", "check", "orders.csv", "--source", "canonical-orders", "--format", "json",
        cwd=tmp_path,
    )  # fmt: skip

    found = report_of(done)
    (group,) = found["groups"]
    assert (done.exit_code, group["rows"], group["rejected"]) == (0, 7, 5)
    told = {rule["id"]: (rule["decided"], rule["unknown"]) for rule in found["rules"]}
    assert told["SALE-001"] == (1, 1)
    assert not any(name.startswith("ROUTE") for name in told)


def test_a_source_of_another_table_is_refused_with_the_flag_to_use(tmp_path: Path) -> None:
    write_orders(tmp_path, DIRECT)

    of_orders = invoke("audit", "orders.csv", "--source", "canonical-orders", cwd=tmp_path)
    of_accounts = invoke("audit", "orders.csv", "--source", "zoom-plans", cwd=tmp_path)

    assert (of_orders.exit_code, of_accounts.exit_code) == (2, 2)
    assert "--orders" in of_orders.stderr
    assert "--accounts" in of_accounts.stderr


def test_the_profile_of_a_run_counts_both_tables(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    write_orders(tmp_path, DIRECT, RENEWAL, EARLY)
    rules = ("--select", "SALE-001", "--select", "default")

    audited(tmp_path, "log.csv", "--orders", "orders.csv", *rules, "--profile", "p.json")

    profile = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    totals = profile["totals"]
    assert (totals["rows"], totals["rows_one_by_one"], totals["findings"]) == (5, 5, 3)
    assert totals["violating_rows"] == 2
    assert [(one["path"], one["group"]) for one in profile["inputs"]] == [
        ("log.csv", 1),
        ("orders.csv", 2),
    ]
