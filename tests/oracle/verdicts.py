"""What one rule says of one row, and why it cannot say where it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .facts import ACCOUNT_FACTS, ACCOUNT_SETS, Facts
from .logic import both
from .predicates import Params
from .rules import Rule

OUTCOMES = ("violation", "compliant", "unknown", "not_applicable")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's outcome on one row.

    `depends_on_zone`: another zone would have put the violating row before the cut-off;
    `is_boundary_row`: another zone would have made a violation of a row before it.
    """

    facts: Facts
    outcome: str
    reason: str | None = None
    depends_on_zone: bool = False
    is_boundary_row: bool = False


def log_columns_of(fact: str, facts: Facts) -> set[str]:
    """The columns of the log itself on whose values `fact` depends on this row."""
    if fact == "opted_in":
        return {"extra_opted_in"} | (facts.log_columns & {"opted_in", "home"})
    if fact == "has_residency":
        return {"residency"} & facts.log_columns
    if fact in (*ACCOUNT_FACTS, *ACCOUNT_SETS):
        return {fact} & facts.log_columns
    if fact == "meeting_countries":
        return set()
    return {fact}


def _is_missing(fact: str, facts: Facts) -> bool:
    if fact in ACCOUNT_FACTS:
        return facts.account[fact] is None
    if fact == "hop_role":
        return False
    values: Mapping[str, object] = {
        **facts.event.values,
        "opted_in": facts.opted_in,
        "residency": facts.residency,
        "meeting_countries": facts.meeting_countries,
        "meeting_started_at": facts.started_at,
    }
    return fact in values and values[fact] is None


def _reason(rule: Rule, facts: Facts, params: Params) -> str:
    # NOTE: a connection type only ever unsettles a decision; its lack leaves none open.
    reads = [fact for fact in rule.reads(params) if fact != "connection_type"]
    if facts.trouble and {*ACCOUNT_FACTS, *ACCOUNT_SETS} & set(reads):
        return facts.trouble
    if facts.is_open and "jurisdictions" in reads:
        return "a hop is unresolved"
    missing = [fact for fact in reads if _is_missing(fact, facts)]
    return f"{missing[0]} is missing" if missing else "not decided"


def _at_offset(day: date, hours: int) -> datetime:
    """The midnight of the day where clocks are `hours` ahead of UTC."""
    return datetime.combine(day, time(), UTC) - timedelta(hours=hours)


def _is_early(rule: Rule, facts: Facts, params: Params) -> bool:
    """Whether the row comes before the rule holds."""
    midnight = rule.midnight(params)
    return midnight is not None and _clock(rule, facts) < midnight


def _clock(rule: Rule, facts: Facts) -> datetime:
    return facts.started_at if rule.clock == "meeting_started_at" else facts.event.event_at


def _is_before(rule: Rule, facts: Facts, hours: int) -> bool:
    """Whether the row comes before the cut-off of a zone `hours` ahead of UTC."""
    return rule.effective is not None and _clock(rule, facts) < _at_offset(rule.effective, hours)


def judge(rule: Rule, facts: Facts, params: Params) -> Verdict:
    """The outcome of `rule` on one row."""
    sources = {c for fact in rule.reads(params) for c in log_columns_of(fact, facts)}
    poisoned = sorted(sources & set(facts.event.invalid))
    if poisoned:
        return Verdict(facts, "unknown", f"invalid value in {poisoned[0]}")
    applies, violation = rule.applies(facts, params), rule.violation(facts, params)
    is_early = _is_early(rule, facts, params)
    if applies is False or is_early:
        is_near = is_early and not _is_before(rule, facts, 14)
        would = both(applies, violation) is True
        return Verdict(facts, "not_applicable", is_boundary_row=is_near and would)
    if applies is None or violation is None:
        return Verdict(facts, "unknown", _reason(rule, facts, params))
    if violation:
        return Verdict(facts, "violation", depends_on_zone=_is_before(rule, facts, -12))
    doubt = rule.doubt(facts)
    return Verdict(facts, "unknown", doubt) if doubt else Verdict(facts, "compliant")
