"""What no registry knows: hops that nothing resolves, and hosting accounts without a policy."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from auditor.coverage import UNRESOLVED_ACCOUNTS, UNRESOLVED_HOPS
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan
from auditor.engine.shares import distinct, gathered, shares_of
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.jurisdictions import OPEN
from auditor.schema import POLICY_STATE, PolicyState

_ROUTES_AT_ONCE: Final = 100_000


def unresolved_hops(flagged: pl.LazyFrame, plan: Plan, sites: Sites, spool: Path) -> pl.DataFrame:
    """UNRESOLVED_HOPS: what nothing resolves, or not as surely as some rule demands.

    Args:
        flagged: all rows that a report speaks of.
        plan: its rules may demand more than the run does.
        sites: as the run demands.
        spool: a folder for files that are removed again.
    """
    levels = [sites.demanding(rule.rule.evidence_level) for rule in plan.rules]
    strictest = max(levels, key=lambda one: one.least, default=sites)
    is_open = pl.any_horizontal(pl.col(name + OPEN) for name in plan.places)
    era = era_of(pl.col("event_at"), sites.boundaries).alias("era")
    rows = _events(flagged).filter(is_open).select(pl.col("route").alias("text"), era, WEIGHT)
    shares = shares_of(rows, "text", distinct(rows, "text"))
    with gathered(_of_shares(shares, strictest), spool) as found:
        return _most_first(found, UNRESOLVED_HOPS)


def unresolved_accounts(flagged: pl.LazyFrame) -> pl.DataFrame:
    """UNRESOLVED_ACCOUNTS: those without a policy in force; '' where none is named."""
    rows = _events(flagged).filter(pl.col(POLICY_STATE) != PolicyState.IN_FORCE.value)
    named = rows.select(
        pl.col("account_id").fill_null(""),
        pl.col(WEIGHT).alias("rows"),
        pl.col(POLICY_STATE).cast(UNRESOLVED_ACCOUNTS["reason"]).alias("reason"),
    )
    return _most_first(named, UNRESOLVED_ACCOUNTS)


def _of_shares(shares: Iterable[pl.LazyFrame], sites: Sites) -> Iterator[pl.DataFrame]:
    """The unresolved hops of routes (`text`, `era`, WEIGHT), a part at a time."""
    yield pl.DataFrame(schema=UNRESOLVED_HOPS)
    for share in shares:
        routes = share.group_by("text", "era").agg(pl.col(WEIGHT).sum().alias("rows"))
        for some in routes.collect(engine="streaming").iter_slices(_ROUTES_AT_ONCE):
            yield _of_routes(some, sites)


def _of_routes(routes: pl.DataFrame, sites: Sites) -> pl.DataFrame:
    """The unresolved hops of routes (`text`, `era`, `rows`), each counted once per route."""
    hops = sites.columns(routes).filter(pl.col("country").is_null()).unique(["row", "hop"])
    counted = hops.select(
        pl.col("hop").alias("value"),
        routes["rows"].gather(hops["row"]),
        pl.col("why").cast(UNRESOLVED_HOPS["reason"]).alias("reason"),
    )
    return counted.group_by("value", "reason").agg(pl.col("rows").sum()).select(*UNRESOLVED_HOPS)


def _most_first(counted: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Rows of `schema` added up."""
    name = next(iter(schema))
    sums = [
        share.group_by(name, "reason").agg(pl.col("rows").sum()).collect(engine="streaming")
        for share in shares_of(counted, name, distinct(counted, name))
    ]
    df = pl.concat(sums).select(*schema)
    return df.sort("rows", name, "reason", descending=[True, False, False])


def _events(flagged: pl.LazyFrame) -> pl.LazyFrame:
    return flagged.filter(pl.col(BUCKET) == Bucket.EVENT.value)
