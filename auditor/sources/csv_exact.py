"""Damaged CSV files, record by record into Parquet: sound ones as text, broken ones as rejects."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.errors import InputError
from auditor.sources.csv_lines import Clean
from auditor.sources.csv_records import Record, records_of
from auditor.sources.discover import LogFile

_BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Exact:
    """A CSV file that was read exactly.

    Attributes:
        names: its columns.
        parts: Parquet files with its columns, its hive keys and the provenance columns.
        rows: number of records, broken ones included.
    """

    names: tuple[str, ...]
    parts: list[Path]
    rows: int


def read_exactly(file: LogFile, spool: Path) -> Exact:
    """Reads a CSV file of any content into Parquet files below `spool`.

    Raises:
        InputError: its header or its compressed stream is broken, or it cannot be read; nothing
            of it is left in `spool`.
    """
    header, records = records_of(file)
    parts: list[Path] = []
    rows = 0
    try:
        for batch in _batches(records):
            frame = _placed(_frame(header.names, batch), file, rows)
            handle, name = tempfile.mkstemp(prefix="exact-", suffix=".parquet", dir=spool)
            parts.append(Path(name))
            with open(handle, "wb") as part:  # noqa: PTH123 - takes over the open handle
                frame.write_parquet(part, compression="lz4")
            rows += frame.height
    except InputError:
        for written in parts:
            written.unlink()
        raise
    return Exact(header.names, parts, rows)


def _batches(records: Iterator[Clean | Record]) -> Iterator[list[Clean | Record]]:
    batch: list[Clean | Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.content if isinstance(record, Clean) else record.raw)
        if len(batch) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _frame(names: Sequence[str], batch: Sequence[Clean | Record]) -> pl.DataFrame:
    frames: list[pl.DataFrame] = []
    for _, alike in groupby(batch, type):
        some = list(alike)
        frames += [_clean_frame(names, one) for one in some if isinstance(one, Clean)]
        records = [one for one in some if isinstance(one, Record)]
        frames += [_record_frame(names, records)] if records else []
    return pl.concat(frames)


def _clean_frame(names: Sequence[str], clean: Clean) -> pl.DataFrame:
    return pl.read_csv(
        clean.content,
        has_header=False,
        schema=dict.fromkeys(names, pl.String()),
        quote_char='"' if clean.is_quoted else None,
    ).with_columns(pl.lit(None, pl.String).alias(schema.REJECT))


def _record_frame(names: Sequence[str], records: Sequence[Record]) -> pl.DataFrame:
    missing = [None] * len(names)
    values = zip(*(record.values or missing for record in records), strict=True)
    faults = [record.fault for record in records]
    columns = [*names, schema.REJECT]
    return pl.DataFrame(
        dict(zip(columns, [*values, faults], strict=True)),
        schema=dict.fromkeys(columns, pl.String()),
    )


def _placed(frame: pl.DataFrame, file: LogFile, rows_before: int) -> pl.DataFrame:
    hive = {key: value for key, value in file.hive.items() if key not in frame.columns}
    first = rows_before + 1
    return frame.with_columns(
        *(pl.lit(value, pl.String).alias(key) for key, value in hive.items()),
        pl.lit(file.shown).alias(schema.PATH),
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(schema.ROW),
    )
