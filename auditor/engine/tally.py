"""Counts rows by outcome while they pass, so that one pass both counts and selects."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock

import polars as pl


class Tally:
    """Sums Boolean columns over all batches of one pass, from any thread.

    Attributes:
        counts: column → rows in which it was true.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = Lock()

    def counting(self, columns: Sequence[pl.Expr], keep: pl.Expr) -> pl.Expr:
        """Boolean `keep`, after adding the named Boolean `columns` of the same rows to the sums.

        NOTE: the plan must hold this expression once. Were it evaluated twice, the sums would not
        match the rows of the files, and the ledger would not reconcile.
        """
        return pl.struct(keep.alias("@keep"), *columns).map_batches(
            self._add, return_dtype=pl.Boolean, is_elementwise=True
        )

    def _add(self, batch: pl.Series) -> pl.Series:
        frame = batch.struct.unnest()
        sums = frame.select(pl.exclude("@keep").sum()).row(0, named=True)
        with self._lock:
            self.counts.update(sums)
        return frame["@keep"]
