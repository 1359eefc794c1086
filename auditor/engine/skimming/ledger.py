"""Counts rows by their case: what they add up to is known without reading them again."""

from threading import Lock
from typing import Final

import numpy as np
import polars as pl

from auditor.engine.plan import WEIGHT, Plan
from auditor.engine.skimming.cases import LINE
from auditor.engine.skimming.codebook import Numbers
from auditor.engine.skimming.known import READ
from auditor.engine.span import Span, micros_of

_AT: Final = "@at"


class CaseLedger:
    """Lines of decided cases, and the rows counted on each from any thread.

    The first line comes after READ. Cases of which a report says no more than their outcomes share
    a line if those are equal.

    Attributes:
        span: of the rows counted so far that lie in the window.
    """

    def __init__(self, plan: Plan) -> None:
        self.span = Span()
        self._plan = plan
        self._rows = np.zeros(READ + 1, dtype=np.int64)
        self._cases: list[pl.DataFrame] = []
        self._size = 0
        self._plain: dict[tuple[object, ...], int] = {}
        self._lock = Lock()

    def enter(self, decided: pl.DataFrame) -> pl.Series:
        """UInt32 per decided case: the line its rows are counted on, or READ.

        NOTE: by one thread at a time, without a lock: who waited for it would hold a thread that
        the engine needs to go on.

        Args:
            decided: columns shown and counted, and `@read`: whether rows of the case are read.
        """
        told = decided.select(
            "@read", *self._plan.count_names(), notable=self._plan.is_notable()
        ).with_row_index(_AT)
        lines = pl.Series([READ], dtype=pl.UInt32).new_from_index(0, decided.height)
        counted = told.filter(~pl.col("@read"))
        notable = counted.filter("notable")[_AT]
        lines = lines.scatter(notable, self._opened(decided[notable]))
        plain = self._plain_lines(counted.filter(~pl.col("notable")), decided)
        return lines.scatter(plain[_AT], plain[LINE])

    def _opened(self, decided: pl.DataFrame) -> pl.Series:
        first = READ + 1 + self._size
        self._size += decided.height
        self._cases.append(decided.select(*self._plan.shown_columns(), *self._plan.count_names()))
        return pl.int_range(first, READ + 1 + self._size, dtype=pl.UInt32, eager=True)

    def _plain_lines(self, plain: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
        """`@at` and LINE of cases that are told by their outcomes alone."""
        names = self._plan.count_names()
        kinds = plain.unique(names, keep="first", maintain_order=True)
        new = [
            row[0] for row in kinds.select(_AT, *names).iter_rows() if row[1:] not in self._plain
        ]
        opened = self._opened(decided[new])
        for row, line in zip(decided[new].select(names).iter_rows(), opened, strict=True):
            self._plain[row] = line
        lines = [self._plain[row] for row in kinds.select(names).iter_rows()]
        known = kinds.select(names).with_columns(pl.Series(LINE, lines, dtype=pl.UInt32))
        return plain.join(known, on=names, how="left", nulls_equal=True).select(_AT, LINE)

    def count(self, lines: Numbers, times: Numbers) -> Numbers:
        """Count rows on their lines; how many each line got of these, by its number.

        Args:
            lines: one per row.
            times: of the rows, in microseconds.
        """
        found = np.bincount(lines, minlength=READ + 1)
        span = self._span_of(lines, times)
        with self._lock:
            self.span = Span.around([self.span, span])
            size = max(len(found), len(self._rows))
            self._rows = np.pad(self._rows, (0, size - len(self._rows)))
            self._rows[: len(found)] += found
        return found

    def _span_of(self, lines: Numbers, times: Numbers) -> Span:
        """The span of counted rows in the window; of such as make `span` longer, at least."""
        # NOTE: asked first, because to pick rows costs five times as much
        if len(times) and self.span.holds(int(times.min()), int(times.max())):
            return Span()
        times = times[lines > READ]
        for bound, is_inside in ((self._plan.from_, np.greater_equal), (self._plan.to, np.less)):
            if bound is not None:
                times = times[is_inside(times, micros_of(bound))]
        return Span.of_micros(int(times.min()), int(times.max())) if len(times) else Span()

    @property
    def rows(self) -> int:
        """Rows counted so far."""
        return int(self._rows[READ + 1 :].sum())

    def counted(self) -> pl.DataFrame:
        """One decided row per line, with all columns shown and counted, and its WEIGHT (Int64)."""
        lines = pl.concat(self._cases) if self._cases else None
        if lines is None:
            return pl.DataFrame(schema={WEIGHT: pl.Int64})
        rows = np.pad(self._rows[READ + 1 :], (0, self._size))[: self._size]
        weighed = lines.with_columns(pl.Series(WEIGHT, rows, dtype=pl.Int64))
        return weighed.filter(pl.col(WEIGHT) > 0)
