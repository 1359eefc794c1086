"""Numbers for 64-bit hashes: a hash table laid out as a column, looked up a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import polars as pl

UNKNOWN: Final = 0
"""The number of a hash that a codebook does not hold."""

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
    there and, in place of the low ones, that hash's number.
    """

    words: pl.Series
    mask: int

    def slot_of(self, hashes: pl.Series) -> pl.Series:
        return (hashes & self.mask).cast(pl.UInt32, wrap_numerical=True)

    def numbers(self, hashes: pl.Series) -> tuple[pl.Series, pl.Series | None]:
        """The number in each hash's slot, and where it is that hash's; None: everywhere."""
        words = self.words.gather(self.slot_of(hashes))
        is_hit = (words ^ hashes) <= self.mask
        numbers = (words & self.mask).cast(pl.UInt32, wrap_numerical=True)
        return numbers, None if is_hit.all() else is_hit


@dataclass(frozen=True, slots=True)
class Codebook:
    """An immutable table of distinct hashes and their numbers.

    Hashes that want one slot are held by the next level, which looks at other bits of them. All 64
    bits are compared; one hash in some billions finds no slot at all and stays unknown.

    Attributes:
        hashes: UInt64, distinct.
        numbers: UInt32 from 1; none much greater than the number of hashes.
    """

    hashes: pl.Series
    numbers: pl.Series
    _levels: tuple[_Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_levels", tuple(_built(self.hashes, self.numbers)))

    @classmethod
    def of(cls, hashes: pl.Series) -> "Codebook":
        """Distinct `hashes`, numbered from 1 in their order."""
        return cls(hashes, pl.int_range(1, len(hashes) + 1, dtype=pl.UInt32, eager=True))

    def __len__(self) -> int:
        return len(self.hashes)

    def with_hashes(self, hashes: pl.Series, numbers: pl.Series) -> "Codebook":
        """A codebook that also holds `hashes`, which must be new and distinct."""
        if not len(hashes):
            return self
        return Codebook(pl.concat([self.hashes, hashes]), pl.concat([self.numbers, numbers]))

    def lookup(self, hashes: pl.Series) -> pl.Series:
        """UInt32: the number of each hash, or UNKNOWN."""
        return self._lookup(hashes, 0)

    def _lookup(self, hashes: pl.Series, depth: int) -> pl.Series:
        numbers, is_hit = self._levels[depth].numbers(hashes)
        if is_hit is None:
            return numbers
        missed = (~is_hit).arg_true()
        if depth + 1 == len(self._levels):
            return numbers.scatter(missed, UNKNOWN)
        return numbers.scatter(missed, self._lookup(_rotated(hashes.gather(missed)), depth + 1))


def _rotated(hashes: pl.Series) -> pl.Series:
    return (hashes // _ROTATION) | (hashes * _ROTATION_BACK)


def _built(hashes: pl.Series, numbers: pl.Series) -> Iterator[_Level]:
    numbers = numbers.cast(pl.UInt64)
    greatest = numbers.max()
    # NOTE: every number must fit where a word has its slot's bits
    least = max(_LEAST_BITS, greatest.bit_length() if isinstance(greatest, int) else 0)
    for _ in range(_LEVELS):
        mask = (1 << max(least, (_SLOTS_PER_KEY * len(numbers)).bit_length())) - 1
        words = pl.zeros(mask + 1, dtype=pl.UInt64, eager=True)
        level = _Level(words, mask)
        at, stored = level.slot_of(hashes), hashes - (hashes & mask) + numbers
        if len(numbers):
            words.scatter(at, stored)
        yield level
        is_out = words.gather(at) != stored
        if not is_out.any():
            return
        numbers, hashes = numbers.filter(is_out), _rotated(hashes.filter(is_out))
