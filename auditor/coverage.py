"""What became of every row that was read, and what in them could not be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """Some value and the number of rows that hold it."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class UnresolvedAccount:
    """A hosting account without a policy, why it has none, and its rows."""

    account_id: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class UnresolvedHop:
    """The text of a hop, why nothing resolves it, and the number of rows that hold it."""

    value: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Rows that a rule could not decide, and would find to violate it if less sure words are true.

    Attributes:
        hop: databases place it differently, or it is known less surely than is demanded.
        countries: the places named, sorted.
        rows: how many rows; one with several such hops counts for each.
        basis: `conflicting`, or how surely the hop is known.
    """

    rule_id: str
    hop: str
    countries: Sequence[str]
    rows: int
    basis: str = "conflicting"


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A text that is not a value of its column, and the number of rows that hold it."""

    column: str
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
        first_at, last_at: time of the first and last row judged; None without any.
    """

    rows_read: int
    rows_rejected: int
    rows_outside_window: int
    judged: int
    rejects: Sequence[Counted] = ()
    invalid_values: Sequence[InvalidValue] = ()
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
