"""Examples: one of each main outcome, no two alike, and values that mean something."""

from collections.abc import Iterator
from typing import Final

from auditor.findings import Outcome
from auditor.jurisdictions import COUNTRIES, Groups
from auditor.rules.faults import FaultKind
from auditor.rules.lint.model import Found, Subject
from auditor.rules.lint.place import at_key
from auditor.rules.model import Example, ExampleRow
from auditor.rules.vocabulary import country_hint
from auditor.schema import EVENTS, ORDERS, Field, Kind

MISSING_EXAMPLE, DUPLICATE_EXAMPLE = "missing-example", "duplicate-example"

_FIELDS: Final = {
    "events": {field.name: field for field in EVENTS},
    "orders": {field.name: field for field in ORDERS},
}
_COUNTRY: Final = "country:"


def look(subject: Subject) -> Iterator[Found]:
    """What is missing among the examples, twice there, or outside a vocabulary."""
    rule = subject.rule
    outcomes = {outcome for example in rule.examples for outcome in example.outcomes}
    for outcome, what in ((Outcome.VIOLATION, "a violation"), (Outcome.COMPLIANT, "compliance")):
        if outcome not in outcomes:
            yield MISSING_EXAMPLE, at_key(rule, "examples", f"no example of {what}")
    for number, example in enumerate(rule.examples):
        yield from _repeated(subject, number, example)
        for row in example.rows:
            # NOTE: a text outside its vocabulary is what an unknown row may be about.
            if row.expect is not Outcome.UNKNOWN:
                yield from _unknown(subject, row)


def _repeated(subject: Subject, number: int, example: Example) -> Iterator[Found]:
    earlier = subject.rule.examples[:number]
    place = f"examples.{number}.name"
    if example.name and example.name in {other.name for other in earlier}:
        message = f"another example has the name {example.name!r}"
        yield DUPLICATE_EXAMPLE, subject.rule.problem(place, 0, message)
    elif any(_log(example) == _log(other) for other in earlier):
        message = "another example has the same log"
        yield DUPLICATE_EXAMPLE, subject.rule.problem(place, 0, message)


def _log(example: Example) -> object:
    """What the rule is asked about."""
    files = (example.fixture.log, example.fixture.accounts) if example.fixture else ()
    return [row.values for row in example.rows], files, example.params


def _unknown(subject: Subject, row: ExampleRow) -> Iterator[Found]:
    for name, value in row.values.items():
        field = _FIELDS[subject.rule.table][name]
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            fault = _fault(field, str(item).strip(), subject.groups) if item else None
            if fault is not None:
                kind, message, hint = fault
                place = f"{row.place}.{name}" + ("" if index is None else f".{index}")
                yield kind, subject.rule.problem(place, 0, message, hint)


def _fault(field: Field, text: str, groups: Groups) -> tuple[FaultKind, str, str] | None:
    if field.kind is Kind.HOPS and text.casefold().startswith(_COUNTRY):
        text = text[len(_COUNTRY) :].strip()
    elif field.kind is Kind.SET:
        is_known = text in groups or ":" in text
        return None if is_known else _unknown_country(text)
    elif field.kind is not Kind.COUNTRY:
        return None
    return _unknown_country(text)


def _unknown_country(text: str) -> tuple[FaultKind, str, str] | None:
    if text.upper() in COUNTRIES:
        return None
    hint = country_hint(text)
    return FaultKind.UNKNOWN_JURISDICTION, f"unknown jurisdiction {text!r}", hint
