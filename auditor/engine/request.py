"""What one audit is asked to do, and how much it may leave undecided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from auditor.addresses.locations import Basis
from auditor.findings import Severity

_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """How many rows may be bad: a number, or a share of some total.

    Attributes:
        value: rows, or per cent where `is_share`.
        text: as written, for the report.
    """

    value: Fraction
    is_share: bool
    text: str

    def allows(self, rows: int, total: int) -> bool:
        """Whether `rows` of `total` stay within the limit."""
        return rows <= (total * self.value / _ALL if self.is_share else self.value)


CANONICAL: Final = "canonical"
"""The source profile of logs with the canonical column names."""

NONE_ALLOWED: Final = Limit(Fraction(0), is_share=False, text="0")


@dataclass(frozen=True, slots=True)
class Request:
    """One audit: what to read, what to know, which rules to judge by.

    Attributes:
        paths: logs of events, as the user named them.
        source: name or file of the source profile.
        operator: whose site codes the routes hold; None: the profile's own.
        accounts, datacentres: registry files.
        ip_ranges: files of address ranges.
        cache: a folder for what takes long to read; None: nothing is kept.
        evidence_level: a hop that is known less surely is not resolved: a label of `Basis`.
        rules: packs, folders or files; empty: the shipped packs.
        params: (name, value) pairs, for rules and profile.
        from_, to: half-open window on `event_at`, and on `ordered_at` of orders.
        timezone: zone of times that state none.
        digest: whether to digest inputs and registries.
        outputs: files that will be written; none of them may be read.
        keeps_unknowns: whether the rows that a rule cannot decide will be asked for.
        fail_on: least severity that makes the run fail; None: never.
        orders: logs of orders, as the user named them.
    """

    paths: Sequence[str]
    source: str = CANONICAL
    operator: str | None = None
    accounts: Sequence[str] = ()
    datacentres: str | None = None
    ip_ranges: Sequence[str] = ()
    cache: Path | None = None
    evidence_level: str = Basis.SINGLE_SOURCE.label
    rules: Sequence[str] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    params: Sequence[tuple[str, str]] = ()
    from_: datetime | None = None
    to: datetime | None = None
    timezone: str | None = None
    digest: bool = True
    outputs: Sequence[Path] = ()
    keeps_unknowns: bool = False
    max_rejects: Limit = NONE_ALLOWED
    max_unknown: Limit = NONE_ALLOWED
    fail_on: Severity | None = Severity.LOW
    orders: Sequence[str] = ()

    @property
    def tables(self) -> dict[str, Sequence[str]]:
        """The logs of each table that is given, events before orders."""
        given = {"events": self.paths, "orders": self.orders}
        return {table: paths for table, paths in given.items() if paths}
