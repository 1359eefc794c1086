"""What is measured: every row of the results, in order, with its command and its log."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from auditor.rules.load import load_rules
from benchmarks.datasets import Dataset
from benchmarks.twenty_rules import write_rules

FOUR_RULES: Final = ("ROUTE-001", "ROUTE-002", "ROUTE-003", "HOST-001")

OURS: Final = "ours"
SITES: Final = "ours:sites"
_LIBRARIES: Final = ("chdb", "duckdb", "pandas", "polars", "pyarrow")


class Rules(Enum):
    """Which rules are run; the findings of four are compared."""

    FOUR = auto()
    TWENTY = auto()
    SHIPPED = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data sets lie, and where this run puts what it writes."""

    data: Path
    work: Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the results.

    Attributes:
        name: what `--only` calls it; also the module of a contender.
        label: what the table says.
        log: name of the data set.
        base: the entry that its ratio is to.
        rules: which rules ours runs; None for a contender.
        finds: whether it writes findings, which are compared.
        scale: what its CPU time is multiplied by in the table.
        like: the entry whose findings it must have, where its log is another one.
        resolves: whether hops of its log can be found; else it must have as many undecided rows as
            `like` has decided ones.
        source: the profile its log is read by.
    """

    name: str
    label: str
    log: str
    base: str = OURS
    rules: Rules | None = None
    finds: bool = True
    scale: int = 1
    like: str | None = None
    resolves: bool = True
    source: str | None = None

    @property
    def module(self) -> str:
        """The contender's module."""
        return f"benchmarks.contenders.{self.name.partition(':')[0]}"

    @property
    def codes(self) -> tuple[int, ...]:
        """The exit codes of success: an audit ends with 1 or, if it only finds doubts, with 3."""
        return (0, 1, 3) if self.rules else (0,)

    @property
    def library(self) -> str | None:
        """The package that it needs beyond ours, if any."""
        return next((library for library in _LIBRARIES if library in self.name), None)

    def out(self, place: Place) -> Path:
        """The file of findings."""
        suffix = "json" if self.rules else "parquet"
        return place.work / f"{self.name.replace(':', '-')}.{suffix}"

    def command(self, log: Dataset, place: Place) -> list[str]:
        """The process to measure."""
        events, accounts = log.folder(place.data) / "events", log.registry(place.data)
        if self.rules is None:
            paths = (events, accounts, self.out(place))
            return [sys.executable, "-m", self.module, *map(str, paths)]
        chosen = _chosen(self.rules, place.work)
        if self.source is not None:
            chosen += ["--source", self.source]
        return _audit(events, accounts, self.out(place), chosen)


def _audit(events: Path, accounts: Path, out: Path, chosen: list[str]) -> list[str]:
    flags = ["--format", "json", "--output", str(out), "--digest", "none", "--quiet"]
    program = [sys.executable, "-m", "auditor", "audit"]
    return [*program, str(events), "--accounts", str(accounts), *chosen, *flags]


def _chosen(rules: Rules, work: Path) -> list[str]:
    if rules is not Rules.TWENTY:
        ids = FOUR_RULES if rules is Rules.FOUR else _on_events()
        return [part for rule_id in ids for part in ("--select", rule_id)]
    folder = work / "rules"
    shutil.rmtree(folder, ignore_errors=True)
    write_rules(folder, FOUR_RULES)
    return ["--rules", str(folder)]


def _on_events() -> list[str]:
    """The ids of all shipped rules on events."""
    return [rule.id for rule in load_rules([]) if rule.table == "events"]


def _dashboard(end: str, said: str) -> Iterator[Entry]:
    """A log in canonical form, and as Zoom's Dashboard exports the same events."""
    base = f"ours:canonical{end}"
    label = f"**auditor**, one hop a row{said}"
    yield Entry(base, label, f"canonical{end}", base, rules=Rules.FOUR)
    yield Entry(
        f"ours:dashboard{end}", f"auditor, the same in the Dashboard's columns{said}",
        f"dashboard{end}", base, rules=Rules.FOUR, like=base, source="zoom-dashboard",
    )  # fmt: skip


ENTRIES: Final = (
    Entry(OURS, "**auditor**, four rules", "parquet", rules=Rules.FOUR),
    Entry("duckdb_expert", "DuckDB, expert SQL", "parquet"),
    Entry("duckdb_natural", "DuckDB, natural SQL", "parquet"),
    Entry("chdb_natural", "chDB (ClickHouse), natural SQL", "parquet"),
    Entry("polars_natural", "Polars, natural lazy query", "parquet"),
    Entry(
        "pandas_natural", "pandas, natural (a tenth of the rows, CPU times ten)", "tenth", scale=10
    ),
    Entry("floor_polars", "floor: Polars decodes, batches dropped", "parquet", finds=False),
    Entry("floor_polars_collect", "floor: Polars decodes into memory", "parquet", finds=False),
    Entry("floor_duckdb", "floor: DuckDB decodes", "parquet", finds=False),
    Entry("floor_pyarrow", "floor: pyarrow decodes, batches dropped", "parquet", finds=False),
    Entry("ours:shipped", "auditor, all shipped rules on events", "parquet", rules=Rules.SHIPPED),
    Entry("ours:twenty", "auditor, twenty rules", "parquet", rules=Rules.TWENTY),
    Entry(
        "ours:no-start", "auditor, log without `meeting_started_at`", "no-start", rules=Rules.FOUR
    ),
    Entry(
        "ours:one-percent", "auditor, 1 % of the rows violating", "one-percent", rules=Rules.FOUR
    ),
    Entry("duckdb_expert:one-percent", "DuckDB, expert SQL, 1 % violating", "one-percent"),
    Entry("ours:csv", "**auditor**, four rules, CSV", "csv", "ours:csv", rules=Rules.FOUR),
    Entry("duckdb_expert:csv", "DuckDB, expert SQL, CSV", "csv", "ours:csv"),
    Entry("duckdb_natural:csv", "DuckDB, natural SQL, CSV", "csv", "ours:csv"),
    Entry("polars_natural:csv", "Polars, natural lazy query, CSV", "csv", "ours:csv"),
    Entry("floor_polars:csv", "floor: Polars reads text and casts", "csv", "ours:csv", finds=False),
    Entry(SITES, "**auditor**, routes of sites", "sites", SITES, rules=Rules.FOUR),
    Entry(
        "ours:addresses", "auditor, 20,000 addresses in place of those sites", "addresses", SITES,
        rules=Rules.FOUR, like=SITES,
    ),
    Entry(
        "ours:all-addresses", "auditor, as many addresses as half the rows", "all-addresses", SITES,
        rules=Rules.FOUR, like=SITES,
    ),
    Entry(
        "ours:unresolved", "auditor, as many private addresses, which nothing resolves",
        "unresolved", SITES, rules=Rules.FOUR, like=SITES, resolves=False,
    ),
    *_dashboard("", ""),
    *_dashboard("-csv", ", CSV"),
)  # fmt: skip
"""Every row of the results."""


def chosen_entries(only: tuple[str, ...], is_there: Callable[[str], bool]) -> list[Entry]:
    """The entries to run: those named, as far as their library is there.

    Args:
        only: names; none means all.
        is_there: whether a library is installed.

    Raises:
        ValueError: a name is unknown; the message lists the known ones.
    """
    known = [entry.name for entry in ENTRIES]
    if unknown := sorted({*only} - {*known}):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    named = [entry for entry in ENTRIES if not only or entry.name in only]
    return [entry for entry in named if entry.library is None or is_there(entry.library)]
