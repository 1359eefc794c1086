"""Rows that no rule could decide and that would violate it, were one of two databases right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import polars as pl

from auditor.addresses.locations import Basis
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan, outcome_column
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.findings import Outcome, Suspicion
from auditor.jurisdictions import HI, LO, OPEN, bits_of, words_of

_ERA: Final = "@era"
_JURISDICTIONS: Final = "jurisdictions"
_ROUTES_AT_ONCE: Final = 50_000

_Named: TypeAlias = dict[tuple[str | None, int], Mapping[str, Sequence[str]]]
"""Route and era → its hops that databases place differently, and the countries they name."""


def suspicions(flagged: pl.LazyFrame, plan: Plan, sites: Sites) -> list[Suspicion]:
    """What is suspected of the flagged rows of events, by rule and hop.

    Each is decided again as if its hops were in all countries that a database names for them.
    """
    is_open = (pl.col(BUCKET) == Bucket.EVENT.value) & pl.col(_JURISDICTIONS + OPEN)
    era = era_of(pl.col("event_at"), sites.boundaries).alias(_ERA)
    rows = flagged.filter(is_open).with_columns(era)
    routes = rows.select("route", _ERA).unique().collect(engine="streaming")
    named: _Named = {}
    for some in routes.iter_slices(_ROUTES_AT_ONCE):
        named |= _named(some.rows(), sites)
    if not named:
        return []
    wide = rows.join(_wider(named), on=["route", _ERA], nulls_equal=True).with_columns(
        pl.col(_JURISDICTIONS + LO) | pl.col("lo"), pl.col(_JURISDICTIONS + HI) | pl.col("hi")
    )
    found: list[Suspicion] = []
    for rule in plan.rules:
        is_undecided = pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value
        suspected = (
            wide.filter(is_undecided & (rule.outcome == Outcome.VIOLATION.value))
            .group_by("route", _ERA)
            .agg(pl.col(WEIGHT).sum())
            .collect(engine="streaming")
        )
        counted: Counter[str] = Counter()
        countries: dict[str, Sequence[str]] = {}
        for route, at, number in suspected.iter_rows():
            countries |= named[route, at]
            counted.update(dict.fromkeys(named[route, at], number))
        found += [Suspicion(rule.rule.id, hop, countries[hop], n) for hop, n in counted.items()]
    return sorted(found, key=lambda one: (one.rule_id, -one.rows, one.hop))


def _named(routes: Sequence[tuple[str | None, int]], sites: Sites) -> _Named:
    differing = {
        route: sorted({hop.text for hop in hops if hop.basis is Basis.CONFLICTING})
        for route, hops in zip(routes, sites.resolved(routes), strict=True)
    }
    hops = {text for texts in differing.values() for text in texts}
    if not hops:
        return {}
    countries = sites.named(hops)
    return {
        route: {text: countries[text] for text in texts}
        for route, texts in differing.items()
        if texts
    }


def _wider(named: _Named) -> pl.LazyFrame:
    """The words of the countries named for each route."""
    words = [
        words_of(bits_of({c for one in hops.values() for c in one})) for hops in named.values()
    ]
    columns = {
        "route": pl.Series([route for route, _ in named], dtype=pl.String),
        _ERA: pl.Series([at for _, at in named], dtype=pl.UInt32),
        "lo": pl.Series([low for low, _ in words], dtype=pl.UInt128),
        "hi": pl.Series([high for _, high in words], dtype=pl.UInt128),
    }
    return pl.LazyFrame(columns)
