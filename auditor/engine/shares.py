"""Rows with too many distinct keys to be grouped at once, shared out by their key."""

from collections.abc import Iterator
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
