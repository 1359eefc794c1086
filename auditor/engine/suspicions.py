"""Rows that no rule could decide and that would violate it, were what is less sure true."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import polars as pl

from auditor.addresses.locations import Basis
from auditor.coverage import SUSPICIONS
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan, outcome_column
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.findings import Outcome
from auditor.jurisdictions import HI, LO, OPEN, bits_of, words_of
from auditor.rules.compile import CompiledRule

_ERA: Final = "@era"
_ROUTES_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What is told of a hop that is not known surely enough.

    Attributes:
        countries: where somebody says that it is, sorted.
    """

    countries: Sequence[str]
    basis: Basis


_Doubts: TypeAlias = dict[tuple[str | None, int], Mapping[str, _Doubt]]
"""Route and era → its hops that are not known surely enough."""


def suspicions_of(flagged: pl.LazyFrame, plan: Plan, sites: Sites) -> pl.DataFrame:
    """SUSPICIONS: what is suspected of the flagged rows of events.

    Each is decided again as if its hops were also in all countries that somebody names for them:
    databases that differ, and whoever is less sure than the run or the rule demands.
    """
    events = flagged.filter(pl.col(BUCKET) == Bucket.EVENT.value)
    levels: dict[Basis, list[CompiledRule]] = {}
    for rule in plan.rules:
        levels.setdefault(sites.demanding(rule.rule.evidence_level).least, []).append(rule)
    found = (one for least in levels for one in _of_level(events, levels[least], sites, least))
    df = pl.DataFrame(found, schema=SUSPICIONS, orient="row")
    return df.sort("rule_id", "rows", "hop", descending=[False, True, False])


def _of_level(
    events: pl.LazyFrame, rules: Sequence[CompiledRule], sites: Sites, least: Basis
) -> Iterator[tuple[object, ...]]:
    """What is suspected by rules to which a hop that is known less surely is unresolved."""
    names = {rule.rule.jurisdictions for rule in rules}
    undecided = pl.any_horizontal(_is_undecided(rule) for rule in rules)
    is_open = pl.any_horizontal(pl.col(name + OPEN) for name in names)
    era = era_of(pl.col("event_at"), sites.boundaries).alias(_ERA)
    rows = events.filter(undecided & is_open).with_columns(era)
    routes = rows.select("route", _ERA).unique().collect(engine="streaming")
    doubts: _Doubts = {}
    for some in routes.iter_slices(_ROUTES_AT_ONCE):
        doubts |= _doubts(some.rows(), sites, least)
    if not doubts:
        return
    wide = rows.join(_wider(doubts), on=["route", _ERA], nulls_equal=True).with_columns(
        *(pl.col(name + LO) | pl.col("lo") for name in names),
        *(pl.col(name + HI) | pl.col("hi") for name in names),
    )
    for rule in rules:
        suspected = (
            wide.filter(_is_undecided(rule) & (rule.outcome == Outcome.VIOLATION.value))
            .group_by("route", _ERA)
            .agg(pl.col(WEIGHT).sum())
            .collect(engine="streaming")
        )
        yield from _suspicions(rule.rule.id, suspected, doubts)


def _is_undecided(rule: CompiledRule) -> pl.Expr:
    return pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value


def _suspicions(
    rule_id: str, routes: pl.DataFrame, doubts: _Doubts
) -> Iterator[tuple[object, ...]]:
    counted: Counter[str] = Counter()
    known: dict[str, _Doubt] = {}
    for route, at, number in routes.iter_rows():
        known |= doubts[route, at]
        counted.update(dict.fromkeys(doubts[route, at], number))
    for hop, number in counted.items():
        one = known[hop]
        yield rule_id, hop, one.countries, number, one.basis.label


def _doubts(routes: Sequence[tuple[str | None, int]], sites: Sites, least: Basis) -> _Doubts:
    trusting = sites.at(Basis.SINGLE_SOURCE)
    unsure = [
        {
            hop.text: hop
            for hop in hops
            if hop.basis is Basis.CONFLICTING or (hop.country and hop.basis < least)
        }
        for hops in trusting.resolved(routes)
    ]
    differing = {h.text for hops in unsure for h in hops.values() if h.country is None}
    named = sites.named(differing) if differing else {}
    return {
        route: {
            text: _Doubt([hop.country] if hop.country else named[text], hop.basis)
            for text, hop in sorted(hops.items())
        }
        for route, hops in zip(routes, unsure, strict=True)
        if hops
    }


def _wider(doubts: _Doubts) -> pl.LazyFrame:
    """The words of the countries named for each route."""
    words = [
        words_of(bits_of({c for one in hops.values() for c in one.countries}))
        for hops in doubts.values()
    ]
    columns = {
        "route": pl.Series([route for route, _ in doubts], dtype=pl.String),
        _ERA: pl.Series([at for _, at in doubts], dtype=pl.UInt32),
        "lo": pl.Series([low for low, _ in words], dtype=pl.UInt128),
        "hi": pl.Series([high for _, high in words], dtype=pl.UInt128),
    }
    return pl.LazyFrame(columns)
