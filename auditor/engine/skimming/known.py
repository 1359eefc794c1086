"""What has been learnt of the cases of a log: classes of values, and the line of each case."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from auditor.engine.skimming.accounts import AccountClasses
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, Numbers, mixed, spans_of
from auditor.engine.skimming.reading import Batch, CaseReading
from auditor.engine.skimming.recurring import Distinct

VIOLATING: Final = 1
"""The line of cases that violate a rule: their rows are read one by one."""

READ: Final = 2
"""The line of other cases whose rows are; those of no known case have none."""

_TIMES: Final = 2
_ROWS_AT_ONCE: Final = 1 << 16
"""Rows looked up at once, however large a batch is: some ten arrays of them are made."""


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """The classes of the values of raw columns; a value without one is not in `book`.

    Attributes:
        seen: hashes of all values that have been looked at.
        size: one more than the highest class.
    """

    book: Codebook = field(default_factory=Codebook.empty)
    seen: Codebook = field(default_factory=Codebook.empty)
    size: int = 1


@dataclass(frozen=True, slots=True)
class Known:
    """All that has been learnt; immutable, so that threads may go on with what they hold.

    Attributes:
        reading: how rows become cases.
        codes: of every decided case, one array per part of its key.
        lines: of every decided case.
        book: their keys and lines.
    """

    reading: CaseReading
    accounts: AccountClasses | None
    columns: tuple[KnownColumn, ...]
    codes: tuple[Numbers, ...] = ()
    lines: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    book: Codebook = field(default_factory=Codebook.empty)

    def since(self, least: int, margin: int = 0) -> "Known":
        """The same, with accounts from `least` on; `margin` is added where they were not known."""
        accounts = self.accounts
        if accounts is None or least >= accounts.since:
            return self
        return replace(self, accounts=accounts.from_instant(least - margin))

    def lines_of(self, batch: Batch) -> Numbers:
        """The lines of a batch, UNKNOWN for those of no known case and READ for odd ones."""
        lines = np.empty(len(batch), dtype=np.int64)
        for start in range(0, len(batch), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            keys = _keys(self.codes_of(batch[rows]), self.sizes())
            lines[rows] = self.book.lookup(mixed(keys))
        if batch.is_odd is not None:
            lines[batch.is_odd] = READ
        return lines

    def codes_of(self, batch: Batch) -> list[Numbers]:
        """The parts of each row's key: times, account, columns."""
        codes = [
            spans_of(batch.event_at, self.reading.event_instants),
            spans_of(batch.start, self.reading.start_instants),
        ]
        if self.accounts is not None and batch.accounts is not None:
            codes.append(self.accounts.classes(batch.accounts, batch.start))
        for column, hashes in zip(self.columns, batch.columns, strict=True):
            codes.append(column.book.lookup(hashes))
        return codes

    def sizes(self) -> list[int]:
        """One more than the highest code of each part of a key."""
        accounts = [] if self.accounts is None else [self.accounts.size]
        times = (self.reading.event_instants, self.reading.start_instants)
        return [*(len(t) + 1 for t in times), *accounts, *(c.size for c in self.columns)]

    def new_cases(self, batch: Batch) -> Distinct:
        """The cases in the batch that have not been decided."""
        codes = self.codes_of(batch)
        # NOTE: a value without a class, such as a bad text, has no case
        is_told = np.logical_and.reduce([c != UNKNOWN for c in codes[_TIMES:]])
        keys = np.broadcast_to(_keys(codes, self.sizes()), len(batch))
        new = np.flatnonzero(is_told & (self.book.lookup(mixed(keys)) == UNKNOWN))
        return Distinct.of(keys, new)

    def with_cases(self, codes: Sequence[Numbers], lines: Numbers) -> "Known":
        """The same with more cases; all keys are made anew, because sizes may have changed."""
        before = self.codes or [np.empty(0, dtype=np.int64) for _ in codes]
        grown = tuple(np.concatenate(pair) for pair in zip(before, codes, strict=True))
        lines = np.concatenate([self.lines, lines])
        book = Codebook(mixed(_keys(grown, self.sizes())), lines)
        return replace(self, codes=grown, lines=lines, book=book)

    def rekeyed(self) -> "Known":
        """The same cases, with keys by the present sizes."""
        nothing = np.empty(0, dtype=np.int64)
        return self.with_cases([nothing for _ in self.sizes()], nothing)


def _keys(codes: Sequence[Numbers], sizes: Sequence[int]) -> Numbers:
    """The codes as the digits of one number; least work where the first are the same for all."""
    keys = np.zeros(1, dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        keys = keys * size + code
    return keys
