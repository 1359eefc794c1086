"""Routes of addresses as hashes: equal where as many hops are in the same places, in any order.

Nearly all such routes are different, while their hops recur, or are at least in few places.
"""

from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Final

import numpy as np
import polars as pl

from auditor.addresses.texts import MAY_HOLD_ADDRESS
from auditor.engine.skimming.codebook import (
    UNKNOWN,
    Hashes,
    Level,
    Numbers,
    hashed,
    mixed,
    new_seed,
    numbers_in,
)
from auditor.enrich.addressed import BLANKS

PlacesOf = Callable[[pl.Series], pl.DataFrame]
"""Distinct texts of hops → where each is, one column per question that can be asked; null where
that is not known."""

_BLANK: Final = 1
"""The number of a hop without text: at the end of a route there is none."""

_OWN: Final = 2
"""The number of hops whose place is not known: each is told by its own hash."""

_LEVEL_BITS: Final = (16, 19, 21, 23)
"""Sizes of the tables of known hops: 85 MB in all, if millions are."""

_MOST_PLACES: Final = (1 << _LEVEL_BITS[0]) - 1
_SAMPLE_ROWS: Final = 1000
_ROWS_AT_ONCE: Final = 1 << 16
"""Rows split at once, however large a batch is: as in `cases`, larger arrays cost more."""


class PlaceHashes:
    """Hashes routes; may be asked from any thread, and none waits for another's look-ups.

    Args:
        route: the route of raw rows; need not be trimmed, since hops are.
        places_of: where hops are.
        seed: of the hashes of hops.
    """

    def __init__(self, route: pl.Expr, places_of: PlacesOf, seed: int) -> None:
        self._route = route
        self._places_of = places_of
        self._seed = seed
        self._known = HopTable()
        self._numbers: dict[Hashable, int] = {}
        self._value_of = np.array([new_seed() for _ in range(_OWN + 1)], dtype=np.uint64)
        self._lock = Lock()

    def hashes(self, rows: pl.DataFrame) -> Hashes | None:
        """One hash per raw row, the sum of the values of its hops.

        None where most routes hold no address: those are few, and hashed as they are.
        """
        some = self._routes(rows.head(_SAMPLE_ROWS))
        if int(some.str.contains(MAY_HOLD_ADDRESS).sum()) * 2 <= len(some):
            return None
        routes = self._routes(rows)
        # NOTE: to look for it costs a third of splitting
        has_several = some.str.contains(";", literal=True).any()
        hash_of = self._sums if has_several else self._values
        parts = routes.to_frame().iter_slices(_ROWS_AT_ONCE)
        return np.concatenate([hash_of(part.to_series()) for part in parts])

    def _values(self, routes: pl.Series) -> Hashes:
        """As `_sums`, of routes of which most have one hop."""
        if routes.str.contains(";", literal=True).any():
            return self._sums(routes)
        return self._values_of(*self._numbered(routes))

    def _sums(self, routes: pl.Series) -> Hashes:
        listed = routes.str.split(";")
        lengths = listed.list.len().fill_null(1).to_numpy()
        ends = np.cumsum(lengths, dtype=np.int64)
        numbers, hashes = self._numbered(listed.explode())
        values = self._values_of(numbers, hashes)
        ending = np.flatnonzero(numbers.take(ends - 1) == _BLANK)
        values[ends[ending[lengths[ending] > 1]] - 1] = 0
        return np.add.reduceat(values, ends - lengths)

    def _routes(self, rows: pl.DataFrame) -> pl.Series:
        return rows.with_columns(self._route.alias("@route"))["@route"]

    def _numbered(self, hops: pl.Series) -> tuple[Numbers, Hashes]:
        """The number of each hop's place, and its own hash."""
        hashes = hashed(hops, self._seed)
        numbers = self._known.lookup(hashes)
        rows = np.flatnonzero(numbers == UNKNOWN)
        if len(rows):
            new, first, back = np.unique(hashes[rows], return_index=True, return_inverse=True)
            found = self._found(hops.gather(rows[first]).fill_null(""))
            self._known.add(new, found)
            numbers[rows] = found.take(back)
        return numbers, hashes

    def _values_of(self, numbers: Numbers, hashes: Hashes) -> Hashes:
        # NOTE: read after the numbers, which are told to none before their values are there
        values = self._value_of.take(numbers)
        own = np.flatnonzero(numbers == _OWN)
        values[own] = hashes.take(own)
        return values

    def _found(self, hops: pl.Series) -> Numbers:
        """The numbers of the places of hops that are not known yet."""
        places = self._places_of(hops)
        kinds = places.unique(maintain_order=True)
        numbers = [self._number(place) for place in kinds.iter_rows()]
        table = kinds.with_columns(pl.Series("@number", numbers, dtype=pl.Int64))
        joined = places.join(
            table, on=places.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        is_blank = hops.str.strip_chars(BLANKS) == ""
        return joined["@number"].set(is_blank, _BLANK).to_numpy().copy()

    def _number(self, place: Sequence[Hashable]) -> int:
        if None in place:
            return _OWN
        with self._lock:
            known = self._numbers.get(place)
            if known is None:
                if len(self._value_of) > _MOST_PLACES:
                    return _OWN
                known = self._numbers[place] = len(self._value_of)
                self._value_of = np.append(self._value_of, np.uint64(new_seed()))
            return known


class HopTable:
    """A table of hashes and their numbers that grows to a bound and then learns no more.

    NOTE: without a lock. A slot is one word, so that it holds a hash and that hash's number or
    another's; one that was written over is as good as never learnt.
    """

    def __init__(self) -> None:
        self._levels = [Level.empty(bits) for bits in _LEVEL_BITS]

    def lookup(self, hashes: Hashes) -> Numbers:
        """The number of each hash, or UNKNOWN."""
        return numbers_in(self._levels, hashes)

    def add(self, hashes: Hashes, numbers: Numbers) -> None:
        """Hold distinct hashes and their numbers, as far as there is room."""
        for level in self._levels:
            is_held = level.fill(hashes, numbers)
            hashes, numbers = mixed(hashes[~is_held]), numbers[~is_held]
