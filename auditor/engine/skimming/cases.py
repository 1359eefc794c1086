"""Decides every case once, and tells on which line of the ledger the rows of a case count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from threading import Lock
from typing import Final

import numpy as np
import polars as pl

from auditor.engine.skimming.accounts import AccountClasses
from auditor.engine.skimming.codebook import (
    UNKNOWN,
    Codebook,
    Hashes,
    Numbers,
    mixed,
    spans_of,
)
from auditor.engine.skimming.reading import Batch, CaseReading
from auditor.schema import TIME

VIOLATING: Final = 1
"""The line of cases that violate a rule: their rows are read one by one."""

READ: Final = 2
"""The line of other cases whose rows are; those of no known case have none."""

LINE: Final = "@line"

LEARNING_ROWS: Final = 30_000
"""Undecided rows that are worth deciding their cases: what deciding costs, counted in rows read."""

_TIMES: Final = 2
_ROWS_AT_ONCE: Final = 1 << 16
"""Rows looked up at once, however large a batch is: some ten arrays of them are made."""

_TRIED_ROWS: Final = 1_000_000
_MOST_CASES: Final = 1 << 20
_MOST_VALUES: Final = 1 << 20
_MOST_KEYS: Final = 1 << 63
_MARGIN: Final = 24 * 60 * 60 * 1_000_000
"""Microseconds by which accounts are looked up earlier than asked, for rows that are not sorted."""

_AHEAD_ROWS: Final = 1 << 17
"""Rows made up for later spans of time, at most, each time that cases are decided."""


@dataclass(frozen=True, slots=True)
class Times:
    """When rows and their meetings began, Datetime each; takes the place of what the rows say."""

    event_at: pl.Series
    start: pl.Series


Decide = Callable[[pl.DataFrame, Times], pl.Series]
"""Raw rows, one per case, and their times → UInt32: the line each is counted on."""


@dataclass(frozen=True, slots=True)
class _Column:
    """The classes of the values of raw columns; a value without one is not in `book`.

    Attributes:
        seen: hashes of all values that have been looked at.
        size: one more than the highest class.
    """

    book: Codebook = field(default_factory=Codebook.empty)
    seen: Codebook = field(default_factory=Codebook.empty)
    size: int = 1


@dataclass(frozen=True, slots=True)
class _Known:
    """All that has been learnt; immutable, so that threads may go on with what they hold.

    Attributes:
        codes: of every decided case, one array per part of its key.
        lines: of every decided case.
        book: their keys and lines.
    """

    accounts: AccountClasses | None
    columns: tuple[_Column, ...]
    codes: tuple[Numbers, ...] = ()
    lines: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    book: Codebook = field(default_factory=Codebook.empty)


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
        self._swapping, self._learning = Lock(), Lock()
        self._seen = self._missed = self._owing = 0
        self._classes: list[dict[object, int]] = [{} for _ in reading.coded]
        self._known = _Known(accounts, tuple(_Column() for _ in reading.coded))

    def lines(self, rows: pl.DataFrame, *, is_over: bool = False) -> tuple[Numbers, Numbers]:
        """The line that each raw row is counted on, READ or less if on none; and its time.

        Times are microseconds, of use only for rows that are counted.

        Args:
            rows: raw rows.
            is_over: no rows of later times will be asked about.
        """
        if rows.is_empty() or self._is_hopeless():
            unknown = np.full(rows.height, UNKNOWN, dtype=np.int64)
            return unknown, unknown
        batch = self._reading.batch(rows)
        lines = self._lookup(batch, self._reaching(batch))
        undecided = np.flatnonzero(lines == UNKNOWN)
        # NOTE: one thread learns and none waits for it: to decide takes threads of the engine, and
        # those that wait would be missing.
        if self._is_worth_learning(len(undecided)) and self._learning.acquire(blocking=False):
            try:
                known = self._learnt(rows[pl.Series(undecided)], batch[undecided], is_over=is_over)
            finally:
                self._learning.release()
            lines = self._lookup(batch, known)
            undecided = np.flatnonzero(lines == UNKNOWN)
        self._seen += len(batch)
        self._missed += len(undecided)
        return lines, batch.event_at

    def _is_hopeless(self) -> bool:
        return self._seen > _TRIED_ROWS and self._missed * 2 > self._seen

    def _is_worth_learning(self, undecided: int) -> bool:
        self._owing += undecided
        is_worth = undecided > 0 and self._owing >= LEARNING_ROWS
        return is_worth and len(self._known.lines) < _MOST_CASES

    def _reaching(self, batch: Batch) -> _Known:
        """What is known, and can be asked about all instants of the batch."""
        least = int(batch.start.min())
        with self._swapping:
            self._known = _since(self._known, least, margin=_MARGIN)
            return self._known

    def _lookup(self, batch: Batch, known: _Known) -> Numbers:
        """The lines of a batch, UNKNOWN for those of no known case and READ for odd ones."""
        lines = np.empty(len(batch), dtype=np.int64)
        for start in range(0, len(batch), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            keys = _keys(self._codes(batch[rows], known), self._sizes(known))
            lines[rows] = known.book.lookup(mixed(keys))
        if batch.is_odd is not None:
            lines[batch.is_odd] = READ
        return lines

    def _codes(self, batch: Batch, known: _Known) -> list[Numbers]:
        """The parts of each row's key: account, columns, times."""
        codes: list[Numbers] = []
        if known.accounts is not None and batch.accounts is not None:
            codes.append(known.accounts.classes(batch.accounts, batch.start))
        for column, hashes in zip(known.columns, batch.columns, strict=True):
            codes.append(column.book.lookup(hashes))
        codes.append(spans_of(batch.event_at, self._reading.event_instants))
        codes.append(spans_of(batch.start, self._reading.start_instants))
        return codes

    def _sizes(self, known: _Known) -> list[int]:
        """One more than the highest code of each part of a key."""
        accounts = [] if known.accounts is None else [known.accounts.size]
        times = (self._reading.event_instants, self._reading.start_instants)
        return [*accounts, *(c.size for c in known.columns), *(len(t) + 1 for t in times)]

    def _learnt(self, rows: pl.DataFrame, batch: Batch, *, is_over: bool) -> _Known:
        """What is known once the cases of some raw rows have been decided."""
        self._owing = 0
        known = self._with_values(rows, batch)
        new = self._new_cases(batch, known)
        if len(new):
            rows, batch = rows[pl.Series(new)], batch[new]
            if not is_over:
                rows, batch = self._over_time(rows, batch, known)
            known = self._decided(rows, batch, known)
        with self._swapping:
            before = self._known.accounts
            self._known = known if before is None else _since(known, before.since)
            return self._known

    def _new_cases(self, batch: Batch, known: _Known) -> Numbers:
        """A row of every case in the batch that has not been decided."""
        codes = self._codes(batch, known)
        # NOTE: a value without a class, such as a bad text, has no case
        is_told = np.logical_and.reduce([c != UNKNOWN for c in codes[:-_TIMES]])
        keys = np.broadcast_to(_keys(codes, self._sizes(known)), len(batch))
        new = np.flatnonzero(is_told & (known.book.lookup(mixed(keys)) == UNKNOWN))
        _, first = np.unique(keys[new], return_index=True)
        return new[first]

    def _over_time(
        self, rows: pl.DataFrame, batch: Batch, known: _Known
    ) -> tuple[pl.DataFrame, Batch]:
        """The rows as they are, and at each later instant that parts times, if that is new.

        Logs go on: to decide all spans of time at one go costs less than each as it comes.
        """
        instants = [self._reading.event_instants, self._reading.start_instants]
        moments = np.unique(np.concatenate(instants))
        moments = moments[moments > batch.start.min()][: _AHEAD_ROWS // len(batch)]
        every = np.tile(np.arange(len(batch)), len(moments) + 1)
        later = np.repeat(moments, len(batch))
        moved = replace(
            batch[every],
            event_at=np.concatenate([batch.event_at, later]),
            start=np.concatenate([batch.start, later]),
        )
        new = self._new_cases(moved, known)
        return rows[pl.Series(every[new])], moved[new]

    def _decided(self, rows: pl.DataFrame, batch: Batch, known: _Known) -> _Known:
        """What is known once some raw rows, one per new case, have been decided."""
        times = [pl.Series(micros).cast(TIME) for micros in (batch.event_at, batch.start)]
        lines = self._decide(rows, Times(*times)).to_numpy().astype(np.int64)
        codes = [np.broadcast_to(c, len(batch)) for c in self._codes(batch, known)]
        return self._with_cases(known, codes, lines)

    def _with_cases(self, known: _Known, codes: Sequence[Numbers], lines: Numbers) -> _Known:
        """The same with more cases; all keys are made anew, because sizes may have changed."""
        before = known.codes or [np.empty(0, dtype=np.int64) for _ in codes]
        grown = tuple(np.concatenate(pair) for pair in zip(before, codes, strict=True))
        lines = np.concatenate([known.lines, lines])
        book = Codebook(mixed(_keys(grown, self._sizes(known))), lines)
        return replace(known, codes=grown, lines=lines, book=book)

    def _with_values(self, rows: pl.DataFrame, batch: Batch) -> _Known:
        """What is known, and the classes of values that no book holds yet."""
        known, accounts = self._known, self._known.accounts
        columns = [
            self._with_column_values(number, column, rows, batch.columns[number])
            for number, column in enumerate(known.columns)
        ]
        if accounts is not None and batch.accounts is not None:
            strangers = _new(accounts.book, batch.accounts)
            if len(strangers) and len(accounts.book) + len(strangers) < _MOST_VALUES:
                ids = self._reading.account_ids(rows[pl.Series(strangers)])
                accounts = accounts.with_texts(batch.accounts[strangers], ids)
        grown = replace(known, accounts=accounts, columns=tuple(columns))
        # NOTE: beyond it two cases could have one key
        if prod(self._sizes(grown)) >= _MOST_KEYS:
            return known
        nothing = np.empty(0, dtype=np.int64)
        return self._with_cases(grown, [nothing for _ in self._sizes(known)], nothing)

    def _with_column_values(
        self, number: int, column: _Column, rows: pl.DataFrame, hashes: Hashes
    ) -> _Column:
        new = _new(column.seen, hashes)
        if not len(new) or len(column.seen) + len(new) > _MOST_VALUES:
            return column
        known = self._classes[number]
        told = self._reading.coded[number].classify(rows[pl.Series(new)])
        classes = np.array(
            [UNKNOWN if k is None else known.setdefault(k, len(known) + 1) for k in told],
            dtype=np.int64,
        )
        has_class = classes != UNKNOWN
        return _Column(
            book=column.book.with_hashes(hashes[new][has_class], classes[has_class]),
            seen=Codebook.of(np.concatenate([column.seen.hashes, hashes[new]])),
            size=len(known) + 1,
        )


def _since(known: _Known, least: int, margin: int = 0) -> _Known:
    """The same, able to tell of accounts from `least` on; `margin` is added where it was not."""
    accounts = known.accounts
    if accounts is None or least >= accounts.since:
        return known
    return replace(known, accounts=accounts.from_instant(least - margin))


def _new(book: Codebook, hashes: Hashes) -> Numbers:
    """A row of each distinct hash that is not in the book."""
    rows = np.flatnonzero(book.lookup(hashes) == UNKNOWN)
    _, first = np.unique(hashes[rows], return_index=True)
    return rows[first]


def _keys(codes: Sequence[Numbers], sizes: Sequence[int]) -> Numbers:
    """The codes as the digits of one number."""
    keys = np.zeros(1, dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        keys = keys * size + code
    return keys
