"""Decides every case once, and tells on which line of the ledger the rows of a case count."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
)
from auditor.engine.skimming.known import Known, KnownColumn
from auditor.engine.skimming.reading import Batch, CaseReading
from auditor.engine.skimming.recurring import Distinct, Trial
from auditor.schema import TIME

LINE: Final = "@line"

LEARNING_ROWS: Final = 30_000
"""Undecided rows that are worth deciding their cases: what deciding costs, counted in rows read."""

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
        self._trial = Trial()
        self._owing = self._spent = self._decided_cases = 0
        self._is_done = False
        self._accounts = accounts
        self._forget()

    @property
    def knows_any(self) -> bool:
        """Whether any case is known at present."""
        return len(self._known.lines) > 0

    def lines(self, rows: pl.DataFrame, *, is_over: bool = False) -> tuple[Numbers, Batch | None]:
        """The line that each raw row is counted on, READ or less if on none; and what was read.

        Nothing is read where others were read in vain: then no row is counted.

        Args:
            rows: raw rows.
            is_over: no rows of later times will be asked about.
        """
        if rows.is_empty() or self._trial.is_resting(rows.height):
            return np.full(rows.height, UNKNOWN, dtype=np.int64), None
        batch = self._reading.batch(rows)
        lines = self._reaching(batch).lines_of(batch)
        # NOTE: one thread learns and none waits for it: to decide takes threads of the engine, and
        # those that wait would be missing.
        if self._learning.acquire(blocking=False):
            try:
                lines = self._improved(lines, rows, batch, is_over=is_over)
            finally:
                self._learning.release()
        return lines, batch

    def _improved(
        self, lines: Numbers, rows: pl.DataFrame, batch: Batch, *, is_over: bool
    ) -> Numbers:
        """The lines of a batch once what is worth learning from it has been learnt."""
        undecided = np.flatnonzero(lines == UNKNOWN)
        if self._is_worth_learning(len(undecided), is_over=is_over):
            new = rows[pl.Series(undecided)], batch[undecided]
            lines = self._learnt(*new, asked=len(batch), is_over=is_over).lines_of(batch)
            undecided = np.flatnonzero(lines == UNKNOWN)
        if self._trial.has_failed(len(batch), len(undecided)):
            self._forget()
        return lines

    def _forget(self) -> None:
        """Know as little as at first."""
        columns = tuple(KnownColumn() for _ in self._reading.coded)
        self._classes: list[dict[object, int]] = [{} for _ in columns]
        with self._swapping:
            self._known = Known(self._reading, self._accounts, columns)

    def _is_worth_learning(self, undecided: int, *, is_over: bool) -> bool:
        self._owing += undecided
        # NOTE: cases of later times are decided as well, of which few may come up
        due = LEARNING_ROWS if is_over else max(LEARNING_ROWS, self._spent)
        is_due = undecided > 0 and self._owing >= due and self._decided_cases < _MOST_CASES
        return is_due and not self._is_done

    def _reaching(self, batch: Batch) -> Known:
        """What is known, and can be asked about all instants of the batch."""
        least = int(batch.start.min())
        with self._swapping:
            self._known = self._known.since(least, margin=_MARGIN)
            return self._known

    def _learnt(self, rows: pl.DataFrame, batch: Batch, *, asked: int, is_over: bool) -> Known:
        """What is known once cases of some raw rows have been decided.

        Args:
            rows: those that no known case decides.
            batch: the same.
            asked: how many they were among.
            is_over: as for `lines`.
        """
        self._owing = self._spent = 0
        # NOTE: rows that are still undecided at the end have hardly a case in common, so that to
        # learn more than one batch of them takes more memory than it saves time
        self._is_done = is_over
        known = self._with_values(rows, batch, asked)
        new = known.new_cases(batch).recurring(asked)
        if len(new):
            rows, batch = rows[pl.Series(new)], batch[new]
            if not is_over:
                rows, batch = self._over_time(rows, batch, known)
            known = self._decided(rows, batch, known)
        with self._swapping:
            before = self._known.accounts
            self._known = known if before is None else known.since(before.since)
            return self._known

    def _over_time(
        self, rows: pl.DataFrame, batch: Batch, known: Known
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
        new = known.new_cases(moved).rows
        return rows[pl.Series(every[new])], moved[new]

    def _decided(self, rows: pl.DataFrame, batch: Batch, known: Known) -> Known:
        """What is known once some raw rows, one per new case, have been decided."""
        self._spent = len(batch)
        self._decided_cases += len(batch)
        times = [pl.Series(micros).cast(TIME) for micros in (batch.event_at, batch.start)]
        lines = self._decide(rows, Times(*times)).to_numpy().astype(np.int64)
        codes = [np.broadcast_to(c, len(batch)) for c in known.codes_of(batch)]
        return known.with_cases(codes, lines)

    def _with_values(self, rows: pl.DataFrame, batch: Batch, asked: int) -> Known:
        """What is known, and the classes of values that no book holds yet."""
        known, accounts = self._known, self._known.accounts
        columns = [
            self._with_column_values(number, column, rows, batch.columns[number], asked)
            for number, column in enumerate(known.columns)
        ]
        if accounts is not None and batch.accounts is not None:
            strangers = _new(accounts.book, batch.accounts, asked)
            if len(strangers) and len(accounts.book) + len(strangers) < _MOST_VALUES:
                ids = self._reading.account_ids(rows[pl.Series(strangers)])
                accounts = accounts.with_texts(batch.accounts[strangers], ids)
        grown = replace(known, accounts=accounts, columns=tuple(columns))
        # NOTE: beyond it two cases could have one key
        return known if prod(grown.sizes()) >= _MOST_KEYS else grown.rekeyed()

    def _with_column_values(
        self, number: int, column: KnownColumn, rows: pl.DataFrame, hashes: Hashes, asked: int
    ) -> KnownColumn:
        new = _new(column.seen, hashes, asked)
        if not len(new) or len(column.seen) + len(new) > _MOST_VALUES:
            return column
        known = self._classes[number]
        told = self._reading.coded[number].classify(rows[pl.Series(new)])
        classes = np.array(
            [UNKNOWN if k is None else known.setdefault(k, len(known) + 1) for k in told],
            dtype=np.int64,
        )
        has_class = classes != UNKNOWN
        return KnownColumn(
            book=column.book.with_hashes(hashes[new][has_class], classes[has_class]),
            seen=Codebook.of(np.concatenate([column.seen.hashes, hashes[new]])),
            size=len(known) + 1,
        )


def _new(book: Codebook, hashes: Hashes, asked: int) -> Numbers:
    """A row of each distinct hash that is not in the book, and is likely to come up again."""
    rows = np.flatnonzero(book.lookup(hashes) == UNKNOWN)
    return Distinct.of(hashes, rows).recurring(asked)
