"""Decides every case once, and tells on which line of the ledger the rows of a case count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from threading import Lock
from typing import Final

import polars as pl

from auditor.engine.skimming.accounts import AccountClasses
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, mixed
from auditor.engine.skimming.reading import Batch, CaseReading

VIOLATING: Final = 1
"""The line of cases that violate a rule: their rows are read one by one."""

READ: Final = 2
"""The line of other cases whose rows are; those of no known case have none."""

LINE: Final = "@line"

LEARNING_ROWS: Final = 20_000
"""Undecided rows that are worth deciding their cases: what deciding costs, counted in rows read."""

_HASH: Final = "@hash"
_CLASS: Final = "@class"
_REPRESENTATIVE: Final = "@representative"
_TRIED_ROWS: Final = 1_000_000
_MOST_CASES: Final = 1 << 20
_MOST_VALUES: Final = 1 << 20
_MOST_KEYS: Final = 1 << 63
_MARGIN: Final = 24 * 60 * 60 * 1_000_000
"""Microseconds by which accounts are looked up earlier than asked, for rows that are not sorted."""

Decide = Callable[[pl.DataFrame], pl.Series]
"""Raw rows, one per case → UInt32 of the line each case is counted on."""


def _empty() -> Codebook:
    return Codebook.of(pl.Series([], dtype=pl.UInt64))


@dataclass(frozen=True, slots=True)
class _Column:
    """The classes of the values of raw columns; a value without one is not in `book`.

    Attributes:
        seen: hashes of all values that have been looked at.
        size: one more than the highest class.
    """

    book: Codebook = field(default_factory=_empty)
    seen: Codebook = field(default_factory=_empty)
    size: int = 1


@dataclass(frozen=True, slots=True)
class _Known:
    """All that has been learnt; immutable, so that threads may go on with what they hold.

    Attributes:
        cases: the codes of every decided case and its LINE.
        book: their keys and lines.
    """

    accounts: AccountClasses | None
    columns: tuple[_Column, ...]
    cases: pl.DataFrame
    book: Codebook


class Cases:
    """The cases of one group of files; may be asked from any thread.

    Args:
        reading: how rows become cases.
        accounts: the registry's accounts, if there is one.
        decide: decides rows by the exact plan.
    """

    def __init__(
        self, reading: CaseReading, accounts: AccountClasses | None, decide: Decide
    ) -> None:
        self._reading = reading
        self._decide = decide
        self._lock = Lock()
        self._seen = self._missed = self._owing = 0
        self._classes: list[dict[object, int]] = [{} for _ in reading.coded]
        columns = tuple(_Column() for _ in reading.coded)
        self._known = _Known(accounts, columns, pl.DataFrame(), _empty())

    def lines(self, rows: pl.DataFrame) -> pl.Series:
        """UInt32 per raw row: the line that it is counted on; READ, or less, if on none."""
        if self._is_hopeless():
            return pl.zeros(rows.height, dtype=pl.UInt32, eager=True)
        batch = self._reading.batch(rows)
        known = self._reaching(batch)
        lines = self._lookup(batch, known)
        undecided = (lines == UNKNOWN).arg_true()
        if self._is_worth_learning(len(undecided)):
            known = self._learnt(rows[undecided], batch.gather(undecided))
            lines = self._lookup(batch, known)
            undecided = (lines == UNKNOWN).arg_true()
        self._seen += len(batch)
        self._missed += len(undecided)
        return lines

    def _is_hopeless(self) -> bool:
        return self._seen > _TRIED_ROWS and self._missed * 2 > self._seen

    def _is_worth_learning(self, undecided: int) -> bool:
        self._owing += undecided
        if not undecided or self._owing < LEARNING_ROWS:
            return False
        self._owing = 0
        return self._known.cases.height < _MOST_CASES

    def _reaching(self, batch: Batch) -> _Known:
        """What is known, and can be asked about all instants of the batch."""
        least = batch.start.min()
        if not isinstance(least, int):
            return self._known
        with self._lock:
            accounts = self._known.accounts
            if accounts is not None and least < accounts.since:
                accounts = accounts.from_instant(least - _MARGIN)
                self._known = replace(self._known, accounts=accounts)
            return self._known

    def _lookup(self, batch: Batch, known: _Known) -> pl.Series:
        codes = self._codes(batch, known)
        lines = known.book.lookup(mixed(_keys(codes, self._sizes(known), len(batch))))
        return lines if batch.is_odd is None else lines.set(batch.is_odd, READ)

    def _codes(self, batch: Batch, known: _Known) -> list[pl.Series | int]:
        """The parts of each row's key: account, columns, times."""
        codes: list[pl.Series | int] = []
        if known.accounts is not None and batch.accounts is not None:
            codes.append(known.accounts.classes(batch.accounts, batch.start))
        for column, hashes in zip(known.columns, batch.columns, strict=True):
            codes.append(column.book.lookup(hashes))
        codes.append(_span(batch.event_at, self._reading.event_instants))
        codes.append(_span(batch.start, self._reading.start_instants))
        return codes

    def _sizes(self, known: _Known) -> list[int]:
        """One more than the highest code of each part of a key."""
        accounts = [] if known.accounts is None else [known.accounts.size]
        times = (self._reading.event_instants, self._reading.start_instants)
        return [*accounts, *(c.size for c in known.columns), *(len(t) + 1 for t in times)]

    def _learnt(self, rows: pl.DataFrame, batch: Batch) -> _Known:
        """What is known once the cases of some raw rows have been decided."""
        with self._lock:
            known = self._with_values(rows, batch)
            codes = self._codes(batch, known)
            times = codes[-2:]
            parts = pl.DataFrame(
                [_series(code, len(batch)).alias(str(i)) for i, code in enumerate(codes)]
            )
            # NOTE: a value without a class, such as a bad text, has no case
            is_told = pl.all_horizontal(pl.col(parts.columns[: -len(times)]) != UNKNOWN)
            new = (
                parts.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(_REPRESENTATIVE))
                .filter(is_told)
                .unique(parts.columns, keep="first", maintain_order=True)
            )
            if known.cases.height:
                new = new.join(known.cases, on=parts.columns, how="anti", maintain_order="left")
            if new.height and prod(self._sizes(known)) < _MOST_KEYS:
                decided = self._decide(rows[new[_REPRESENTATIVE]]).alias(LINE)
                new = new.drop(_REPRESENTATIVE).with_columns(decided)
                known = self._with_cases(known, pl.concat([known.cases, new], how="diagonal"))
            self._known = known
            return known

    def _with_cases(self, known: _Known, cases: pl.DataFrame) -> _Known:
        codes = [cases[name] for name in cases.columns if name != LINE]
        keys = _keys(codes, self._sizes(known), cases.height)
        return replace(known, cases=cases, book=Codebook(mixed(keys), cases[LINE]))

    def _with_values(self, rows: pl.DataFrame, batch: Batch) -> _Known:
        """What is known, and the classes of values that no book holds yet."""
        known, accounts = self._known, self._known.accounts
        columns = [
            self._with_column_values(number, column, rows, batch.columns[number])
            for number, column in enumerate(known.columns)
        ]
        if accounts is not None and batch.accounts is not None:
            strangers = _new(accounts.book, batch.accounts)
            if strangers.height and len(accounts.book) + strangers.height < _MOST_VALUES:
                ids = self._reading.account_ids(rows[strangers[_REPRESENTATIVE]])
                accounts = accounts.with_texts(strangers[_HASH], ids)
        grown = replace(known, accounts=accounts, columns=tuple(columns))
        return self._with_cases(grown, known.cases) if known.cases.height else grown

    def _with_column_values(
        self, number: int, column: _Column, rows: pl.DataFrame, hashes: pl.Series
    ) -> _Column:
        new = _new(column.seen, hashes)
        if not new.height or len(column.seen) + new.height > _MOST_VALUES:
            return column
        known = self._classes[number]
        told = self._reading.coded[number].classify(rows[new[_REPRESENTATIVE]])
        classes = [UNKNOWN if k is None else known.setdefault(k, len(known) + 1) for k in told]
        found = new.select(_HASH).with_columns(pl.Series(_CLASS, classes, dtype=pl.UInt32))
        found = found.filter(pl.col(_CLASS) != UNKNOWN)
        return _Column(
            book=column.book.with_hashes(found[_HASH], found[_CLASS]),
            seen=Codebook.of(pl.concat([column.seen.hashes, new[_HASH]])),
            size=len(known) + 1,
        )


