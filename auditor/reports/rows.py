"""Rows behind a report (rejected, undecided) as files: NDJSON or Parquet, by the file's ending."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import polars as pl

from auditor.reports.escape import json_bytes
from auditor.reports.files import write_whole
from auditor.reports.records import time_text

_FRAME_ROWS: Final = 50_000

RowFrames: TypeAlias = Iterable[pl.DataFrame]
"""At least one frame; all of one schema."""


def _write_ndjson(frames: RowFrames, stream: BinaryIO) -> None:
    for rows in frames:
        times = [name for name, dtype in rows.schema.items() if dtype.is_temporal()]
        for batch in rows.iter_slices(_FRAME_ROWS):
            texts = batch.with_columns(time_text(pl.col(name)).alias(name) for name in times)
            stream.write(json_bytes(texts.write_ndjson().encode()))


def _write_parquet(frames: RowFrames, stream: BinaryIO) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and needed for this one format

    oldest = pl.CompatLevel.oldest()
    tables = (rows.to_arrow(compat_level=oldest) for rows in frames)
    first = next(tables)
    with pq.ParquetWriter(stream, first.schema, compression="zstd") as writer:
        for table in chain([first], tables):
            writer.write_table(table)


ROW_FORMATS: Final[dict[str, Callable[[RowFrames, BinaryIO], None]]] = {
    ".ndjson": _write_ndjson,
    ".jsonl": _write_ndjson,
    ".parquet": _write_parquet,
}
"""File ending → writer."""


def write_rows(rows: RowFrames, path: Path) -> None:
    """Write `rows` to `path`, whole or not at all; the ending must be one of ROW_FORMATS.

    Raises:
        ReportError: the file cannot be written.
    """
    write_whole(path, partial(ROW_FORMATS[path.suffix.lower()], rows))
