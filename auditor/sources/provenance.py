"""Which file each row of a scan over many files comes from, and which row of it it is."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import polars as pl

from auditor import schema
from auditor.sources.column_names import INDEX
from auditor.sources.log_file import LogFile

MOST_ROWS: Final = 2**32 - 2
"""Rows that one scan can number."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a scan.

    Attributes:
        file: the file; must hold a row.
        rows: its rows.
        surplus: rows that the scan reads after those and that are none.
    """

    file: LogFile
    rows: int
    surplus: int = 0


def slices_of(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """`parts` in order, cut so that one scan can number the rows of each slice."""
    taken: list[Part] = []
    rows = 0
    for part in parts:
        if taken and rows + part.rows + part.surplus > MOST_ROWS:
            yield taken
            taken, rows = [], 0
        taken.append(part)
        rows += part.rows + part.surplus
    if taken:
        yield taken


def with_provenance(lf: pl.LazyFrame, parts: Sequence[Part], hive: Sequence[str]) -> pl.LazyFrame:
    """Adds PATH, ROW, REJECT (null) and the `hive` columns; drops INDEX and surplus rows.

    Args:
        lf: a scan over the files of `parts`, in order, with the running row number INDEX.
        parts: at least one.
        hive: folder keys that become String columns.

    What is not asked for is not computed, and filters still reach the scan: the new columns are
    elementwise in INDEX, and a batch that lies in one file costs one look-up.
    """
    sizes = (part.rows + part.surplus for part in parts)
    starts = [0, *accumulate(sizes)][:-1]
    row = pl.col(INDEX).cast(pl.Int64) - _per_file(starts, starts, pl.Int64()) + 1
    if any(part.surplus for part in parts):
        lf = lf.filter(row <= _per_file(starts, [part.rows for part in parts], pl.Int64()))
    text = pl.String()
    return lf.with_columns(
        *(_per_file(starts, [p.file.hive[key] for p in parts], text).alias(key) for key in hive),
        _per_file(starts, [part.file.shown for part in parts], text).alias(schema.PATH),
        row.alias(schema.ROW),
        pl.lit(None, text).alias(schema.REJECT),
    ).drop(INDEX)


def _per_file(starts: Sequence[int], values: Sequence[object], dtype: pl.DataType) -> pl.Expr:
    if len(set(values)) == 1:
        return pl.lit(values[0], dtype)
    return pl.col(INDEX).map_batches(
        _look_up(starts, pl.Series(values, dtype=dtype)), return_dtype=dtype, is_elementwise=True
    )


def _look_up(starts: Sequence[int], values: pl.Series) -> Callable[[pl.Series], pl.Series]:
    firsts = pl.Series(starts, dtype=pl.UInt32)

    def look_up(index: pl.Series) -> pl.Series:
        least, most = index.min(), index.max()
        if not isinstance(least, int) or not isinstance(most, int):
            return values.clear()
        first, last = bisect_right(starts, least), bisect_right(starts, most)
        if first == last:
            return values.new_from_index(first - 1, len(index))
        return values.gather(firsts.search_sorted(index, side="right") - 1)

    return look_up
