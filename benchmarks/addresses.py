"""Addresses whose country both shipped databases agree on: a number of them for each country."""

import random
from collections.abc import Iterator, Mapping, Sequence
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final, TypeAlias

import polars as pl

from auditor.addresses.ranges import Ranges
from auditor.addresses.special import special
from auditor.addresses.texts import V4, V6
from auditor.engine.addresses import Witnesses

Spans: TypeAlias = Sequence[tuple[int, int]]
"""First and last numbers of ranges."""

_BYTES: Final = {V4: 4, V6: 16}
_SOCKETS: Final = {V4: AF_INET, V6: AF_INET6}
_ONE_IN: Final = 5
"""One address in so many is of IPv6."""
_TRIES: Final = 4


def addresses_of(numbers: Mapping[str, int], seed: int) -> dict[str, list[str]]:
    """Distinct addresses of each country, the same for the same seed.

    Args:
        numbers: country → how many; where there are fewer, it gets fewer.
        seed: of all that is drawn.
    """
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    agreed = {family: _agreed(Witnesses()(), family) for family in (V4, V6)}
    found: dict[str, list[str]] = {}
    for country, number in numbers.items():
        shares = {V4: number - number // _ONE_IN, V6: number // _ONE_IN}
        found[country] = [
            inet_ntop(_SOCKETS[family], drawn.to_bytes(_BYTES[family]))
            for family, share in shares.items()
            for drawn in _drawn(agreed[family].get(country, ()), share, chance)
        ]
    return found


def _agreed(witnesses: Sequence[Ranges], family: str) -> dict[str, list[tuple[int, int]]]:
    """The ranges that both databases place in one country, by country."""
    steps = [w.v4 if family == V4 else w.v6 for w in witnesses]
    points = pl.concat([s.first for s in steps]).unique().sort()
    told = [s.at(points)["country"].cast(pl.String) for s in steps]
    is_agreed = (told[0] == told[1]).fill_null(value=False) & ~_special(points, family)
    starts = points.to_list()
    ends = [number - 1 for number in starts[1:]] + [(1 << 8 * _BYTES[family]) - 1]
    ranges: dict[str, list[tuple[int, int]]] = {}
    for start, end, country, is_one in zip(starts, ends, told[0], is_agreed, strict=True):
        if is_one:
            ranges.setdefault(country, []).append((start, end))
    return ranges


def _special(points: pl.Series, family: str) -> pl.Series:
    other, dtype = (V6, pl.UInt128) if family == V4 else (V4, pl.UInt32)
    numbers = points.alias(family).to_frame()
    return special(numbers.with_columns(pl.lit(None, dtype=dtype).alias(other)))


def _drawn(ranges: Spans, number: int, chance: random.Random) -> Iterator[int]:
    """Distinct numbers; every range is as likely as another, because few hold nearly all."""
    drawn: dict[int, None] = {}
    for _ in range(_TRIES * number if ranges else 0):
        if len(drawn) == number:
            break
        first, last = ranges[int(chance.random() * len(ranges))]
        drawn[first + int(chance.random() * (last - first + 1))] = None
    return iter(drawn)
