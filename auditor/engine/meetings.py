"""Facts of whole meetings, gathered only for the meetings whose facts can matter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

import polars as pl

from auditor.engine.plan import BUCKET, Bucket, Plan, outcome_column
from auditor.enrich.interned import era_of
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED, meeting_facts, no_meetings
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome
from auditor.schema import REJECT

_HASH: Final = "meeting_hash"
_KEY: Final = pl.col("meeting_id").hash().alias(_HASH)
"""Stands in for the id while meetings are looked through: an eighth of the memory. Two meetings
with one hash only make candidates of each other."""


def with_starts(
    events: pl.LazyFrame, plan: Plan, knowledge: Knowledge, supplied: frozenset[str]
) -> Knowledge:
    """What is known, with the observed starts of the meetings for which they can matter.

    A row that does not state its meeting's start is taken to start it, unless the meeting has
    rows on both sides of an instant of a rule, or comes after a change of its account's policy.
    """
    sound = events.filter(pl.col(REJECT).is_null())
    is_open = pl.col("meeting_started_at").is_null()
    if "meeting_started_at" in supplied and not _is_any(sound, is_open):
        return knowledge
    span = sound.select(
        pl.col("event_at").min().alias("first"), pl.col("event_at").max().alias("last")
    ).collect(engine="streaming")
    first, last = span.row(0)
    if first is None:
        return knowledge
    candidates = _candidates(sound, is_open, plan, knowledge, (first, last))
    if candidates is None:
        return knowledge
    starts = meeting_facts(events, candidates.unique()).select("meeting_id", OBSERVED)
    return replace(knowledge, starts=starts.collect(engine="streaming"))


def _candidates(
    sound: pl.LazyFrame,
    is_open: pl.Expr,
    plan: Plan,
    knowledge: Knowledge,
    span: tuple[datetime, datetime],
) -> pl.LazyFrame | None:
    """`meeting_id` of the rows that may lie on the other side of an instant than their meeting."""
    if any(rule.reads_start for rule in plan.rules):
        return sound.filter(is_open).select("meeting_id")
    straddling = [*_over_periods(sound, plan, span), *_over_policies(sound, knowledge, span)]
    if not straddling:
        return None
    return (
        sound.filter(is_open)
        .select("meeting_id", _KEY)
        .join(pl.concat(straddling).unique().lazy(), on=_HASH, how="semi")
        .select("meeting_id")
    )


def _over_periods(
    sound: pl.LazyFrame, plan: Plan, span: tuple[datetime, datetime]
) -> Iterator[pl.DataFrame]:
    """Hashes of the meetings with rows on both sides of an instant of some rule."""
    first, last = span
    instants = {t for rule in plan.rules for t in rule.clock_instants if first < t <= last}
    if instants:
        side = era_of(pl.col("event_at"), sorted(instants)).alias("side")
        yield _both_sides(sound.select(_KEY, side))


def _over_policies(
    sound: pl.LazyFrame, knowledge: Knowledge, span: tuple[datetime, datetime]
) -> Iterator[pl.DataFrame]:
    """Hashes of the meetings with a row after a change of its account's policy.

    NOTE: not only those with rows of that account on both sides: a meeting may name another account
    in its earlier rows.
    """
    if knowledge.policies is None:
        return
    first, last = span
    changes = knowledge.policies.boundaries().filter(
        (pl.col("boundary") > first) & (pl.col("boundary") <= last)
    )
    if changes.height:
        first_change = changes.group_by("account_id").agg(pl.col("boundary").min())
        yield (
            sound.join(first_change.lazy(), on="account_id")
            .filter(pl.col("event_at") >= pl.col("boundary"))
            .select(_KEY)
            .unique()
            .collect(engine="streaming")
        )


def _both_sides(sides: pl.LazyFrame) -> pl.DataFrame:
    """The hashes with more than one `side`."""
    return (
        sides.group_by(_HASH)
        .agg(pl.col("side").min().alias("least"), pl.col("side").max().alias("most"))
        .filter(pl.col("least") != pl.col("most"))
        .select(_HASH)
        .collect(engine="streaming")
    )


def with_countries(events: pl.LazyFrame, plan: Plan, knowledge: Knowledge) -> Knowledge:
    """What is known, with the participants' countries of the meetings a rule hinges on."""
    hinging = [rule for rule in plan.rules if COUNTRIES_SET in rule.reads]
    if not hinging:
        return knowledge
    open_plan = Plan(hinging, plan.from_, plan.to)
    decided = open_plan.decided(events, replace(knowledge, countries=no_meetings()))
    is_open = [
        (pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value)
        if rule.is_monotone
        else pl.lit(value=True)
        for rule in hinging
    ]
    meetings = (
        decided.filter(pl.col(BUCKET) == Bucket.EVENT.value, pl.any_horizontal(is_open))
        .select("meeting_id")
        .unique()
    )
    countries = meeting_facts(events, meetings).drop(OBSERVED)
    return replace(knowledge, countries=countries.collect(engine="streaming"))


def _is_any(rows: pl.LazyFrame, condition: pl.Expr) -> bool:
    return bool(rows.select(condition.any()).collect(engine="streaming").item())
