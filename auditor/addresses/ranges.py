"""Tables of address ranges, held as the points at which the country changes."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self, TypeAlias

import polars as pl

from auditor.addresses.texts import V4, V6
from auditor.jurisdictions import COUNTRIES

COUNTRY: Final = pl.Enum(sorted(COUNTRIES))
"""Countries as tables of ranges hold them."""

FIRST, LAST, HELD = "first", "last", "held"

_WIDTHS: Final = {V4: 32, V6: 128}
_NUMBERS: Final = {V4: pl.UInt32(), V6: pl.UInt128()}

Range: TypeAlias = tuple[int, int, str | None, int]
"""First and last number, country if one is stated, and its rank: the lowest rank wins."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Ranges of one family.

    Attributes:
        first: ascending numbers, the first of them 0.
        country: from there on; null where no range is, or where the range states none.
        held: whether a range is there.
    """

    first: pl.Series
    country: pl.Series
    held: pl.Series

    def at(self, numbers: pl.Series) -> pl.DataFrame:
        """Columns `country` and `held` (never null) of numbers; null numbers are in no range."""
        index = self.first.search_sorted(numbers.fill_null(0), side="right") - 1
        found = pl.DataFrame([numbers.is_not_null().alias("is_number"), index.alias("index")])
        at = pl.col("index")
        return found.select(
            pl.when("is_number").then(pl.lit(self.country).gather(at)).alias("country"),
            (pl.lit(self.held).gather(at) & pl.col("is_number")).alias(HELD),
        )

    @classmethod
    def of_disjoint(cls, ranges: pl.DataFrame, family: str) -> Self:
        """The steps of disjoint ranges: FIRST, LAST, `country` in any order."""
        dtype = _NUMBERS[family]
        starts = ranges.select(pl.col(FIRST).cast(dtype), "country", pl.lit(value=True).alias(HELD))
        most = pl.lit((1 << _WIDTHS[family]) - 1, dtype=dtype)
        gaps = ranges.filter(pl.col(LAST).cast(dtype) < most).select(
            (pl.col(LAST) + 1).cast(dtype).alias(FIRST),
            pl.lit(None, dtype=COUNTRY).alias("country"),
            pl.lit(value=False).alias(HELD),
        )
        zero = gaps.clear(1).with_columns(
            pl.lit(0, dtype=dtype).alias(FIRST), pl.lit(value=False).alias(HELD)
        )
        points = pl.concat([starts, gaps, zero]).unique(FIRST, keep="first", maintain_order=True)
        points = points.sort(FIRST)
        same = pl.all_horizontal(
            pl.col(name).eq_missing(pl.col(name).shift()) for name in ("country", HELD)
        )
        changes = points.filter(~same | (pl.col(FIRST) == 0))
        return cls(changes[FIRST], changes["country"], changes[HELD])


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of both families; a family without any is an empty one."""

    v4: Steps
    v6: Steps

    def at(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """Columns `country` and `held` of addresses given as columns V4 and V6."""
        four = self.v4.at(numbers[V4])
        if numbers[V6].null_count() == numbers.height:
            return four
        six = self.v6.at(numbers[V6])
        return four.select(
            pl.coalesce("country", six["country"]).alias("country"), pl.col(HELD) | six[HELD]
        )


def disjoint(ranges: pl.DataFrame) -> bool:
    """Whether no two ranges (FIRST, LAST) overlap."""
    ordered = ranges.sort(FIRST)
    return not (ordered[FIRST] <= ordered[LAST].shift()).any()


def flattened(ranges: Iterable[Range]) -> Iterator[tuple[int, int, str | None]]:
    """Disjoint ranges: of those that overlap the one of the lowest rank wins.

    Of ranges of equal rank the one that states a country wins; where they state different ones,
    none is stated.
    """
    starts = sorted(ranges, key=lambda one: one[0])
    points = sorted({p for first, last, _, _ in starts for p in (first, last + 1)})
    active: list[tuple[int, int, int]] = []
    taken = 0
    for here, there in pairwise(points):
        while taken < len(starts) and starts[taken][0] == here:
            heapq.heappush(active, (starts[taken][3], starts[taken][1], taken))
            taken += 1
        while active and active[0][1] < here:
            heapq.heappop(active)
        if active:
            yield here, there - 1, _stated(active, starts, here)


def _stated(
    active: Sequence[tuple[int, int, int]], starts: Sequence[Range], here: int
) -> str | None:
    """The country that all active ranges of the lowest rank agree on."""
    rank = active[0][0]
    pending = [0]
    countries: set[str] = set()
    while pending:
        place = pending.pop()
        if place < len(active) and active[place][0] == rank:
            _, last, number = active[place]
            country = starts[number][2]
            if last >= here and country is not None:
                countries.add(country)
            pending += [2 * place + 1, 2 * place + 2]
    return countries.pop() if len(countries) == 1 else None
