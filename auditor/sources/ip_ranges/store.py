"""Tables of ranges as Parquet files: those that come with the program, and converted databases."""

import io
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, FIRST, HELD, Ranges, Steps
from auditor.addresses.texts import V4, V6

_FAMILY: Final = "family"
_ROWS, _DATE, _PUBLISHER, _OVERLAPS = "rows", "date", "publisher", "overlaps"
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


@dataclass(frozen=True, slots=True)
class Database:
    """A database that was converted.

    Attributes:
        rows: how many ranges its file has.
        date: the day on which it was built, if it says so.
        has_overlaps: ranges of its file do.
        publisher: a name of its kind that tells whose it is: `dbip`; empty where it tells nothing.
    """

    ranges: Ranges
    rows: int
    date: str | None = None
    publisher: str = ""
    has_overlaps: bool = False


def table_bytes(database: Database) -> bytes:
    """A Parquet file of the table and the date."""
    stream = io.BytesIO()
    about = {
        _ROWS: str(database.rows),
        _DATE: database.date or "",
        _PUBLISHER: database.publisher,
        _OVERLAPS: str(database.has_overlaps),
    }
    table_of(database.ranges).write_parquet(stream, metadata=about)
    return stream.getvalue()


def database_of(data: bytes) -> Database:
    """What such a file holds.

    Raises:
        PolarsError: it is none.
    """
    about = pl.read_parquet_metadata(io.BytesIO(data))
    ranges = ranges_of(pl.read_parquet(io.BytesIO(data)))
    date, publisher = about.get(_DATE) or None, about.get(_PUBLISHER, "")
    rows, has_overlaps = int(about.get(_ROWS, "0")), about.get(_OVERLAPS) == str(True)
    return Database(ranges, rows, date, publisher, has_overlaps)


def _steps(rows: pl.DataFrame, family: str) -> Steps:
    wide = pl.col("hi").cast(pl.UInt128) * (1 << _HALF) + pl.col("lo").cast(pl.UInt128)
    number = wide if family == V6 else pl.col("lo").cast(pl.UInt32)
    df = rows.select(number.alias(FIRST), pl.col("country").cast(COUNTRY), HELD).rechunk()
    return Steps(df[FIRST], df["country"], df[HELD])
