"""The routes of a synthetic log: per policy those it allows, and those with one hop amiss."""

from typing import Final

import polars as pl

from auditor.generate.draws import ROW_BITS, Draws, bits, gathered, pick, u64
from auditor.generate.places import HOPS, MAINLAND, UNRESOLVED_HOPS
from auditor.generate.policies import POLICIES, allowed_hops, outside_hops

_SOUND, _OUTSIDE, _MAINLAND, _OPEN = range(4)
_KINDS: Final = 4
_VARIANT_BITS: Final = 10
_VARIANTS: Final = 1 << _VARIANT_BITS

_HOP_COUNTS: Final = pl.Series([1] * 8 + [2] * 5 + [3] * 3, dtype=pl.UInt64)
_MOST_HOPS: Final = 3
_ENDS: Final = pl.Series(["", "", "", ";"])
_MAINLAND_HOPS: Final = pl.Series([*HOPS[MAINLAND], HOPS[MAINLAND][0]])
_UNRESOLVED: Final = pl.Series(UNRESOLVED_HOPS)


def route_table(draws: Draws) -> pl.Series:
    """Route texts, for `route_of`: per policy and kind as many variants as `_VARIANTS`."""
    count = len(POLICIES) * _KINDS * _VARIANTS
    numbers = pl.int_range(count, dtype=pl.UInt64, eager=True).alias("number").to_frame()
    split = numbers.with_columns(
        kind=pl.col("number") // u64(_VARIANTS) % u64(_KINDS),
        policy=pl.col("number") // u64(_VARIANTS * _KINDS),
    )
    return split.select(_route(draws)).to_series()


def route_of(table: pl.Series) -> pl.Expr:
    """The route of a row of `draw_rows`."""
    kind = (
        pl.when("is_mainland")
        .then(u64(_MAINLAND))
        .when("is_outside")
        .then(u64(_OUTSIDE))
        .when("is_open")
        .then(u64(_OPEN))
        .otherwise(u64(_SOUND))
    )
    family = pl.col("policy").cast(pl.UInt64) * u64(_KINDS) + kind
    return gathered(table, family * u64(_VARIANTS) + bits(pl.col("fault"), 0, _VARIANT_BITS))


def _route(draws: Draws) -> pl.Expr:
    draw = draws.of("route", "number")
    count = pick(_HOP_COUNTS, draw)
    changed = bits(draw, 4, 8) % count
    hops = []
    for i in range(_MOST_HOPS):
        hop = pl.when(changed == i).then(_changed_hop(draw)).otherwise(_allowed_hop(draw, i))
        hops.append(pl.when(count > i).then(hop))
    end = gathered(_ENDS, bits(draw, 50, 2))
    return pl.concat_str(pl.concat_str(*hops, separator=";", ignore_nulls=True), end)


def _allowed_hop(draw: pl.Expr, i: int) -> pl.Expr:
    return pick(allowed_hops(), draw, 12 + ROW_BITS * i, row=pl.col("policy"))


def _changed_hop(draw: pl.Expr) -> pl.Expr:
    kind = pl.col("kind")
    return (
        pl.when(kind == _OUTSIDE)
        .then(pick(outside_hops(), draw, 40, row=pl.col("policy")))
        .when(kind == _MAINLAND)
        .then(pick(_MAINLAND_HOPS, draw, 40))
        .when(kind == _OPEN)
        .then(pick(_UNRESOLVED, draw, 40))
        .otherwise(pick(allowed_hops(), draw, 40, row=pl.col("policy")))
    )
