"""Tables of ranges as Parquet files: those that come with the program, and converted databases."""

from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from auditor.addresses.ranges import COUNTRY, FIRST, HELD, Ranges, Steps
from auditor.addresses.texts import V4, V6

_FAMILY: Final = "family"
_HALF: Final = 64
_FAMILIES: Final = {V4: 4, V6: 6}
_COLUMNS: Final = [_FAMILY, "hi", "lo", "country", HELD]


def table_of(ranges: Ranges) -> pl.DataFrame:
    """The points of `ranges` with numbers in two halves, because Parquet has none of 128 bits."""
    frames: list[pl.DataFrame] = []
    for family, steps in ((V4, ranges.v4), (V6, ranges.v6)):
        number = steps.first.cast(pl.UInt128)
        high = number // pl.Series([1 << _HALF], dtype=pl.UInt128)
        low = number % pl.Series([1 << _HALF], dtype=pl.UInt128)
        frame = pl.DataFrame(
            [
                high.cast(pl.UInt64).alias("hi"),
                low.cast(pl.UInt64).alias("lo"),
                steps.country.alias("country"),
                steps.held.alias(HELD),
            ]
        )
        frames.append(frame.with_columns(pl.lit(_FAMILIES[family], dtype=pl.UInt8).alias(_FAMILY)))
    return (
        pl.concat(frames).select(pl.col(_COLUMNS)).with_columns(pl.col("country").cast(pl.String))
    )


def ranges_of(table: pl.DataFrame) -> Ranges:
    """The ranges in such a table."""
    return Ranges(*(_steps(table.filter(pl.col(_FAMILY) == n), f) for f, n in _FAMILIES.items()))


def write_table(ranges: Ranges, path: Path) -> None:
    """Write the table of `ranges`; the file is there as a whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        table_of(ranges).write_parquet(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _steps(rows: pl.DataFrame, family: str) -> Steps:
    wide = pl.col("hi").cast(pl.UInt128) * (1 << _HALF) + pl.col("lo").cast(pl.UInt128)
    number = wide if family == V6 else pl.col("lo").cast(pl.UInt32)
    df = rows.select(number.alias(FIRST), pl.col("country").cast(COUNTRY), HELD)
    return Steps(df[FIRST], df["country"], df[HELD])
