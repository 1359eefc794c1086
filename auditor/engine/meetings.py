"""Where participants of whole meetings were, for the meetings that a rule hinges on."""

from dataclasses import replace

import polars as pl

from auditor.engine.plan import BUCKET, Bucket, Plan, outcome_column
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED, meeting_facts, no_meetings
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome


def with_countries(
    rows: pl.LazyFrame, events: pl.LazyFrame, plan: Plan, knowledge: Knowledge
) -> Knowledge:
    """What is known, with the participants' countries of the meetings a rule hinges on.

    Args:
        rows: the events that may hinge on them.
        events: all events.
        plan: the rules.
        knowledge: what is known so far.
    """
    hinging = [rule for rule in plan.rules if COUNTRIES_SET in rule.reads]
    if not hinging:
        return knowledge
    open_plan = Plan(hinging, plan.from_, plan.to)
    decided = open_plan.decided(rows, replace(knowledge, countries=no_meetings()))
    is_open = [
        (pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value) | rule.is_boundary_open
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
