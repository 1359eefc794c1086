"""Orders at random, judged by the command line and by a few lines of Python that share nothing."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli.main import cli

COLUMNS = (
    "order_id", "account_id", "ordered_at", "action", "channel", "partner", "billing_country",
)  # fmt: skip
CHOICES = {
    "action": ("new", "upgrade", "renewal"),
    "channel": ("direct", "online", "partner"),
    "billing_country": ("CN", "HK", "US"),
}
LISTED = ("bizconf", "suiri zhumu", "UMEET", "Systec Umeet Co., Ltd.")
STRANGERS = ("Acme", "Not Bizconf Ltd", "Bizconfusion")
DAYS = {"SALE-001": (2020, 8, 23), "SALE-002": (2020, 7, 1), "SALE-003": (2020, 8, 23)}
JUNE = (2020, 6, 1)

_EDGES = st.sampled_from([*DAYS.values(), JUNE]).map(lambda day: datetime(*day, tzinfo=UTC))
_TIMES = st.tuples(_EDGES, st.integers(-30, 30)).map(
    lambda at: (at[0] + timedelta(hours=at[1])).strftime("%Y-%m-%dT%H:%M:%SZ")
)
_CELLS = {
    "order_id": st.sampled_from(["", "o1", "o2", "o3"]),
    "account_id": st.sampled_from(["", "A"]),
    "ordered_at": _TIMES | st.sampled_from(["", "never"]),
    "partner": st.sampled_from(["", "?", *LISTED, *STRANGERS]),
    **{name: st.sampled_from(["", "other", *words]) for name, words in CHOICES.items()},
}
_ORDERS = st.lists(st.fixed_dictionaries(_CELLS), min_size=1, max_size=12)
_TRUTH = {True: "violation", False: "compliant", None: "unknown"}

Order = Mapping[str, str]
Truth = bool | None


@dataclass(frozen=True)
class _Read:
    """One order as Python reads it: None for what is missing; `bad` names texts that are none."""

    at: datetime
    cells: Mapping[str, str | None]
    bad: frozenset[str]


def _read(order: Order) -> _Read | None:
    if not order["order_id"] or order["ordered_at"] in {"", "never"}:
        return None
    bad = frozenset(name for name in CHOICES if order[name] == "other")
    cells = {name: None if name in bad else cell or None for name, cell in order.items()}
    return _Read(datetime.fromisoformat(order["ordered_at"]), cells, bad)


def _both(*parts: Truth) -> Truth:
    return False if False in parts else None if None in parts else True


def _is(order: _Read, name: str, *words: str) -> Truth:
    cell = order.cells[name]
    return None if cell is None else cell in words


def _violates(rule_id: str, order: _Read) -> Truth:
    in_china = _is(order, "billing_country", "CN")
    if rule_id == "SALE-001":
        is_new = _is(order, "action", "new", "upgrade")
        return _both(is_new, _is(order, "channel", "direct"), in_china)
    if rule_id == "SALE-002":
        return _both(_is(order, "channel", "online"), in_china)
    partner = order.cells["partner"]
    is_stranger = None if partner in {None, "?"} else partner in STRANGERS
    return _both(_is(order, "channel", "partner"), is_stranger)


def _outcome(rule_id: str, order: _Read, zone: str) -> str:
    reads = {"channel", "billing_country"} | ({"action"} if rule_id == "SALE-001" else set())
    if order.bad & reads:
        return "unknown"
    midnight = datetime(*DAYS[rule_id], tzinfo=ZoneInfo(zone))
    earliest = datetime(*JUNE, tzinfo=ZoneInfo(zone)) if rule_id == "SALE-002" else midnight
    applies = _is(order, "billing_country", "CN") if rule_id == "SALE-003" else True
    if order.at < earliest or applies is False:
        return "not_applicable"
    truth = _violates(rule_id, order)
    if applies is None or (truth is True and order.at < midnight):
        return "unknown"
    return _TRUTH[truth]


def _write(path: Path, orders: list[Order]) -> None:
    if path.suffix == ".parquet":
        pl.DataFrame(orders, schema=dict.fromkeys(COLUMNS, pl.String)).write_parquet(path)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(orders)


def _report(path: Path, zone: str) -> dict[str, Any]:
    """The report. `Any`: a document."""
    flags = ["--select", "sales", "--format", "json", "--quiet", "--param", f"timezone={zone}"]
    done = CliRunner().invoke(cli, ["audit", "--orders", str(path), *flags])
    assert done.exit_code in {0, 1, 3}, done.output
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@given(_ORDERS, st.sampled_from(["csv", "parquet"]), st.sampled_from(["Asia/Shanghai", "UTC"]))
def test_orders_are_judged_as_python_judges_them(orders: list[Order], kind: str, zone: str) -> None:
    with TemporaryDirectory() as folder:
        _write(Path(folder) / f"orders.{kind}", orders)
        report = _report(Path(folder) / f"orders.{kind}", zone)

    read = [one for one in map(_read, orders) if one is not None]
    assert report["coverage"]["orders"]["rows_read"] == len(orders)
    assert report["coverage"]["orders"]["orders"] == len(read)
    for rule in report["rules"]:
        outcomes = [_outcome(rule["id"], order, zone) for order in read]
        names = ("violation", "compliant", "unknown", "not_applicable")
        assert {name: rule[name] for name in names} == {n: outcomes.count(n) for n in names}
        violating = {o.cells["order_id"] for o, out in zip(read, outcomes, strict=True)
                     if out == "violation"}  # fmt: skip
        found = [f for f in report["findings"] if f["rule_id"] == rule["id"]]
        assert [f["subject"]["order_id"] for f in found] == sorted(map(str, violating))
        assert sum(f["events"] for f in found) == outcomes.count("violation")
