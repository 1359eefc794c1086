"""Records of files that Polars cannot read by itself, written to Parquet batch by batch."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from auditor import schema
from auditor.errors import InputError
from auditor.sources.log_file import LogFile


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that was read record by record.

    Attributes:
        names: its columns, in the order in which they were met.
        parts: Parquet files with its columns and the provenance columns; a part may lack columns
            that none of its records has.
        rows: number of records, broken ones included.
    """

    names: tuple[str, ...]
    parts: list[Path]
    rows: int


def spool_frames(
    file: LogFile, columns: Iterable[str], frames: Iterator[pl.DataFrame], spool: Path
) -> Spooled:
    """Writes the frames of `file`, in order, below `spool`, with PATH and ROW.

    Args:
        file: whose rows they are.
        columns: those that it has even without rows.
        frames: texts and REJECT.
        spool: a folder.

    Raises:
        InputError: the frames raise it; nothing of the file is left in `spool`.
    """
    names: dict[str, None] = dict.fromkeys(columns)
    parts: list[Path] = []
    rows = 0
    try:
        for frame in frames:
            handle, name = tempfile.mkstemp(prefix="exact-", suffix=".parquet", dir=spool)
            parts.append(Path(name))
            with open(handle, "wb") as part:  # noqa: PTH123 - takes over the open handle
                _placed(frame, file, rows).write_parquet(part, compression="lz4")
            rows += frame.height
            names |= dict.fromkeys(frame.columns)
    except InputError:
        for written in parts:
            written.unlink()
        raise
    names.pop(schema.REJECT, None)
    return Spooled(tuple(names), parts, rows)


def _placed(frame: pl.DataFrame, file: LogFile, rows_before: int) -> pl.DataFrame:
    first = rows_before + 1
    return frame.with_columns(
        pl.lit(file.shown).alias(schema.PATH),
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(schema.ROW),
    )
