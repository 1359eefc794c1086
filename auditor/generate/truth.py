"""What an audit of a synthetic log must find, from what was planted and nothing else."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypedDict

import polars as pl

from auditor.findings import Severity
from auditor.generate.clock import HOSTING_ENDED, MAINLAND_CUT_OFF, REGIONS_CHOSEN
from auditor.generate.draws import gathered
from auditor.generate.policies import policy_table
from auditor.generate.traffic import MEDIA_ROLES
from auditor.schema import SUBJECT_KEYS

COUNTS: Final = ("violation", "unknown", "not_applicable")

TRUTH_SCHEMA: Final[dict[str, pl.DataType]] = {
    "rule_id": pl.String(),
    "severity": pl.String(),
    "subject_kind": pl.String(),
    "account_id": pl.String(),
    "meeting_id": pl.String(),
    "session_id": pl.String(),
    "events": pl.Int64(),
    "id": pl.String(),
}
"""One row per finding, in the order of a report; `session_id` is null where the subject is a
meeting; `events` counts the violating rows."""


class Expected(TypedDict):
    """Rows of the log, and per rule its four counts of rows and its number of findings."""

    rows: int
    rules: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of one rule beforehand, as flags of the rows of `draw_rows`."""

    severity: Severity
    subject: str
    applies: pl.Expr
    violation: pl.Expr
    unknown: pl.Expr

    def outcomes(self, rule_id: str) -> list[pl.Expr]:
        """Boolean columns `<rule_id> <count>` for each of `COUNTS`."""
        is_violation = self.applies & self.violation
        flags = (is_violation, self.applies & ~self.violation & self.unknown, ~self.applies)
        return [flag.alias(f"{rule_id} {count}") for flag, count in zip(flags, COUNTS, strict=True)]


def _policy_flag(name: str) -> pl.Expr:
    return gathered(policy_table()[name], pl.col("policy"))


_START: Final = pl.col("start")
_IS_OPEN: Final = pl.col("is_open")
_IS_STRANGER: Final = ~pl.col("is_known")
_ROLE: Final = pl.col("role").fill_null("processing")

EXPECTATIONS: Final[dict[str, Expectation]] = {
    "HOST-001": Expectation(
        severity=Severity.HIGH,
        subject="meeting",
        applies=_START >= HOSTING_ENDED,
        violation=_policy_flag("is_free_mainland") & ~_IS_STRANGER,
        unknown=_IS_STRANGER,
    ),
    "ROUTE-001": Expectation(
        severity=Severity.HIGH,
        subject="session",
        applies=_ROLE.is_in(MEDIA_ROLES) & (_START >= REGIONS_CHOSEN),
        violation=pl.col("is_outside"),
        unknown=_IS_OPEN | _IS_STRANGER | pl.col("is_p2p"),
    ),
    "ROUTE-002": Expectation(
        severity=Severity.CRITICAL,
        subject="session",
        applies=_START >= MAINLAND_CUT_OFF,
        violation=pl.col("is_mainland"),
        # Meetings of unknown accounts have no mainland hop: compliant whatever the opt-in was.
        unknown=_IS_OPEN & ~_policy_flag("allows_mainland"),
    ),
    "ROUTE-003": Expectation(
        severity=Severity.MEDIUM,
        subject="session",
        applies=(_ROLE == "transit") & (_START >= REGIONS_CHOSEN),
        violation=pl.col("is_outside"),
        unknown=_IS_OPEN | _IS_STRANGER,
    ),
}
"""The four default rules, sorted by id."""


class Truth:
    """Collects the expected findings and counts, chunk by chunk."""

    def __init__(self) -> None:
        self._findings: list[pl.DataFrame] = []
        self._counts: dict[str, int] = {}
        self._rows = 0

    def add(self, rows: pl.DataFrame, ids: dict[str, pl.Series]) -> None:
        """Takes in the rows of whole meetings.

        Args:
            rows: of `draw_rows`.
            ids: `account_id` and `meeting_id` per meeting, `session_id` per session.
        """
        flags = rows.select(
            "meeting",
            "session",
            *(flag for rule_id, e in EXPECTATIONS.items() for flag in e.outcomes(rule_id)),
        )
        sums = flags.select(pl.exclude("meeting", "session").sum()).row(0, named=True)
        for name, count in sums.items():
            self._counts[name] = self._counts.get(name, 0) + count
        self._rows += rows.height
        for rule_id in EXPECTATIONS:
            self._findings.append(_findings(flags.filter(f"{rule_id} violation"), ids, rule_id))

    def findings(self) -> pl.DataFrame:
        """All expected findings, as `TRUTH_SCHEMA`, in the order of a report."""
        found = pl.concat(self._findings) if self._findings else pl.DataFrame(schema=TRUTH_SCHEMA)
        return found.sort("rule_id", "account_id", "meeting_id", "session_id", nulls_last=False)

    def expected(self) -> Expected:
        """The counts of all rows taken in."""
        rules = {}
        for rule_id in EXPECTATIONS:
            counts = {name: self._counts.get(f"{rule_id} {name}", 0) for name in COUNTS}
            rules[rule_id] = {
                **counts,
                "compliant": self._rows - sum(counts.values()),
                "findings": sum(f.filter(rule_id=rule_id).height for f in self._findings),
            }
        return {"rows": self._rows, "rules": rules}


def finding_id(rule_id: str, subject: str, keys: Iterable[str | None]) -> str:
    """The id that a report gives to a finding: a digest of the rule and the subject."""
    text = json.dumps([rule_id, subject, *keys], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]


def _findings(rows: pl.DataFrame, ids: dict[str, pl.Series], rule_id: str) -> pl.DataFrame:
    expectation = EXPECTATIONS[rule_id]
    keys = SUBJECT_KEYS[expectation.subject]
    positions = list(dict.fromkeys(("meeting", expectation.subject)))
    found = rows.group_by(positions).agg(events=pl.len())
    texts = [
        ids[key].gather(found["session" if key == "session_id" else "meeting"]).to_list()
        for key in keys
    ]
    # NOTE: through Python, because gathered texts would keep those of the whole chunk in memory.
    columns = {
        **dict(zip(keys, texts, strict=True)),
        "events": found["events"].to_list(),
        "id": [finding_id(rule_id, expectation.subject, key) for key in zip(*texts, strict=True)],
        "rule_id": [rule_id] * found.height,
        "severity": [expectation.severity.value] * found.height,
        "subject_kind": [expectation.subject] * found.height,
    }
    missing = [None] * found.height
    return pl.DataFrame(
        {name: columns.get(name, missing) for name in TRUTH_SCHEMA}, schema=TRUTH_SCHEMA
    )
