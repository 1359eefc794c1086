"""Deterministic draws: splitmix64 on UInt64 columns, and tables that turn draws into values."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import polars as pl

_GAMMA: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_HALF: Final = 1 << 32

_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PAIRS: Final = pl.Series([a + b for a in _BASE64 for b in _BASE64])
_LAST_PAIRS: Final = pl.Series([a + b for a in _BASE64 for b in "AQgw"])
_HEX: Final = pl.Series([f"{i:04x}" for i in range(1 << 16)])
_HEX_DASH: Final = pl.Series([f"{i:04x}-" for i in range(1 << 16)])


def u64(value: int) -> pl.Expr:
    """`value` as a UInt64 literal."""
    return pl.lit(value, dtype=pl.UInt64)


def mixed(key: pl.Expr) -> pl.Expr:
    """The splitmix64 step of `key` (UInt64): a bijection whose values look random.

    The published generator of Steele, Lea and Flood (2014); Polars' own hash is not used because
    it may change between versions.
    """
    z = key + u64(_GAMMA)
    z = (z ^ (z // u64(1 << 30))) * u64(_FIRST)
    z = (z ^ (z // u64(1 << 27))) * u64(_SECOND)
    return z ^ (z // u64(1 << 31))


class Draws:
    """Independent streams of draws from one seed, one stream per purpose."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, purpose: str, key: str | pl.Expr) -> pl.Expr:
        """One UInt64 per row, uniform, that depends on the seed, `purpose` and `key`."""
        digest = sha256(f"{self._seed}:{purpose}".encode()).digest()
        stream = int.from_bytes(digest[:8], "big")
        column = pl.col(key) if isinstance(key, str) else key
        return mixed(column.cast(pl.UInt64) ^ u64(stream))


def chance(draw: pl.Expr, share: float) -> pl.Expr:
    """Boolean: true on about `share` of the draws."""
    return draw // u64(_HALF) < u64(int(share * _HALF))


def bits(draw: pl.Expr, first: int, count: int) -> pl.Expr:
    """`count` bits of the draw from bit `first` on, as a number."""
    return (draw // u64(1 << first)) & u64((1 << count) - 1)


def gathered(table: pl.Series, index: pl.Expr) -> pl.Expr:
    """`table[index]`, row by row."""
    return pl.lit(table).gather(index)


def pick(table: pl.Series, draw: pl.Expr, first: int = 0, row: pl.Expr | None = None) -> pl.Expr:
    """A value of `table` by the bits of `draw` from `first` on.

    Args:
        table: rows of values laid end to end; the width of a row is a power of two.
        draw: UInt64.
        first: lowest bit to use.
        row: which row of the table; None: the table is one row.
    """
    if row is None:
        return gathered(table, bits(draw, first, len(table).bit_length() - 1))
    return gathered(table, row.cast(pl.UInt64) * u64(ROW_WIDTH) + bits(draw, first, ROW_BITS))


ROW_BITS: Final = 5
ROW_WIDTH: Final = 1 << ROW_BITS


def spread(values: Sequence[str]) -> list[str]:
    """`values` repeated in turn to the width of one table row."""
    return [values[i % len(values)] for i in range(ROW_WIDTH)]


def weighted(weights: Mapping[str | None, int]) -> pl.Series:
    """A table in which each key stands as often as its weight.

    Raises:
        ValueError: the weights do not add up to a power of two.
    """
    values = [value for value, weight in weights.items() for _ in range(weight)]
    if len(values).bit_count() != 1:
        raise ValueError(f"weights add up to {len(values)}, which is no power of two")
    return pl.Series(values, dtype=pl.String)


def geometric(mean: int, size: int) -> pl.Series:
    """A table of `size` counts from 1 on, distributed geometrically with about that `mean`."""
    counts = []
    for i in range(size):
        count = 1
        while i * mean**count >= size * (mean**count - (mean - 1) ** count):
            count += 1
        counts.append(count)
    return pl.Series(counts, dtype=pl.UInt32)


def ranks(draw: pl.Expr, size: int) -> pl.Expr:
    """Ranks below `size`, low ones often: uniform within octaves, all octaves alike (Zipf, s=1)."""
    octaves = size.bit_length()
    powers = pl.Series([1 << i for i in range(octaves)], dtype=pl.UInt64)
    power = gathered(powers, bits(draw, 0, 32) % u64(octaves))
    return (power - u64(1) + bits(draw, 32, 32) % power) % u64(size)


def base64_id(a: pl.Expr, b: pl.Expr, end: str = "") -> pl.Expr:
    """The base64 text of 16 bytes: 22 characters, then `end`."""
    pairs = [gathered(_PAIRS, bits(word, 12 * i, 12)) for word in (a, b) for i in range(5)]
    last = gathered(_LAST_PAIRS, bits(a, 60, 4) * u64(16) + bits(b, 60, 4))
    return pl.concat_str(*pairs, last, pl.lit(end))


def uuid_head(word: pl.Expr) -> pl.Expr:
    """The first 16 digits of a UUID, with the three dashes among and after them."""
    tables = (_HEX, _HEX_DASH, _HEX_DASH, _HEX_DASH)
    return pl.concat_str(gathered(t, bits(word, 16 * i, 16)) for i, t in enumerate(tables))


def uuid_tail(word: pl.Expr) -> pl.Expr:
    """The last 16 digits of a UUID, which all UUIDs of one origin share, with their dash."""
    tables = (_HEX_DASH, _HEX, _HEX, _HEX)
    return pl.concat_str(gathered(t, bits(word, 16 * i, 16)) for i, t in enumerate(tables))
