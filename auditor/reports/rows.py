"""Rows behind a report (rejected, undecided) as files: NDJSON or Parquet, by the file's ending."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from auditor.reports.escape import json_bytes
from auditor.reports.files import write_whole
from auditor.reports.records import time_text


def _write_ndjson(rows: pl.DataFrame, stream: BinaryIO) -> None:
    times = [name for name, dtype in rows.schema.items() if dtype.is_temporal()]
    for batch in rows.iter_slices(50_000):
        texts = batch.with_columns(time_text(pl.col(name)).alias(name) for name in times)
        stream.write(json_bytes(texts.write_ndjson().encode()))


def _write_parquet(rows: pl.DataFrame, stream: BinaryIO) -> None:
    rows.write_parquet(stream)


ROW_FORMATS: Final[dict[str, Callable[[pl.DataFrame, BinaryIO], None]]] = {
    ".ndjson": _write_ndjson,
    ".jsonl": _write_ndjson,
    ".parquet": _write_parquet,
}
"""File ending → writer."""


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write `rows` to `path`, whole or not at all; the ending must be one of ROW_FORMATS.

    Raises:
        ReportError: the file cannot be written.
    """
    write_whole(path, partial(ROW_FORMATS[path.suffix.lower()], rows))
