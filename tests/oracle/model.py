"""What the oracle is given: logs as raw texts, account rows, and what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Raw = str | None | Sequence[str | None]
"""A cell: text, nothing, or (only in Parquet) a list of texts and nothings."""

Row = Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record whose line is damaged, and the reason for which it is rejected."""

    text: str
    reason: str


Record = Row | Broken


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of a log; `path` is what the report calls it.

    `columns` are those of its header; without them, those of its rows.
    """

    path: str
    records: Sequence[Record]
    columns: Sequence[str] = ()

    def has(self, column: str) -> bool:
        """Whether the file has the column at all."""
        rows = [record for record in self.records if not isinstance(record, Broken)]
        return column in (self.columns or {name for row in rows for name in row})


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts registry: its columns and its rows, in which every value is valid."""

    columns: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: rules, their parameters, the window and the zone of zoneless times."""

    select: Sequence[str]
    params: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    window_from: str | None = None
    window_to: str | None = None
