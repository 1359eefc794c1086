"""Numbers for 64-bit hashes: a hash table laid out as a column, looked up a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import polars as pl

UNKNOWN: Final = 0
"""The entry of a hash that a codebook does not hold."""

_LEVELS: Final = 4
_LEAST_BITS: Final = 10
_SLOTS_PER_KEY: Final = 8
_ROTATION: Final = 1 << 16
_ROTATION_BACK: Final = 1 << 48
_ODD: Final = 0x9E3779B97F4A7C15
_HALF: Final = 1 << 32


def mixed(keys: pl.Series) -> pl.Series:
    """UInt64 keys as hashes, one to one, with their differences spread over all bits."""
    product = keys * _ODD
    return (product // _HALF) | (product * _HALF)


@dataclass(frozen=True, slots=True)
class _Level:
    """One table of slots.

    The low bits of a hash pick a slot; its word holds the other bits of the hash that was put
    there and, in place of the low ones, that hash's entry.
    """

    words: pl.Series
    mask: int

    def slot_of(self, hashes: pl.Series) -> pl.Series:
        return (hashes & self.mask).cast(pl.UInt32, wrap_numerical=True)

    def entries(self, hashes: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The entry of each hash, UNKNOWN where the slot holds another, and whether it is there."""
        words = self.words.gather(self.slot_of(hashes))
        is_hit = (words ^ hashes) <= self.mask
        entries = (words & self.mask).cast(pl.UInt32, wrap_numerical=True)
        return entries * is_hit.cast(pl.UInt32), is_hit


@dataclass(frozen=True, slots=True)
class Codebook:
    """An immutable table of distinct hashes, numbered from 1 in their order.

    Hashes that want one slot are held by the next level, which looks at other bits of them. All 64
    bits are compared; one hash in some billions finds no slot at all and stays unknown.

    Attributes:
        hashes: UInt64, distinct.
    """

    hashes: pl.Series
    _levels: tuple[_Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_levels", tuple(_built(self.hashes)))

    @classmethod
    def empty(cls) -> "Codebook":
        """A codebook without entries."""
        return cls(pl.Series([], dtype=pl.UInt64))

    def __len__(self) -> int:
        return len(self.hashes)

    def with_hashes(self, hashes: pl.Series) -> "Codebook":
        """A codebook that also holds `hashes`, which must be new and distinct."""
        return Codebook(pl.concat([self.hashes, hashes])) if len(hashes) else self

    def entries(self, hashes: pl.Series) -> pl.Series:
        """UInt32: the entry of each hash, or UNKNOWN."""
        return self._entries(hashes, 0)

    def _entries(self, hashes: pl.Series, depth: int) -> pl.Series:
        entries, is_hit = self._levels[depth].entries(hashes)
        if depth + 1 == len(self._levels) or is_hit.all():
            return entries
        missed = (~is_hit).arg_true()
        return entries.scatter(missed, self._entries(_rotated(hashes.gather(missed)), depth + 1))


def _rotated(hashes: pl.Series) -> pl.Series:
    return (hashes // _ROTATION) | (hashes * _ROTATION_BACK)


def _built(hashes: pl.Series) -> Iterator[_Level]:
    entries = pl.int_range(1, len(hashes) + 1, dtype=pl.UInt64, eager=True)
    # NOTE: every entry must fit where a word has its slot's bits
    least = max(_LEAST_BITS, len(hashes).bit_length())
    for _ in range(_LEVELS):
        mask = (1 << max(least, (_SLOTS_PER_KEY * len(entries)).bit_length())) - 1
        words = pl.zeros(mask + 1, dtype=pl.UInt64, eager=True)
        level = _Level(words, mask)
        at, stored = level.slot_of(hashes), hashes - (hashes & mask) + entries
        if len(entries):
            words.scatter(at, stored)
        yield level
        is_out = words.gather(at) != stored
        if not is_out.any():
            return
        entries, hashes = entries.filter(is_out), _rotated(hashes.filter(is_out))
