"""Numbers for 64-bit hashes: a hash table laid out as a column, looked up a batch at a time."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

UNKNOWN: Final = 0
"""The number of a hash that a codebook does not hold."""

Hashes: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int64]

_SEED_BITS: Final = 64
_MOST_LEVELS: Final = 32
_LEAST_BITS: Final = 10
_SLOTS_PER_KEY: Final = 8
_HALF: Final = np.uint64(32)
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


def new_seed() -> int:
    """A seed that nobody who writes a log can know."""
    return secrets.randbits(_SEED_BITS)


def hashed(values: pl.Series, seed: int) -> Hashes:
    """The hashes of values of any type."""
    return values.hash(seed=seed).to_numpy()


def mixed(keys: Numbers | Hashes) -> Hashes:
    """Keys as hashes, one to one, with their differences spread over all bits."""
    product = keys.view(np.uint64) * _ODD
    return (product >> _HALF) | (product << _HALF)


def spans_of(times: Numbers, instants: Numbers) -> Numbers:
    """Between which instants each time lies; one number where it is the same for all."""
    first, last = instants.searchsorted([times.min(), times.max()], side="right")
    return np.array([first]) if first == last else instants.searchsorted(times, side="right")


@dataclass(frozen=True, slots=True)
class Level:
    """One table of slots.

    The low bits of a hash pick a slot; its word holds the other bits of the hash that was put
    there and, in place of the low ones, that hash's number.
    """

    words: Hashes
    mask: np.uint64

    @classmethod
    def empty(cls, bits: int) -> "Level":
        """As many empty slots as there are numbers of so many bits."""
        return cls(np.zeros(1 << bits, dtype=np.uint64), np.uint64((1 << bits) - 1))

    def slots(self, hashes: Hashes) -> Numbers:
        """The slot that each hash wants."""
        return (hashes & self.mask).view(np.int64)

    def lookup(self, hashes: Hashes) -> tuple[Numbers, Numbers]:
        """The number in each hash's slot, and the rows where it is not that hash's."""
        words = self.words.take(self.slots(hashes))
        missed = np.flatnonzero((words ^ hashes) > self.mask)
        words &= self.mask
        return words.view(np.int64), missed

    def fill(self, hashes: Hashes, numbers: Numbers) -> NDArray[np.bool_]:
        """Put distinct hashes where slots are empty; which of them are there now."""
        at, stored = self.slots(hashes), (hashes & ~self.mask) | numbers.view(np.uint64)
        is_free = self.words.take(at) == 0
        self.words[at[is_free]] = stored[is_free]
        is_held: NDArray[np.bool_] = self.words.take(at) == stored
        return is_held


@dataclass(frozen=True, slots=True)
class Codebook:
    """An immutable table of distinct hashes and their numbers.

    Hashes that want one slot are held by the next level, which mixes them once more. All 64 bits
    are compared, and every hash has its slot.

    Attributes:
        hashes: distinct.
        numbers: from 1; none much greater than the number of hashes.

    Raises:
        ValueError: two hashes are equal: a number would stand for two keys.
    """

    hashes: Hashes
    numbers: Numbers
    _levels: tuple[Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_levels", tuple(_built(self.hashes, self.numbers)))

    @classmethod
    def of(cls, hashes: Hashes) -> "Codebook":
        """Distinct `hashes`, numbered from 1 in their order."""
        return cls(hashes, np.arange(1, len(hashes) + 1, dtype=np.int64))

    @classmethod
    def empty(cls) -> "Codebook":
        """A codebook that holds nothing."""
        return cls.of(np.empty(0, dtype=np.uint64))

    def __len__(self) -> int:
        return len(self.hashes)

    def with_hashes(self, hashes: Hashes, numbers: Numbers) -> "Codebook":
        """A codebook that also holds `hashes`, which must be new and distinct."""
        if not len(hashes):
            return self
        return Codebook(
            np.concatenate([self.hashes, hashes]), np.concatenate([self.numbers, numbers])
        )

    def lookup(self, hashes: Hashes) -> Numbers:
        """The number of each hash, or UNKNOWN."""
        return numbers_in(self._levels, hashes)


def numbers_in(levels: Sequence[Level], hashes: Hashes) -> Numbers:
    """The number of each hash, or UNKNOWN.

    Args:
        levels: each holds, mixed once more, what others kept out of the one before.
        hashes: to look up.
    """
    first, *further = levels
    numbers, missed = first.lookup(hashes)
    # NOTE: no hash that wanted a slot which is empty is held by a further level
    missed = missed[numbers.take(missed) != UNKNOWN]
    if len(missed):
        others = mixed(hashes.take(missed))
        numbers[missed] = numbers_in(further, others) if further else UNKNOWN
    return numbers


def _built(hashes: Hashes, numbers: Numbers) -> Iterator[Level]:
    # NOTE: every number must fit where a word has its slot's bits
    least = max(_LEAST_BITS, int(numbers.max(initial=0)).bit_length())
    for _ in range(_MOST_LEVELS):
        mask = np.uint64((1 << max(least, (_SLOTS_PER_KEY * len(numbers)).bit_length())) - 1)
        level = Level(np.zeros(int(mask) + 1, dtype=np.uint64), mask)
        at, stored = level.slots(hashes), (hashes & ~mask) | numbers.view(np.uint64)
        level.words[at] = stored
        yield level
        is_out = level.words.take(at) != stored
        if not is_out.any():
            return
        numbers, hashes = numbers[is_out], hashes[is_out]
        if len(level.lookup(hashes)[1]) < len(hashes):
            raise ValueError("two hashes are equal")
        hashes = mixed(hashes)
    raise ValueError("too many hashes want one slot")