def _new(book: Codebook, hashes: pl.Series) -> pl.DataFrame:
    """The distinct `hashes` that are not in the book, and a row of each."""
    rows = (book.lookup(hashes) == UNKNOWN).arg_true()
    frame = pl.DataFrame([hashes.gather(rows).alias(_HASH), rows.alias(_REPRESENTATIVE)])
    return frame.unique(_HASH, keep="first", maintain_order=True)


def _span(times: pl.Series, instants: pl.Series) -> pl.Series | int:
    """Between which instants each time lies; one number where it is the same for all."""
    ends = pl.Series([times.min(), times.max()], dtype=pl.Int64)
    first, last = instants.search_sorted(ends, side="right")
    return first if first == last else instants.search_sorted(times, side="right")


def _series(code: pl.Series | int, height: int) -> pl.Series:
    if isinstance(code, pl.Series):
        return code
    return pl.Series([code], dtype=pl.UInt32).new_from_index(0, height)


def _keys(codes: Sequence[pl.Series | int], sizes: Sequence[int], height: int) -> pl.Series:
    """UInt64: the codes as the digits of one number."""
    key: pl.Series | int = 0
    for code, size in zip(codes, sizes, strict=True):
        key = key * size + (code.cast(pl.UInt64) if isinstance(code, pl.Series) else code)
    if isinstance(key, pl.Series):
        return key
    return pl.Series([key], dtype=pl.UInt64).new_from_index(0, height)
