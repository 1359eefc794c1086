"""Orders, alone and beside events: every row accounted for, nothing judged that was not given."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from .logs import CLEAN, VIOLATION, invoke, report_of, write_log
from .orders import (
    BROKEN,
    DIRECT,
    EARLY,
    ELSEWHERE,
    RENEWAL,
    UNKNOWN,
    audited,
    outcomes,
    write_orders,
)


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


def test_the_terminal_report_adds_both_tables_up(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    write_orders(tmp_path, RENEWAL)
    rules = ("--select", "SALE-001", "--select", "default")

    done = invoke("audit", "log.csv", "--orders", "orders.csv", *rules, cwd=tmp_path)

    assert "1 row read = 1 event + 0 rejected" in done.stdout
    assert "1 row read = 1 order + 0 rejected" in done.stdout
    assert "checked 1 event and 1 order, no finding" in done.stdout
    assert "1 event and 1 order audited" in done.stderr


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
