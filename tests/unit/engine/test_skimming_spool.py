"""Rows kept on disk: all that are asked for, and while they wait no more memory than they are."""

from pathlib import Path

import polars as pl
import pytest

from auditor.engine.skimming import spool
from auditor.schema import PATH, REJECT, ROW
from auditor.sources.scan import RawGroup

_ROWS = 50_000
_ONE_IN = 1000


def _held_by(frame: pl.DataFrame) -> int:
    """Bytes of all buffers that the frame keeps alive."""
    buffers = {
        buffer.address: buffer.size
        for column in frame.rechunk().iter_columns()
        for array in [column.to_arrow(compat_level=pl.CompatLevel.newest())]
        for buffer in array.buffers()
        if buffer is not None
    }
    return sum(buffers.values())


def test_rows_that_wait_hold_no_text_of_rows_that_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = pl.Series("number", range(_ROWS)).cast(pl.String)
    text = ("a text that is too long to stand in its view, of row " + numbers).alias("text")
    rows = pl.DataFrame([numbers, text])
    rows.write_csv(tmp_path / "rows.csv")
    lf = pl.scan_csv(tmp_path / "rows.csv", infer_schema=False).with_columns(
        pl.lit("rows.csv").alias(PATH),
        pl.col("number").cast(pl.Int64).alias(ROW),
        pl.lit(None, pl.String).alias(REJECT),
    )
    group = RawGroup(lf, dict(rows.schema), [])
    held: list[int] = []
    add = spool._Pieces.add

    def adding(pieces: spool._Pieces, kept: pl.DataFrame) -> None:
        held.append(_held_by(kept))
        add(pieces, kept)

    monkeypatch.setattr(spool._Pieces, "add", adding)

    def keep(df: pl.DataFrame) -> pl.Series:
        return df["number"].cast(pl.Int64) % _ONE_IN == 0

    files = spool.spooled(group, ["number"], rows.columns, keep, tmp_path / "kept")

    kept = pl.read_parquet(files).sort(ROW)
    assert kept.select(rows.columns).equals(rows[::_ONE_IN])
    assert sum(held) < rows.estimated_size() // 20
