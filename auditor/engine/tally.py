"""Counts rows by outcome while they pass, so that one pass both counts and selects."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Final

import polars as pl

from auditor.engine.span import Span
from auditor.schema import TIME

_KEEP: Final = "@keep"
_AT: Final = "@at"
_NO_TIME: Final = pl.lit(None, dtype=TIME)


class Tally:
    """Sums Boolean columns over all batches of one pass, from any thread.

    Attributes:
        counts: column → rows in which it was true.
        span: of the times of all rows.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.span = Span()
        self._lock = Lock()

    def counting(
        self, columns: Sequence[pl.Expr], keep: pl.Expr, at: pl.Expr = _NO_TIME
    ) -> pl.Expr:
        """Boolean `keep`, after adding the named Boolean `columns` of the same rows to the sums.

        Args:
            columns: to be summed.
            keep: to be returned.
            at: the row's time; null where it does not count.

        NOTE: the plan must hold this expression once. Were it evaluated twice, the sums would not
        match the rows of the files, and the ledger would not reconcile.
        """
        return pl.struct(keep.alias(_KEEP), at.alias(_AT), *columns).map_batches(
            self._add, return_dtype=pl.Boolean, is_elementwise=True
        )

    def _add(self, batch: pl.Series) -> pl.Series:
        frame = batch.struct.unnest()
        told = frame.select(
            pl.exclude(_KEEP, _AT).sum(),
            pl.col(_AT).min().alias("@first"),
            pl.col(_AT).max().alias("@last"),
        )
        sums = told.row(0, named=True)
        span = Span(sums.pop("@first"), sums.pop("@last"))
        with self._lock:
            self.counts.update(sums)
            self.span = Span.around([self.span, span])
        return frame[_KEEP]
