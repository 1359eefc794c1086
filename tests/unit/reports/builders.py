"""Findings and reports built by hand, the full one with hostile values."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl

from auditor.coverage import (
    INVALID_VALUES,
    SUSPICIONS,
    UNRESOLVED_ACCOUNTS,
    UNRESOLVED_HOPS,
    Counted,
    Coverage,
    Ledger,
    SkippedFile,
)
from auditor.findings import (
    FINDING_SCHEMA,
    InputFile,
    RegistryFile,
    Report,
    RuleResult,
    Run,
    Settings,
    Severity,
)

HOSTILE = '=HYPERLINK("x"),\t\r\n\x00\x1b[2J\x9b31m\u2028\u202e[bold]\\'
STARTED = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 22, 2, 1, 30, 250_000, tzinfo=UTC)


def finding(number: int, **given: object) -> dict[str, object]:
    """A finding of ROUTE-001; `given` replaces its values."""
    usual: dict[str, object] = {
        "id": f"{number:032x}",
        "rule_id": "ROUTE-001",
        "severity": "high",
        "subject_kind": "session",
        "account_id": "acme",
        "meeting_id": "m1",
        "session_id": f"s{number}",
        "order_id": None,
        "first_at": datetime(2020, 5, 1, tzinfo=UTC),
        "last_at": datetime(2020, 5, 1, 0, 0, 1, 123, tzinfo=UTC),
        "events": 2,
        "media_bytes": 1500,
        "jurisdictions": ["CN", "US"],
        "jurisdictions_outside": ["CN"],
        "opted_in": ["US"],
        "route": ["TJ", "SC"],
        "basis": "registry",
        "start_basis": "reported",
        "policy": {"valid_from": datetime(2020, 4, 18, tzinfo=UTC), "valid_to": None},
        "boundary": None,
        "message": f"s{number} went through CN; acme had opted into US",
        "rows": [{"path": "logs/a.csv", "row": 7}, {"path": "logs/a.csv", "row": 9}],
        "state": "new",
        "waiver": None,
    }
    return {**usual, **given}


class MemoryFindings:
    """Findings held as frames in memory."""

    def __init__(self, frames: Iterable[pl.DataFrame]) -> None:
        self._frames = tuple(frames)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        return iter(self._frames)

    def columns(self, *names: str) -> Iterator[pl.DataFrame]:
        return (frame.select(names) for frame in self._frames)


def frame(*findings: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(findings), schema=FINDING_SCHEMA, orient="row")


def unresolved_hops(*entries: tuple[str, int, str]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=UNRESOLVED_HOPS, orient="row")


def unresolved_accounts(*entries: tuple[str, int, str]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=UNRESOLVED_ACCOUNTS, orient="row")


def suspicions(*entries: tuple[str, str, list[str], int, str]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=SUSPICIONS, orient="row")


def _invalid_values(*entries: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=INVALID_VALUES, orient="row")


def rule(**given: Any) -> RuleResult:
    return RuleResult("ROUTE-001", "Media left", Severity.HIGH, "d1", **{"status": "ran", **given})


def make_report(**given: Any) -> Report:
    """A complete report without findings; `given` replaces its parts."""
    usual: dict[str, Any] = {
        "version": "1.2.3",
        "run": Run("run-1", STARTED, FINISHED, "streaming", complete=True),
        "settings": Settings(),
        "inputs": [InputFile("logs/a.csv", "csv", 2048, 4, "ab" * 32)],
        "registries": [],
        "coverage": Coverage({"events": Ledger(4, 0, 0, 4)}),
        "rules": [rule(compliant=4)],
        "findings": MemoryFindings([]),
    }
    return Report(**{**usual, **given})


def make_full_report() -> Report:
    """An incomplete report in which every list has entries."""
    return make_report(
        run=_hostile_run(),
        settings=_settings(),
        inputs=[
            InputFile("logs/a.csv", "csv", 2048, 20, "ab" * 32),
            InputFile(f"logs/{HOSTILE}.csv", "csv", 1, None),
            InputFile("orders.csv", "csv", 512, 17, "ef" * 32, table="orders"),
        ],
        registries=[
            RegistryFile("datacentres", "shipped", 33, "cd" * 32, "2026-11"),
            RegistryFile("accounts", HOSTILE, 1),
        ],
        coverage=_coverage(),
        rules=_rules(),
        unresolved_hops=unresolved_hops((HOSTILE, 5, "unknown site or name"), ("", 2, "empty hop")),
        unresolved_accounts=unresolved_accounts(
            ("", 3, "no account id"), ("ghost", 1, "unknown account")
        ),
        suspected=suspicions(("ROUTE-001", HOSTILE, ["CN", "US"], 3, "conflicting")),
        warnings=[f"{HOSTILE} knows no IPv6 addresses"],
        findings=MemoryFindings(_finding_frames()),
        resolved=1,
    )


def _hostile_run() -> Run:
    reasons = [
        "3 rows were rejected, more than --max-rejects 0\n  hint: see --rejects, or accept them",
        f"{HOSTILE} cannot be read",
    ]
    return Run("run-1", STARTED, FINISHED, "streaming", complete=False, incomplete_reasons=reasons)


def _settings() -> Settings:
    return Settings(
        params={"timezone": "Asia/Shanghai", "cn_participant_allows": "true"},
        timezone="UTC",
        from_=datetime(2020, 4, 1, tzinfo=UTC),
        select=["default"],
        ignore=["ROUTE-003"],
        max_unknown="5%",
    )


def _coverage() -> Coverage:
    events = Ledger(
        rows_read=20,
        rows_rejected=3,
        rows_outside_window=2,
        judged=15,
        rejects=[Counted("stray quote", 2), Counted("event_at is missing", 1)],
        invalid_values=_invalid_values(("plan", HOSTILE, 2)),
    )
    orders = Ledger(
        rows_read=17,
        rows_rejected=1,
        rows_outside_window=1,
        judged=15,
        rejects=[Counted("ordered_at is missing", 1)],
        invalid_values=_invalid_values(("channel", HOSTILE, 1)),
    )
    skipped = [SkippedFile("logs/README.md", "not a log")]
    return Coverage({"events": events, "orders": orders}, skipped)


def _rules() -> list[RuleResult]:
    return [
        RuleResult(
            "HOST-001", "Hosts", Severity.HIGH, "d2", "ran",
            violation=1, compliant=13, not_applicable=1, boundary_rows=2, findings=1,
            boundary="depends on the time zone of 2020-05-01, here taken as Asia/Shanghai",
        ),
        RuleResult(
            "ROUTE-001", "Media left", Severity.HIGH, "d1", "ran",
            violation=4, compliant=3, unknown=6, not_applicable=2, findings=2,
            unknown_reasons=[Counted("a hop is unresolved", 4), Counted(HOSTILE, 2)],
        ),
        RuleResult(
            "ROUTE-002", "Media in CN", Severity.CRITICAL, "d3", "never_applied", not_applicable=15
        ),
        RuleResult(
            "SALE-001", "Sold", Severity.CRITICAL, "d4", "ran",
            violation=1, compliant=14, findings=1, table="orders",
        ),
        RuleResult(
            "SALE-002", "Sold online", Severity.MEDIUM, "d5", "not_run",
            not_run_reason="no orders were given", table="orders",
        ),
    ]  # fmt: skip


def _finding_frames() -> list[pl.DataFrame]:
    boundary = "in America/New_York this would be before the cut-off"
    hosting = finding(
        1, rule_id="HOST-001", subject_kind="meeting", session_id=None, boundary=boundary,
        account_id=None, policy=None, basis="billing_country", state="unchanged",
        jurisdictions=[], jurisdictions_outside=[], opted_in=[], media_bytes=None,
    )  # fmt: skip
    hostile = finding(
        2, account_id=HOSTILE, message=f"{HOSTILE} went through CN", route=["=1+1", "a;b\\", ""],
        rows=[{"path": HOSTILE, "row": 1}], events=12, media_bytes=2**63 + 1,
    )  # fmt: skip
    waived = finding(3, waiver="ops@example.com: moved by contract, until 2026-12-31")
    sale = finding(
        4, rule_id="SALE-001", severity="critical", subject_kind="order", order_id="o-1",
        account_id=None, meeting_id=None, session_id=None, start_basis=None, policy=None,
        message="o-1 was sold directly to a customer in CN", route=[], events=1,
    )  # fmt: skip
    return [frame(hosting, hostile), frame(), frame(waived, sale)]
