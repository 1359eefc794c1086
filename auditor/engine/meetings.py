"""Facts of whole meetings, gathered only for the meetings whose facts can matter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from auditor.engine.plan import BUCKET, Bucket, Plan, outcome_column
from auditor.enrich.meetings import COUNTRIES_SET, meeting_facts, no_meetings
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome
from auditor.schema import REJECT


def with_starts(
    events: pl.LazyFrame, plan: Plan, knowledge: Knowledge, supplied: frozenset[str]
) -> Knowledge:
    """What is known, with the observed starts of the meetings for which they can matter.

    A row that does not state its meeting's start is taken to start it, unless some instant at
    which a rule or a policy changes lies between the two.
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
    candidates = _candidates(sound.filter(is_open), plan, knowledge, (first, last))
    if candidates is None:
        return knowledge
    meetings = candidates.select("meeting_id").unique()
    return replace(knowledge, starts=meeting_facts(events, meetings).collect(engine="streaming"))


def _candidates(
    rows: pl.LazyFrame, plan: Plan, knowledge: Knowledge, span: tuple[datetime, datetime]
) -> pl.LazyFrame | None:
    """Rows whose own time may lie on the other side of some boundary than the meeting's start."""
    if any(rule.reads_start for rule in plan.rules):
        return rows
    first, last = span
    instants = [t for rule in plan.rules for t in rule.clock_instants if first < t <= last]
    found = [rows.filter(pl.col("event_at") >= min(instants))] if instants else []
    if knowledge.policies is not None:
        changes = (
            knowledge.policies.boundaries()
            .filter((pl.col("boundary") > first) & (pl.col("boundary") <= last))
            .group_by("account_id")
            .agg(pl.col("boundary").min())
        )
        if changes.height:
            found.append(
                rows.join(changes.lazy(), on="account_id").filter(
                    pl.col("event_at") >= pl.col("boundary")
                )
            )
    columns: Sequence[str] = ("meeting_id",)
    return pl.concat([f.select(columns) for f in found]) if found else None


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
    return replace(knowledge, countries=meeting_facts(events, meetings).collect(engine="streaming"))


def _is_any(rows: pl.LazyFrame, condition: pl.Expr) -> bool:
    return bool(rows.select(condition.any()).collect(engine="streaming").item())
