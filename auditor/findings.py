"""What an audit finds and reports: severities, outcomes, findings, results of rules, the run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import partial
from typing import Final, Protocol

import polars as pl

from auditor.coverage import (
    SUSPICIONS,
    UNRESOLVED_ACCOUNTS,
    UNRESOLVED_HOPS,
    Counted,
    Coverage,
)
from auditor.schema import TIME

REPORT_SCHEMA: Final = "auditor/report/v1"


class Severity(StrEnum):
    """How bad a violation is, from least to worst."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least severe."""
        return list(Severity).index(self)


class Outcome(IntEnum):
    """What one rule says of one row; the number is the value in outcome columns."""

    NOT_APPLICABLE = 0
    COMPLIANT = 1
    UNKNOWN = 2
    VIOLATION = 3


FINDING_SCHEMA: Final[dict[str, pl.DataType]] = {
    "id": pl.String(),
    "rule_id": pl.String(),
    "severity": pl.String(),
    "subject_kind": pl.String(),
    "account_id": pl.String(),
    "meeting_id": pl.String(),
    "session_id": pl.String(),
    "order_id": pl.String(),
    "first_at": TIME,
    "last_at": TIME,
    "events": pl.Int64(),
    "media_bytes": pl.UInt64(),
    "jurisdictions": pl.List(pl.String()),
    "jurisdictions_outside": pl.List(pl.String()),
    "opted_in": pl.List(pl.String()),
    "route": pl.List(pl.String()),
    "basis": pl.String(),
    "start_basis": pl.String(),
    "policy": pl.Struct({"valid_from": TIME, "valid_to": TIME}),
    "boundary": pl.String(),
    "message": pl.String(),
    "rows": pl.List(pl.Struct({"path": pl.String(), "row": pl.Int64()})),
    "state": pl.String(),
    "waiver": pl.String(),
}
"""One row per finding. `account_id` … `order_id` are null where they are no key of the subject
(or where the log does not name the account). Lists are never null. `media_bytes` is null where no
violating row states it; its sum saturates at 2^64-1. `state` is `new` unless a baseline says
otherwise."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One log file.

    Attributes:
        rows: every record of it, rejects included; None: unreadable.
        sha256: None where it was not asked for, and of Parquet objects in a store.
        etag: what the store calls the state of an object; None for what lies on disk.
        delta_version: of the Delta table that the file is part of; None if of none.
    """

    path: str
    format: str
    bytes: int
    rows: int | None
    sha256: str | None = None
    table: str = "events"
    etag: str | None = None
    delta_version: int | None = None


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """One registry; `path` is `shipped` where it came with the program.

    Attributes:
        date: the day, or month, of which the data says that it is; None where it says nothing.
    """

    kind: str
    path: str
    rows: int
    sha256: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one selected rule did. If it ran, the four counts add up to the rows of its table.

    Attributes:
        digest: of the rule's own content and its parameters.
        status: `ran`, `never_applied` (ran, but no row was in its scope) or `not_run`.
        boundary_rows: rows just outside the rule's period that another reading of its dates would
            have made violations.
        table: `events` or `orders`.
        boundary: what the rule's dates hang on; None where no date is involved.
    """

    id: str
    title: str
    severity: Severity
    digest: str
    status: str
    not_run_reason: str | None = None
    violation: int = 0
    compliant: int = 0
    unknown: int = 0
    not_applicable: int = 0
    boundary_rows: int = 0
    findings: int = 0
    unknown_reasons: Sequence[Counted] = ()
    table: str = "events"
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution: the only part of a report that differs between equal runs."""

    id: str
    started_at: datetime
    finished_at: datetime
    engine: str
    complete: bool
    incomplete_reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for, as far as it can change what a report says."""

    params: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    operator: str = "zoom"
    from_: datetime | None = None
    to: datetime | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    fail_on: str = "low"
    max_rejects: str = "0"
    max_unknown: str = "0"
    source: str = "canonical"
    evidence_level: str = "single-source"


class FindingFrames(Protocol):
    """Findings in their total order, in frames of `FINDING_SCHEMA`; may be read repeatedly."""

    def __iter__(self) -> Iterator[pl.DataFrame]: ...

    def columns(self, *names: str) -> Iterator[pl.DataFrame]:
        """The same frames with these columns alone, which may be far cheaper to read."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run has to say.

    Attributes:
        findings: in the order rule id, account, meeting, session, order (missing first).
        unresolved_hops: of UNRESOLVED_HOPS: what nothing resolved, or not surely enough for some
            rule; a hop with several reasons (at other times) is there for each.
        unresolved_accounts: of UNRESOLVED_ACCOUNTS; the id is the empty text for rows that name
            no account.
        warnings: what a reader should know although no verdict hangs on it.
        suspected: of SUSPICIONS, apart from findings: what would violate a rule were less sure
            evidence true.
        resolved: findings of the baseline that are gone; 0 without a baseline.
    """

    version: str
    run: Run
    settings: Settings
    inputs: Sequence[InputFile]
    registries: Sequence[RegistryFile]
    coverage: Coverage
    rules: Sequence[RuleResult]
    findings: FindingFrames
    unresolved_hops: pl.DataFrame = field(
        default_factory=partial(pl.DataFrame, schema=UNRESOLVED_HOPS)
    )
    unresolved_accounts: pl.DataFrame = field(
        default_factory=partial(pl.DataFrame, schema=UNRESOLVED_ACCOUNTS)
    )
    warnings: Sequence[str] = ()
    suspected: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=SUSPICIONS))
    resolved: int = 0

    def count(self) -> int:
        """Number of findings."""
        return sum(rule.findings for rule in self.rules)

    def by_severity(self) -> dict[str, int]:
        """Findings per severity, worst first, zeros included."""
        worst_first = sorted(Severity, key=lambda s: -s.rank)
        return {
            s.value: sum(r.findings for r in self.rules if r.severity is s) for s in worst_first
        }

    def worst(self) -> Severity | None:
        """The worst severity that has a finding."""
        found = [r.severity for r in self.rules if r.findings]
        return max(found, key=lambda s: s.rank, default=None)
