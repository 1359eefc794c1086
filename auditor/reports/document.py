"""The report apart from its findings, as the plain values that JSON, NDJSON and Parquet share."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from auditor.coverage import Counted, Coverage, Ledger
from auditor.findings import REPORT_SCHEMA, Report, RuleResult, Run, Settings

TOOL: Final = "auditor"


@dataclass(frozen=True, slots=True)
class Tally:
    """How the findings compare to a baseline, and how many of them a waiver accepts."""

    new: int
    unchanged: int
    waived: int


def tally_of(report: Report) -> Tally:
    """Counts the findings by state; a waiver does not change a finding's state."""
    new = unchanged = waived = 0
    for frame in report.findings.columns("state", "waiver"):
        new += int((frame["state"] == "new").sum())
        unchanged += int((frame["state"] == "unchanged").sum())
        waived += frame.height - frame["waiver"].null_count()
    return Tally(new, unchanged, waived)


def header_of(report: Report) -> dict[str, object]:
    """All of `auditor/report/v1` but `findings`, in the published order of keys.

    Lists that may be long are frames, whose columns are the members of an entry.
    """
    return {
        "schema": REPORT_SCHEMA,
        "tool": tool_of(report),
        "run": _run(report.run),
        "settings": _settings(report.settings),
        "inputs": [asdict(one) for one in report.inputs],
        "registries": [asdict(one) for one in report.registries],
        "coverage": _coverage(report.coverage),
        "rules": [_rule(one) for one in report.rules],
        "unresolved": {
            "hops": report.unresolved_hops,
            "accounts": report.unresolved_accounts,
        },
        "warnings": list(report.warnings),
        "suspected": report.suspected,
        "summary": _summary(report),
    }


def tool_of(report: Report) -> dict[str, str]:
    """Which program, in which version, wrote the report."""
    return {"name": TOOL, "version": report.version}


def time_of(instant: datetime) -> str:
    """An instant as `2020-05-01T00:00:00Z`, with microseconds only where there are some."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _run(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "started_at": time_of(run.started_at),
        "finished_at": time_of(run.finished_at),
        "engine": run.engine,
        "complete": run.complete,
        "incomplete_reasons": list(run.incomplete_reasons),
    }


def _settings(settings: Settings) -> dict[str, object]:
    return {
        "params": dict(sorted(settings.params.items())),
        "timezone": settings.timezone,
        "source": settings.source,
        "operator": settings.operator,
        "from": time_of(settings.from_) if settings.from_ else None,
        "to": time_of(settings.to) if settings.to else None,
        "select": list(settings.select),
        "ignore": list(settings.ignore),
        "fail_on": settings.fail_on,
        "max_rejects": settings.max_rejects,
        "max_unknown": settings.max_unknown,
        "evidence_level": settings.evidence_level,
    }


def _coverage(coverage: Coverage) -> dict[str, object]:
    """The ledger of events, zeros where none were given, and that of orders, null likewise."""
    orders = coverage.tables.get("orders")
    return {
        **_ledger(coverage.tables.get("events", Ledger(0, 0, 0, 0)), "events"),
        "files_skipped": [asdict(one) for one in coverage.files_skipped],
        "reconciles": coverage.reconciles,
        "orders": None if orders is None else _ledger(orders, "orders"),
    }


def _ledger(ledger: Ledger, table: str) -> dict[str, object]:
    return {
        "rows_read": ledger.rows_read,
        "rows_rejected": ledger.rows_rejected,
        "rows_outside_window": ledger.rows_outside_window,
        table: ledger.judged,
        "first_at": time_of(ledger.first_at) if ledger.first_at else None,
        "last_at": time_of(ledger.last_at) if ledger.last_at else None,
        "rejects": _counted("reason", ledger.rejects),
        "invalid_values": ledger.invalid_values,
    }


def _rule(rule: RuleResult) -> dict[str, object]:
    reasons = _counted("reason", rule.unknown_reasons)
    return {**asdict(rule), "severity": rule.severity.value, "unknown_reasons": reasons}


def _counted(name: str, values: Iterable[Counted]) -> list[dict[str, object]]:
    return [{name: one.value, "rows": one.rows} for one in values]


def _summary(report: Report) -> dict[str, object]:
    tally = tally_of(report)
    return {
        "findings": report.count(),
        "by_severity": report.by_severity(),
        "by_rule": {rule.id: rule.findings for rule in report.rules},
        "new": tally.new,
        "unchanged": tally.unchanged,
        "resolved": report.resolved,
        "waived": tally.waived,
    }
