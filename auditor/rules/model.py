"""A rule as its file states it: immutable, checked, with the positions of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from auditor.errors import Problem
from auditor.findings import Outcome, Severity
from auditor.rules.document import YamlMap, YamlScalar
from auditor.rules.faults import FaultKind

RULE_SCHEMA: Final = "auditor/rule/v1"
TIMEZONE: Final = "timezone"
"""The parameter that every rule with a zone has without declaring it."""

ROW_TIME: Final = {"events": "event_at", "orders": "ordered_at"}
"""The field that dates a row of a table."""

ParamValue = str | int | float | bool | date | tuple[str, ...]


class ParamType(StrEnum):
    """What a parameter holds; `texts` is a list."""

    BOOLEAN = "boolean"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Param:
    """A value that whoever runs the rule may change."""

    name: str
    type: ParamType
    default: ParamValue
    meaning: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """A row that would be compliant and for which `when` is TRUE is unknown, `because` of this."""

    when: str
    because: str


@dataclass(frozen=True, slots=True)
class Effective:
    """The period in which a rule holds.

    Attributes:
        from_, until: half-open; a date means midnight in `timezone`; None: unbounded.
        timezone: IANA name; None where the rule needs no zone.
        clock: the time field that must lie in the period; None where it is unbounded.
    """

    from_: date | datetime | None = None
    until: date | datetime | None = None
    timezone: str | None = None
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a rule's facts come from."""

    title: str
    publisher: str
    published: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One event and what the rule must say of it; `event` holds raw log values."""

    name: str
    event: Mapping[str, object]
    expect: Outcome


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        applies, violation, basis: SQL; the first and last may be None.
        evidence: name → SQL of a text that the message may show.
        pack: the folder the rule came from.
        path: its file, as the user knows it.
        digest: SHA-256 of its content, whatever its layout and comments.
        document: the file's tree, for locating faults.
    """

    id: str
    title: str
    severity: Severity
    table: str
    subject: str
    applies: str | None
    violation: str
    undecided: tuple[Undecided, ...]
    effective: Effective
    message: str
    tags: tuple[str, ...]
    why: str
    remediation: str
    references: tuple[Reference, ...]
    examples: tuple[Example, ...]
    params: Mapping[str, Param]
    basis: str | None
    evidence: Mapping[str, str]
    pack: str
    path: str
    digest: str
    document: YamlMap

    def problem(
        self,
        place: str,
        at: int,
        message: str,
        hint: str = "",
        kind: FaultKind = FaultKind.INVALID_VALUE,
    ) -> Problem:
        """A fault at character `at` of the text at `place`, such as `undecided.0.when`."""
        scalar = self._scalar(place)
        if scalar is None:
            return Problem(message, self.path, hint, kind=kind)
        return scalar.problem(message, hint, kind, at=at)

    def _scalar(self, place: str) -> YamlScalar | None:
        node: object = self.document
        for step in place.split("."):
            if isinstance(node, YamlMap):
                node = node.values.get(step)
            else:
                items = getattr(node, "items", ())
                node = items[int(step)] if step.isdigit() and int(step) < len(items) else None
        return node if isinstance(node, YamlScalar) else None
