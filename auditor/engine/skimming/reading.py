"""What the outcomes of a row depend on, read from the columns of a log as they stand.

Two rows are of one *case* if they have equal raw values in all that a selected rule decides by,
hosts whose policies give the same facts, and times between the same instants: every rule says the
same of both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.engine.skimming.codebook import UNKNOWN, Codebook, Hashes, Numbers, hashed
from auditor.engine.skimming.hops import PlaceHashes
from auditor.enrich.meetings import OBSERVED
from auditor.sources.canonical import Canonical
from auditor.sources.times import impossible
from auditor.sources.values import FAULT, VALUE

Classify = Callable[[pl.DataFrame], list[object]]
"""Distinct raw values → what tells them apart; None for a value that has no class."""


@dataclass(frozen=True, slots=True)
class CodedColumns:
    """Raw columns that are looked up together.

    Attributes:
        classify: says which of their values are alike.
        by_places: hashes that are equal where rows are alike, which spares looking at each value.
    """

    names: Sequence[str]
    classify: Classify
    by_places: PlaceHashes | None = None

    def hashes(self, rows: pl.DataFrame, seed: int) -> Hashes:
        """One hash per row."""
        told = None if self.by_places is None else self.by_places.hashes(rows)
        if told is not None:
            return told
        if len(self.names) == 1:
            return hashed(rows[self.names[0]], seed)
        return rows.select(self.names).hash_rows(seed=seed).to_numpy()


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of rows, read as cases are told apart.

    Attributes:
        columns: hashes, one array per set of coded columns.
        accounts: hashes of the account ids as written; None without a registry.
        event_at, start: microseconds; without meaning on odd rows.
        is_odd: rows that have no case; None for none.
    """

    columns: Sequence[Hashes]
    accounts: Hashes | None
    event_at: Numbers
    start: Numbers
    is_odd: NDArray[np.bool_] | None

    def __len__(self) -> int:
        return len(self.event_at)

    def __getitem__(self, rows: slice | Numbers) -> "Batch":
        return Batch(
            columns=[column[rows] for column in self.columns],
            accounts=None if self.accounts is None else self.accounts[rows],
            event_at=self.event_at[rows],
            start=self.start[rows],
            is_odd=None if self.is_odd is None else self.is_odd[rows],
        )


@dataclass(frozen=True, slots=True)
class ObservedStarts:
    """When meetings began; `starts` are microseconds, by the numbers of `book`, 0 for none."""

    book: Codebook
    starts: Numbers

    @classmethod
    def of(cls, meetings: pl.DataFrame, seed: int) -> "ObservedStarts":
        """The starts in a table of meeting facts."""
        micros = meetings[OBSERVED].to_physical().to_numpy()
        book = Codebook.of(hashed(meetings["meeting_id"], seed))
        return cls(book, np.concatenate([[0], micros]))


@dataclass(frozen=True, slots=True)
class CaseReading:
    """How the rows of one group of files are read as cases.

    Attributes:
        source: the group.
        coded: the raw columns that are part of the case, those with few values together.
        account: text of the account id; None where no registry is given.
        event_at, start: times, or readings of a value and a fault each; no `start`: the log has
            none.
        meeting: the meeting's id.
        observed: starts of the meetings whose observed start matters; None while not gathered.
        odd: Boolean expressions of rows that must be looked at one by one.
        event_instants, start_instants: microseconds, ascending; between them times are alike.
        seed: of all hashes of a run.
    """

    source: Canonical
    coded: Sequence[CodedColumns]
    account: pl.Expr | None
    event_at: pl.Expr
    start: pl.Expr | None
    meeting: pl.Expr
    observed: ObservedStarts | None
    odd: Sequence[pl.Expr]
    event_instants: Numbers
    start_instants: Numbers
    seed: int

    @property
    def roots(self) -> list[str]:
        """The raw columns that are read, sorted."""
        exprs = [self.event_at, self.start, self.account, *self.odd]
        if self.observed is not None and len(self.observed.book):
            exprs.append(self.meeting)
        named = {root for expr in exprs if expr is not None for root in expr.meta.root_names()}
        return sorted(named.union(*(columns.names for columns in self.coded)))

    def batch(self, rows: pl.DataFrame) -> Batch:
        """The raw `rows` as cases see them."""
        # NOTE: with_columns, because a reading may be one constant for all rows
        read = rows.with_columns(
            self.event_at.alias("@event"),
            *([] if self.start is None else [self.start.alias("@start")]),
            *([] if self.account is None else [self.account.alias("@account")]),
            *(expr.alias(f"@odd:{number}") for number, expr in enumerate(self.odd)),
        )
        event, no_event = _time(read["@event"])
        odd = [read[f"@odd:{number}"] for number in range(len(self.odd))] + no_event
        start = event
        if self.start is not None:
            start, no_start = _time(read["@start"])
            odd += no_start
        if self.observed is not None and (self.start is None or start.null_count()):
            found = self._found(rows, event, self.observed)
            start = found if self.start is None else start.zip_with(start.is_not_null(), found)
        odd += [time.is_null() for time in (event, start) if time.null_count()]
        return Batch(
            columns=[columns.hashes(rows, self.seed) for columns in self.coded],
            accounts=None if self.account is None else hashed(read["@account"], self.seed),
            event_at=_filled(event),
            start=_filled(start),
            is_odd=None if (is_odd := any_of(odd)) is None else is_odd.to_numpy(),
        )

    def account_ids(self, rows: pl.DataFrame) -> pl.Series:
        """The canonical account ids of raw `rows`."""
        plan = next(p for p in self.source.plans if p.field.name == "account_id")
        return rows.with_columns(plan.expr.alias("@account"))["@account"]

    def _found(self, rows: pl.DataFrame, event: pl.Series, observed: ObservedStarts) -> pl.Series:
        """When the meetings of raw rows began: as observed, else the rows' own times."""
        if not len(observed.book):
            return event
        ids = rows.with_columns(self.meeting.alias("@meeting"))["@meeting"]
        numbers = observed.book.lookup(hashed(ids, self.seed))
        is_found = pl.Series(numbers != UNKNOWN)
        return pl.Series(observed.starts.take(numbers)).zip_with(is_found, event)


def _time(read: pl.Series) -> tuple[pl.Series, list[pl.Series]]:
    """Int64 microseconds, and where they are none although something is there."""
    if isinstance(read.dtype, pl.Struct):
        return read.struct.field(VALUE).to_physical(), [read.struct.field(FAULT).is_not_null()]
    us = read.to_physical()
    return us, impossible(us)


def _filled(times: pl.Series) -> Numbers:
    least = times.min()
    return times.fill_null(least if isinstance(least, int) else 0).to_numpy()


def any_of(columns: Sequence[pl.Series]) -> pl.Series | None:
    """Where any of Boolean `columns` is true; None for nowhere."""
    found = [column for column in columns if column.any()]
    return reduce(or_, found) if found else None
