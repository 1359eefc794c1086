"""What became of every row that was read, and what in them could not be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import polars as pl

_WORD: Final = pl.Categorical()
"""Of few distinct texts, none of them a log's."""

INVALID_VALUES: Final[dict[str, pl.DataType]] = {
    "column": _WORD, "value": pl.String(), "rows": pl.Int64(),
}  # fmt: skip
"""Texts that are no value of their column, and how many rows hold each: by column, most rows
first. No column of this or the next schemas is ever null, and there may be
millions of entries."""

UNRESOLVED_HOPS: Final[dict[str, pl.DataType]] = {
    "value": pl.String(), "rows": pl.Int64(), "reason": _WORD,
}  # fmt: skip
"""The text of a hop, how many rows hold it, and why nothing resolves it; most rows first."""

UNRESOLVED_ACCOUNTS: Final[dict[str, pl.DataType]] = {
    "account_id": pl.String(), "rows": pl.Int64(), "reason": _WORD,
}  # fmt: skip
"""A hosting account without a policy, its rows, and why it has none; most rows first."""

SUSPICIONS: Final[dict[str, pl.DataType]] = {
    "rule_id": _WORD, "hop": pl.String(), "countries": pl.List(_WORD), "rows": pl.Int64(),
    "basis": _WORD,
}  # fmt: skip
"""Rows that a rule could not decide, and would find to violate it if less sure words are true.

Databases place `hop` differently (`basis` is `conflicting`), or it is known less surely than is
demanded. `countries` are those named, sorted. A row with several such hops counts for each. By
rule, most rows first."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Some value and the number of rows that hold it."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file in a folder that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of the rows of one table: each is rejected, outside the window or judged.

    Attributes:
        invalid_values: a frame of INVALID_VALUES.
        first_at, last_at: time of the first and last row judged; None without any.
    """

    rows_read: int
    rows_rejected: int
    rows_outside_window: int
    judged: int
    rejects: Sequence[Counted] = ()
    invalid_values: pl.DataFrame = field(
        default_factory=partial(pl.DataFrame, schema=INVALID_VALUES)
    )
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def reconciles(self) -> bool:
        """Whether every row read is in exactly one of the three."""
        return self.rows_read == self.rows_rejected + self.rows_outside_window + self.judged


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ledgers of the tables that were given, events before orders."""

    tables: Mapping[str, Ledger]
    files_skipped: Sequence[SkippedFile] = ()

    @property
    def reconciles(self) -> bool:
        """Whether all of them do."""
        return all(ledger.reconciles for ledger in self.tables.values())
