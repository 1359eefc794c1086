"""Damaged CSV files, record by record into Parquet: sound ones as text, broken ones as rejects."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.errors import InputError
from auditor.sources.csv_grammar import fields_of
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
            handle, name = tempfile.mkstemp(prefix="exact-", suffix=".parquet", dir=spool)
            parts.append(Path(name))
            with open(handle, "wb") as part:  # noqa: PTH123 - takes over the open handle
                _frame(file, header.names, batch, rows).write_parquet(part, compression="lz4")
            rows += len(batch)
    except InputError:
        for written in parts:
            written.unlink()
        raise
    return Exact(header.names, parts, rows)


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.raw)
        if len(batch) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _frame(
    file: LogFile, names: Sequence[str], batch: Sequence[Record], rows_before: int
) -> pl.DataFrame:
    missing = [None] * len(names)
    rows = [_values(record) if record.fault is None else missing for record in batch]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    text = dict.fromkeys(names, pl.String)
    hive = {key: value for key, value in file.hive.items() if key not in text}
    return pl.DataFrame(columns, schema=text).with_columns(
        *(pl.lit(value, pl.String).alias(key) for key, value in hive.items()),
        pl.lit(file.shown).alias(schema.PATH),
        pl.int_range(rows_before + 1, rows_before + 1 + pl.len(), dtype=pl.Int64).alias(schema.ROW),
        pl.Series(schema.REJECT, [record.fault for record in batch], pl.String),
    )


def _values(record: Record) -> list[str | None]:
    return [value.decode() for value in fields_of(record.raw)]
