"""A rule as its file states it: immutable, checked, with the positions of its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from auditor.addresses.locations import jurisdictions_at
from auditor.errors import Problem
from auditor.findings import Outcome, Severity
from auditor.rules.faults import FaultKind
from auditor.rules.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

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
        earliest: the rule may have begun any time from here on, and surely had by `from_`; None
            where that is known.
        doubt: why it is not known.
        timezone: IANA name; None where the rule needs no zone.
        clock: the time field that must lie in the period; None where it is unbounded.
    """

    from_: date | datetime | None = None
    until: date | datetime | None = None
    timezone: str | None = None
    clock: str | None = None
    earliest: date | datetime | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a rule's facts come from."""

    title: str
    publisher: str
    published: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One row of a log and what the rule must say of it.

    Attributes:
        values: raw log values by field; what is left out has a default.
        expect: the outcome.
        reason: why it is unknown; None: not stated.
        boundary: whether the outcome depends on how a date is read; None: not stated.
        message: what the message of its finding must contain; None: not stated.
        place: path of the values in the file, such as `examples.0.event`.
        location: `path:line:column`.
    """

    values: Mapping[str, object]
    expect: Outcome
    reason: str | None = None
    boundary: bool | None = None
    message: str | None = None
    place: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Fixture:
    """A log in a file beside the rule, and all that the rule must say of it.

    Attributes:
        log, accounts: files, relative to the rule's; the latter may be None.
        rows: how many rows have each outcome, and how many are rejected.
        findings: the keys of every finding's subject; None: not stated.
    """

    log: str
    accounts: str | None
    rows: Mapping[Outcome, int]
    rejected: int
    findings: Sequence[Mapping[str, str | None]] | None


@dataclass(frozen=True, slots=True)
class Example:
    """A log, however small, and what the rule must say of it.

    Attributes:
        rows: a log written out; empty where a fixture is given.
        params: texts for some of the rule's parameters.
        location: `path:line:column`.
    """

    name: str
    rows: tuple[ExampleRow, ...] = ()
    fixture: Fixture | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    location: str = ""

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """The outcomes that some row of it must have."""
        if self.fixture is not None:
            return frozenset(outcome for outcome, rows in self.fixture.rows.items() if rows)
        return frozenset(row.expect for row in self.rows)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        applies, violation, basis: SQL; the first and last may be None.
        evidence: name → SQL of a text that the message may show.
        evidence_level: a hop that is known less surely is unresolved to the rule: a label of
            `Basis`; None: as the run demands.
        pack: the folder the rule came from.
        path: its file, as the user knows it.
        digest: SHA-256 of its content, whatever its layout and comments.
        document: the file's tree, for locating faults.
        folder: where its file lies.
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
    evidence_level: str | None
    pack: str
    path: str
    digest: str
    document: YamlMap
    folder: Path = Path()

    @property
    def jurisdictions(self) -> str:
        """The fact that the rule takes for `jurisdictions`: the places that are known so surely."""
        return jurisdictions_at(self.evidence_level)

    def problem(
        self,
        place: str,
        at: int,
        message: str,
        hint: str = "",
        kind: FaultKind = FaultKind.INVALID_VALUE,
    ) -> Problem:
        """A fault at character `at` of the text at `place`, such as `undecided.0.when`.

        Where no text stands there, the fault is at what holds the place.
        """
        node = self._nearest(place)
        if isinstance(node, YamlScalar):
            return node.problem(message, hint, kind, at=at)
        return node.problem(message, hint, kind)

    def _nearest(self, place: str) -> YamlNode:
        node: YamlNode = self.document
        for step in place.split("."):
            below = node.values.get(step) if isinstance(node, YamlMap) else None
            if isinstance(node, YamlList) and step.isdigit() and int(step) < len(node.items):
                below = node.items[int(step)]
            if below is None:
                break
            node = below
        return node
