"""Rows that no rule could decide and that would violate it, were what is less sure true."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import polars as pl

from auditor.addresses.locations import Basis
from auditor.addresses.ranges import COUNTRY
from auditor.coverage import SUSPICIONS
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan, outcome_column
from auditor.engine.shares import distinct, gathered, shares_of
from auditor.enrich.hops import Unresolved
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.findings import Outcome
from auditor.jurisdictions import HI, LO, OPEN, country_set
from auditor.rules.compile import CompiledRule

_ERA: Final = "@era"
_CODE: Final = "@code"
"""Of a route in an era that has a hop which is not known surely enough."""

_ROUTES_AT_ONCE: Final = 100_000
_UNSURE: Final = [Unresolved.CONFLICTING.value, Unresolved.LESS_SURE.value]
_LABELS: Final = {basis.value: basis.label for basis in Basis}
_IS_CONFLICTING: Final = pl.col("basis") == Basis.CONFLICTING.value
_DOUBTS: Final[dict[str, pl.DataType]] = {
    _CODE: pl.UInt32(), "hop": pl.String(), "countries": pl.List(COUNTRY), "basis": pl.UInt8(),
}  # fmt: skip


def suspicions_of(
    flagged: pl.LazyFrame, plan: Plan, sites: Sites, unresolved: pl.DataFrame, spool: Path
) -> pl.DataFrame:
    """SUSPICIONS: what is suspected of the flagged rows of events.

    Each is decided again as if its hops were also in all countries that somebody names for them:
    databases that differ, and whoever is less sure than the run or the rule demands.

    Args:
        flagged: all rows that a report speaks of.
        plan: its rules may be violated.
        sites: as the run demands.
        unresolved: UNRESOLVED_HOPS of the rows, of which some may be known less surely.
        spool: a folder for files that are removed again.
    """
    if not unresolved["reason"].is_in(_UNSURE).any():
        return pl.DataFrame(schema=SUSPICIONS)
    events = flagged.filter(pl.col(BUCKET) == Bucket.EVENT.value)
    levels: dict[Basis, list[CompiledRule]] = {}
    for rule in plan.rules:
        levels.setdefault(sites.demanding(rule.rule.evidence_level).least, []).append(rule)
    found = (_of_level(events, rules, sites, least) for least, rules in levels.items())
    none = pl.DataFrame(schema=SUSPICIONS)
    with gathered(chain([none], chain.from_iterable(found)), spool) as every:
        shares = shares_of(every, "hop", distinct(every, "hop"))
        df = pl.concat(_added_up(share.collect(engine="streaming")) for share in shares)
    return df.sort("rule_id", "rows", "hop", descending=[False, True, False])


def _of_level(
    events: pl.LazyFrame, rules: Sequence[CompiledRule], sites: Sites, least: Basis
) -> Iterator[pl.DataFrame]:
    """What is suspected by rules to which a hop that is known less surely is unresolved."""
    names = {rule.rule.jurisdictions for rule in rules}
    undecided = pl.any_horizontal(_is_undecided(rule) for rule in rules)
    is_open = pl.any_horizontal(pl.col(name + OPEN) for name in names)
    era = era_of(pl.col("event_at"), sites.boundaries).alias(_ERA)
    rows = events.filter(undecided & is_open).with_columns(era)
    for share in shares_of(rows, "route", distinct(rows, "route")):
        unique = share.select("route", _ERA).unique().collect(engine="streaming")
        routes = unique.with_row_index(_CODE)
        doubts = _doubts(routes, sites, least)
        if doubts.is_empty():
            continue
        wider = routes.join(_words(doubts), on=_CODE).lazy()
        wide = share.join(wider, on=["route", _ERA], nulls_equal=True).with_columns(
            *(pl.col(name + LO) | pl.col("lo") for name in names),
            *(pl.col(name + HI) | pl.col("hi") for name in names),
        )
        for rule in rules:
            is_suspected = _is_undecided(rule) & (rule.outcome == Outcome.VIOLATION.value)
            counted = wide.filter(is_suspected).group_by(_CODE).agg(pl.col(WEIGHT).sum())
            yield _suspicions(rule.rule.id, counted.collect(engine="streaming"), doubts)


def _is_undecided(rule: CompiledRule) -> pl.Expr:
    return pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value


def _suspicions(rule_id: str, routes: pl.DataFrame, doubts: pl.DataFrame) -> pl.DataFrame:
    """What a rule suspects of `routes` (_CODE, WEIGHT)."""
    basis = pl.col("basis").replace_strict(_LABELS, return_dtype=SUSPICIONS["basis"])
    found = doubts.join(routes, on=_CODE).with_columns(
        pl.lit(rule_id).cast(SUSPICIONS["rule_id"]).alias("rule_id"),
        pl.col(WEIGHT).alias("rows"),
        pl.col("countries").cast(SUSPICIONS["countries"]),
        basis,
    )
    return _added_up(found)


def _added_up(found: pl.DataFrame) -> pl.DataFrame:
    """SUSPICIONS, one per rule and hop."""
    hops = found.group_by("rule_id", "hop")
    # NOTE: a hop that is known less surely is an address or a stated country, the same ever.
    return hops.agg(pl.col("countries", "basis").first(), pl.col("rows").sum()).select(*SUSPICIONS)


def _doubts(routes: pl.DataFrame, sites: Sites, least: Basis) -> pl.DataFrame:
    """Hops that are not known surely enough, each once per route.

    Args:
        routes: `route` and _ERA.
        sites: resolve them.
        least: how surely hops must be known.

    Returns:
        _CODE of the route, `hop`, `countries` (where somebody says that it is, sorted), `basis`.
    """
    found = [pl.DataFrame(schema=_DOUBTS)]
    texts = routes.select(_CODE, pl.col("route").alias("text"), pl.col(_ERA).alias("era"))
    for some in texts.iter_slices(_ROUTES_AT_ONCE):
        hops = sites.at(Basis.SINGLE_SOURCE).columns(some)
        is_less_sure = pl.col("country").is_not_null() & (pl.col("basis") < least.value)
        unsure = hops.filter(_IS_CONFLICTING | is_less_sure).unique(["row", "hop"])
        coded = unsure.with_columns(some[_CODE].gather(unsure["row"]))
        found.append(_with_countries(coded, sites).select(*_DOUBTS))
    return pl.concat(found)


def _with_countries(hops: pl.DataFrame, sites: Sites) -> pl.DataFrame:
    differing = hops.filter(_IS_CONFLICTING).select("hop").unique()
    named = differing.with_columns(sites.named(differing["hop"]).alias("named"))
    known = pl.concat_list("country")
    countries = pl.when(_IS_CONFLICTING).then("named").otherwise(known)
    return hops.join(named, on="hop", how="left").with_columns(countries.alias("countries"))


def _words(doubts: pl.DataFrame) -> pl.DataFrame:
    """The words of the countries named for each route: _CODE, `lo`, `hi`."""
    named = doubts.select(_CODE, pl.col("countries").alias("country")).explode("country")
    words = country_set(pl.col("country"))
    with_words = named.with_columns(words.lo.alias("lo"), words.hi.alias("hi"))
    return with_words.group_by(_CODE).agg(pl.col("lo", "hi").bitwise_or())
