"""JSON files, record by record into Parquet: sound ones as text, broken ones as rejects."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.errors import InputError
from auditor.sources.column_names import check_reserved
from auditor.sources.json_records import JsonRecord, json_records_of
from auditor.sources.log_file import LogFile
from auditor.sources.spooled import Spooled, spool_frames

_BATCH_ROWS: Final = 20_000
_BATCH_SIZE: Final = 8 << 20
_MOST_COLUMNS: Final = 2_000


def read_json(file: LogFile, spool: Path) -> Spooled:
    """Reads a JSON file of any content into Parquet files below `spool`.

    A key that a record does not have is missing in it; a folder's `key=value` then stands in.

    Raises:
        InputError: as `json_records_of`, or its keys cannot be columns.
    """
    return spool_frames(file, file.hive, _frames(file), spool)


def _frames(file: LogFile) -> Iterator[pl.DataFrame]:
    every: set[str] = set(file.hive)
    batch: list[JsonRecord] = []
    names: dict[str, None] = {}
    size = 0
    for record in json_records_of(file):
        batch.append(record)
        size += len(record.source.raw) if record.is_first else 0
        if not record.texts.keys() <= names.keys():
            names |= dict.fromkeys(record.texts)
            every |= names.keys()
            _check_number(file, every)
        if len(batch) == _BATCH_ROWS or size >= _BATCH_SIZE:
            yield _frame(file, batch, names)
            batch, names, size = [], {}, 0
    if batch:
        yield _frame(file, batch, names)


def _check_number(file: LogFile, names: set[str]) -> None:
    if len(names) > _MOST_COLUMNS:
        raise InputError(
            f"has more than {_MOST_COLUMNS:,} different keys",
            location=file.shown,
            hint="values such as ids must not be keys: write them as values with jq",
        )


def _frame(file: LogFile, batch: Sequence[JsonRecord], keys: dict[str, None]) -> pl.DataFrame:
    names = dict.fromkeys([*keys, *file.hive])
    check_reserved(file, names, "keys")
    texts = {name: [record.texts.get(name) for record in batch] for name in names}
    faults = {schema.REJECT: [record.fault for record in batch]}
    frame = pl.DataFrame(texts | faults, schema=dict.fromkeys([*names, schema.REJECT], pl.String()))
    return frame.with_columns(
        pl.col(key).fill_null(value) for key, value in file.hive.items() if value is not None
    )
