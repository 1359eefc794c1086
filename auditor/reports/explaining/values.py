"""Values of facts and parameters as text that is safe to show."""

from collections.abc import Sequence
from datetime import date, datetime

from auditor.explanation import Fact
from auditor.reports.document import time_of
from auditor.reports.escape import visible


def value_text(value: object) -> str:
    """A value in one line; `missing` for none."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return time_of(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(visible(str(item)) or "(empty)" for item in value) or "nothing"
    return visible(str(value)) or "(empty)"


def fact_text(fact: Fact) -> str:
    """`name = value`, with what is not known of it."""
    if fact.invalid is not None:
        return f"{fact.name} is missing: '{visible(fact.invalid)}' is no value of it"
    if fact.is_open:
        known = value_text(fact.value) if fact.value else "nothing known"
        return f"{fact.name} = {known}, and what is not resolved"
    return f"{fact.name} = {value_text(fact.value)}"


def span_text(start: datetime | None, end: datetime | None) -> str:
    """A half-open span of time."""
    after = f"from {time_of(start)}" if start else ""
    before = f"until {time_of(end)}" if end else ""
    return f"{after} {before}".strip() or "for ever"
