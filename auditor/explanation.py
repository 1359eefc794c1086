"""What an explanation holds: one rule on some rows, condition by condition, with the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from auditor.findings import InputFile, RegistryFile, Settings

EXPLANATION_SCHEMA: Final = "auditor/explanation/v1"

Plain: TypeAlias = str | int | float | bool | date | datetime | Sequence[str] | None
"""A value of a fact or parameter; None where it is missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a log: the file as the user names it, and the row, counted from 1."""

    path: str
    row: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report says of a finding and of all that the finding rests on.

    Attributes:
        finding: as it stands in the report.
        subject: the keys of its subject, without the kind.
        places: its rows, the first ten.
        digest: of the rule and its parameters.
        settings: what the audit was asked for.
        inputs, registries: what it read.
    """

    finding: Mapping[str, object]
    rule_id: str
    subject: Mapping[str, str | None]
    places: Sequence[Place]
    digest: str
    settings: Settings
    inputs: Sequence[InputFile]
    registries: Sequence[RegistryFile]


class Truth(StrEnum):
    """SQL's three truths."""

    TRUE = "TRUE"
    FALSE = "FALSE"
    NULL = "NULL"

    @classmethod
    def of(cls, value: object) -> "Truth":
        """The truth of a nullable Boolean."""
        return cls.NULL if value is None else cls.TRUE if value else cls.FALSE


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as the rule saw it on the row.

    Attributes:
        value: None where it is missing.
        is_open: a set that may have members beyond those known.
        invalid: the log's text, where that is no value of the field.
    """

    name: str
    value: Plain
    is_open: bool = False
    invalid: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a predicate and what it came to.

    Attributes:
        place: path of the whole predicate in the rule's file.
        sql: the part as written.
        location: `path:line:column` of it.
        facts: what it reads, none twice.
        params: the parameters it names, with their values.
        parts: the conditions it is made of.
    """

    place: str
    sql: str
    location: str
    truth: Truth
    facts: Sequence[Fact]
    params: Mapping[str, Plain]
    parts: Sequence["Condition"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A clause of `undecided`: what it says where its condition is TRUE."""

    because: str
    when: Condition


@dataclass(frozen=True, slots=True)
class InForce:
    """Whether the rule held at the row's time.

    Attributes:
        clock: the fact that must lie in the period; None where the rule is unbounded.
        at: its value on the row.
        from_, until: half-open; None: unbounded.
        earliest: the rule may have begun any time from here on, and surely had by `from_`; None
            where that is known.
        zone: in which dates of the rule begin.
        doubt: what to know of a row whose outcome depends on how its dates are read; else None.
    """

    truth: Truth
    clock: str | None = None
    at: datetime | None = None
    from_: datetime | None = None
    until: datetime | None = None
    earliest: datetime | None = None
    zone: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class HopEvidence:
    """One hop of the row's route.

    Attributes:
        text: as the log reports it.
        country: where it lies; None where nothing resolves it.
        basis: how it is known: a label of `auditor.addresses.locations.Basis`.
        is_outside: whether it lies outside the opt-in; None where that is not known.
        why: why it is not resolved; None where it is.
    """

    text: str
    country: str | None
    basis: str
    is_outside: bool | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class OptIn:
    """What the account had opted into, and what made it wider.

    Attributes:
        codes: all that was allowed; None where the opt-in is missing.
        text: the account's opt-in as the registry or the log states it.
        stated: what that text stood for at the row's time.
        home: the account's home, always allowed.
        extra: the meeting's own opt-ins, as the log states them.
        added: what `home` and `extra` add to `stated`.
    """

    codes: Sequence[str] | None
    text: str | None
    stated: Sequence[str]
    home: str | None
    extra: str | None
    added: Sequence[str]


@dataclass(frozen=True, slots=True)
class PolicyEvidence:
    """The account's policy at the meeting's start.

    Attributes:
        state: `in_force`, or why there is none; None where no registry was given.
        valid_from, valid_to: half-open; None: for ever.
        path, row: where the registry states it; the line of a CSV file.
    """

    state: str | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    path: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says of one row, and all that led to it.

    Attributes:
        path, row: where the row is; rows count from 1, the header left out.
        bucket: `event`, `rejected` or `outside_window`.
        outcome: as the audit counts the row; None where no rule judged it.
        because: why it came to that, in words.
        keys: the row's own time and ids.
        applies, violation: None where the row was rejected; `applies` also where the rule has none.
        hops, policy, opt_in: of rows of the table `events`.
        start, start_basis: when the meeting began, and whether the log says so.
    """

    path: str
    row: int
    bucket: str
    outcome: str | None
    because: str
    keys: Mapping[str, Plain]
    applies: Condition | None = None
    in_force: InForce | None = None
    violation: Condition | None = None
    undecided: Sequence[Doubt] = ()
    hops: Sequence[HopEvidence] = ()
    policy: PolicyEvidence | None = None
    opt_in: OptIn | None = None
    start: datetime | None = None
    start_basis: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the report names, looked at again.

    Attributes:
        kind: `rule`, `log`, or the kind of the registry.
        state: `same`, `changed`, `missing`, or `not verified` where the report has no digest.
    """

    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class RuleWords:
    """The rule's own words."""

    id: str
    title: str
    severity: str
    why: str
    remediation: str
    references: Sequence[str]
    path: str
    digest: str
    params: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a finding is one, or why rows came to their outcomes.

    Attributes:
        rule: None where it is not to be found.
        finding: what the report says, as it stands there; None where rows were asked about.
        rows: in the order of the report, or as asked.
        checks: what the report names, looked at again.
        problems: what keeps this from being the whole explanation of the data the report is about.
    """

    rule: RuleWords | None
    finding: Mapping[str, object] | None
    rows: Sequence[Decision]
    checks: Sequence[Check] = ()
    problems: Sequence[str] = field(default=())

    @property
    def is_complete(self) -> bool:
        """Whether nothing was missing, changed or unreadable."""
        return not self.problems
