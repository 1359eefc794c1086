"""Where participants of whole meetings were, for the meetings that a rule hinges on."""

from dataclasses import replace

import polars as pl

from auditor.engine.plan import BUCKET, Bucket, Plan
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED, meeting_facts, no_meetings
from auditor.enrich.steps import Knowledge


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
    facts = open_plan.facts(rows, replace(knowledge, countries=no_meetings()))
    hinges = pl.any_horizontal(rule.hinges for rule in hinging)
    meetings = (
        facts.filter(pl.col(BUCKET) == Bucket.EVENT.value, hinges).select("meeting_id").unique()
    )
    countries = meeting_facts(events, meetings).drop(OBSERVED)
    return replace(knowledge, countries=countries.collect(engine="streaming"))
