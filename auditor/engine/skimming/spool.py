"""The rows of a scan that are kept by a test of each batch, as files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import polars as pl

from auditor.engine.own_texts import OWN_TEXTS
from auditor.schema import PATH, REJECT, ROW
from auditor.sources.field_plan import FieldPlan
from auditor.sources.scan import RawGroup

_FIRST_ROWS: Final = 1 << 18
_BATCH_ROWS: Final = 1 << 18
_FILE_ROWS: Final = 1 << 17
_GROUP_ROWS: Final = 1 << 16
"""Rows of one row group of a file: read back whole, and several at once."""

Keep = Callable[[pl.DataFrame], pl.Series]
"""Some columns of raw rows → Boolean; asked once of every row."""


def is_parquet(group: RawGroup) -> bool:
    """Whether the files are Parquet, of which some columns are read again at little cost."""
    return bool(group.files) and group.files[0].format == "parquet"


def columns_of(plans: Sequence[FieldPlan]) -> list[str]:
    """The raw columns that `plans` read, sorted."""
    return sorted({root for plan in plans for root in plan.roots()})


def first_rows(group: RawGroup, columns: Sequence[str]) -> pl.DataFrame:
    """The first raw rows of a group; none of text, which would be read twice for them."""
    if not is_parquet(group):
        return pl.DataFrame(schema=group.lf.select(columns).collect_schema())
    return group.lf.select(columns).head(_FIRST_ROWS).collect(engine="streaming")


def spooled(
    group: RawGroup, asked: Sequence[str], shown: Sequence[str], keep: Keep, folder: Path
) -> list[Path]:
    """Write the raw rows that are kept, and where they come from, to Parquet files.

    Args:
        group: the files.
        asked: the columns that `keep` is given.
        shown: the columns that are written.
        keep: asked from several threads.
        folder: for the files.
    """
    folder.mkdir(exist_ok=True)
    columns = list(dict.fromkeys([*shown, PATH, ROW, REJECT]))
    if is_parquet(group):
        # NOTE: of raw columns, so that it reaches the reader, which then decodes the other columns
        # of the rows that are kept, and no more
        test = pl.struct(asked).map_batches(
            lambda batch: keep(batch.struct.unnest()),
            return_dtype=pl.Boolean,
            is_elementwise=True,
        )
        file = folder / "0.parquet"
        kept = group.lf.filter(test).select(columns).with_columns(OWN_TEXTS)
        kept.sink_parquet(file, compression="lz4", row_group_size=_GROUP_ROWS, engine="streaming")
        return [file]
    return _sifted(group.lf, asked, columns, keep, folder)


def sifted(files: Sequence[Path], asked: Sequence[str], keep: Keep, folder: Path) -> list[Path]:
    """The rows of such `files` that are kept by another test; takes the place of the files."""
    folder.mkdir(exist_ok=True)
    rows = pl.scan_parquet([*files])
    kept = _sifted(rows, asked, rows.collect_schema().names(), keep, folder)
    for file in files:
        file.unlink()
    return kept


def _sifted(
    rows: pl.LazyFrame, asked: Sequence[str], columns: Sequence[str], keep: Keep, folder: Path
) -> list[Path]:
    pieces = _Pieces(folder, pl.DataFrame(schema=rows.select(columns).collect_schema()))

    def sift(batch: pl.DataFrame) -> None:
        is_kept = keep(batch.select(asked).rechunk())
        pieces.add(batch.filter(is_kept).select(columns).with_columns(OWN_TEXTS))

    # NOTE: the reader of text hands out batches of some thousand rows, each dear to ask about
    rows.select(list(dict.fromkeys([*asked, *columns]))).sink_batches(
        sift, chunk_size=_BATCH_ROWS, maintain_order=False, engine="streaming"
    )
    return pieces.finish()


class _Pieces:
    """Frames gathered into files of some size, from any thread."""

    def __init__(self, folder: Path, empty: pl.DataFrame) -> None:
        self._folder = folder
        self._empty = empty
        self._held: list[pl.DataFrame] = []
        self._files: list[Path] = []
        self._lock = Lock()

    def add(self, kept: pl.DataFrame) -> None:
        with self._lock:
            self._held.append(kept)
            is_full = sum(df.height for df in self._held) >= _FILE_ROWS
        if is_full:
            self._write()

    def _write(self) -> None:
        # NOTE: written without the lock: who waits would hold a thread that the engine needs
        with self._lock:
            frames, self._held = self._held, []
            file = self._folder / f"{len(self._files)}.parquet"
            self._files.append(file)
        rows = pl.concat([self._empty, *frames])
        rows.write_parquet(file, compression="lz4", row_group_size=_GROUP_ROWS)

    def finish(self) -> list[Path]:
        """The files, one of them at least."""
        self._write()
        return self._files
