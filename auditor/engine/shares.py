"""Rows with too many distinct keys to be grouped at once, shared out by their key."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

KEYS_AT_ONCE: Final = 1_000_000
"""Grouping that many texts takes some 300 MB."""


def distinct(rows: pl.LazyFrame, key: str) -> int:
    """Roughly how many texts a column of `rows` has."""
    return int(rows.select(pl.col(key).approx_n_unique()).collect(engine="streaming").item())


def shares_of(rows: pl.LazyFrame, key: str, number: int) -> Iterator[pl.LazyFrame]:
    """`rows` in shares of some `KEYS_AT_ONCE` keys, equal ones in one share.

    Args:
        rows: scanned once per share.
        key: a String column, which may be null.
        number: of distinct keys, roughly.
    """
    shares = -(-number // KEYS_AT_ONCE)
    if shares <= 1:
        yield rows
        return
    for share in range(shares):
        yield rows.filter(pl.col(key).hash() % shares == share)


@contextmanager
def gathered(frames: Iterable[pl.DataFrame], spool: Path) -> Iterator[pl.LazyFrame]:
    """The rows of all `frames`, to be shared out: in memory they would be there twice, if many.

    Args:
        frames: of one schema; one at least.
        spool: a folder for what does not stay in memory; removed from it on leaving.
    """
    held: list[pl.DataFrame] = []
    files: list[Path] = []
    with TemporaryDirectory(prefix="shares-", dir=spool) as folder:
        for frame in frames:
            held.append(frame)
            if sum(df.height for df in held) > KEYS_AT_ONCE:
                files.append(Path(folder, f"{len(files)}.parquet"))
                pl.concat(held).write_parquet(files[-1], compression="lz4", statistics=False)
                held = [frame.clear()]
        written = [pl.scan_parquet(files, glob=False)] if files else []
        yield pl.concat([*written, *(df.lazy() for df in held)])
