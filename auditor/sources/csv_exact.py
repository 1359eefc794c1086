"""Damaged CSV files, record by record into Parquet: sound ones as text, broken ones as rejects."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.sources.csv_lines import Clean
from auditor.sources.csv_records import Record, records_of
from auditor.sources.log_file import LogFile
from auditor.sources.spooled import Spooled, spool_frames

_BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 16 << 20


def read_exactly(file: LogFile, spool: Path) -> Spooled:
    """Reads a CSV file of any content into Parquet files below `spool`.

    Raises:
        InputError: its header or its compressed stream is broken, or it cannot be read; nothing
            of it is left in `spool`.
    """
    header, records = records_of(file)
    hive = {key: value for key, value in file.hive.items() if key not in header.names}
    frames = (
        _frame(header.names, batch).with_columns(
            pl.lit(value, pl.String).alias(key) for key, value in hive.items()
        )
        for batch in _batches(records)
    )
    return spool_frames(file, header.names, frames, spool)


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
