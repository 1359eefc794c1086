"""How far a run is, for whoever watches it from another thread."""

from dataclasses import dataclass

import polars as pl

from auditor.schema import ROW


@dataclass(slots=True)
class Progress:
    """Counters that the work sets and a watcher reads.

    Attributes:
        stage: what is being done, for people.
        rows: rows that have passed in this stage.
        total: rows of this stage; 0 while not known.
    """

    stage: str = "opening"
    rows: int = 0
    total: int = 0

    def begin(self, stage: str, total: int = 0) -> None:
        """Enter a stage."""
        self.stage, self.rows, self.total = stage, 0, total

    def counting(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """The same rows, counted as they pass; costs nothing measurable."""
        return events.with_columns(
            pl.col(ROW).map_batches(self._count, return_dtype=pl.Int64, is_elementwise=True)
        )

    def add(self, rows: int) -> None:
        """Tell that so many more rows have passed."""
        self.rows += rows

    def _count(self, batch: pl.Series) -> pl.Series:
        self.add(len(batch))
        return batch
