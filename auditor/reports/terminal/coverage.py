"""The ledger: which rows were read, rejected, unreadable or unresolved, and from which files."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from auditor.coverage import Ledger
from auditor.findings import InputFile, Report
from auditor.reports.document import time_of
from auditor.reports.escape import visible
from auditor.reports.terminal.text import (
    BAD,
    bullets,
    counted,
    heading,
    in_lines,
    number,
    shortened,
)

_DIGEST_SHOWN = 12


def coverage_of(report: Report) -> Iterator[RenderableType]:
    """The rows read, where they went, and what in them could not be used."""
    coverage = report.coverage
    yield heading("Coverage")
    for table, ledger in coverage.tables.items():
        yield bullets([_sum(ledger, table), *_span(ledger, table)])
        yield from _unusable(ledger, "" if table == "events" else f" of {table}")
    if coverage.files_skipped:
        yield Text("Files skipped")
        skipped = [f"{visible(f.path)}: {visible(f.reason)}" for f in coverage.files_skipped]
        yield shortened(skipped, "file")


def _unusable(ledger: Ledger, of_table: str) -> Iterator[RenderableType]:
    if ledger.rejects:
        yield Text(f"Rejected rows{of_table}, by reason")
        yield in_lines(ledger.rejects, "reason")
    if ledger.invalid_values:
        yield Text(f"Values{of_table} that are none of their column's")
        values = [
            f"{one.column} = {visible(one.value)}: {counted(one.rows, 'row')}"
            for one in ledger.invalid_values
        ]
        yield shortened(values, "value")


def unresolved_of(report: Report) -> Iterator[RenderableType]:
    """Hops and hosting accounts that no registry knows, and what is suspected of them."""
    if report.unresolved_hops:
        yield heading("Hops that nothing resolved")
        lines = [
            f"{visible(one.value) or '(empty)'}: {one.reason}, {counted(one.rows, 'row')}"
            for one in report.unresolved_hops
        ]
        yield shortened(lines, "hop")
    if report.suspected:
        yield heading("Suspected, on evidence that is not sure enough")
        lines = [
            f"{one.rule_id}: {visible(one.hop)} in {' or '.join(one.countries)} "
            f"({one.basis}), {counted(one.rows, 'row')}"
            for one in report.suspected
        ]
        yield shortened(lines, "suspicion")
    if report.unresolved_accounts:
        yield heading("Hosting accounts without a policy")
        lines = [
            f"{visible(one.account_id) or '(rows that name no account)'}: {one.reason}, "
            f"{counted(one.rows, 'row')}"
            for one in report.unresolved_accounts
        ]
        yield shortened(lines, "account")


def warnings_of(report: Report) -> Iterator[RenderableType]:
    """What a reader should know although no verdict hangs on it."""
    if report.warnings:
        yield heading("Warnings")
        yield bullets(visible(text) for text in report.warnings)


def inputs_of(report: Report) -> Iterator[RenderableType]:
    """The files that were read: logs, then registries."""
    yield heading("Inputs")
    yield shortened([_input(one) for one in report.inputs] or ["none"], "input")
    if report.registries:
        yield heading("Registries")
        lines = [
            f"{one.kind}: {visible(one.path)}, {counted(one.rows, 'row')}"
            f"{f', of {one.date}' if one.date else ''}{_digest(one.sha256)}"
            for one in report.registries
        ]
        yield shortened(lines, "registry", "registries")


def run_of(report: Report) -> Iterator[RenderableType]:
    """Which run this was, and the settings that a reader may need to judge it."""
    run, settings = report.run, report.settings
    yield heading("Run")
    window = [_time_or(settings.from_, "the first row"), _time_or(settings.to, "the last row")]
    told = {
        "run": f"{run.id}, auditor {report.version}, engine {run.engine}",
        "time": f"{time_of(run.started_at)} to {time_of(run.finished_at)}",
        "window": " to ".join(window),
        "time zone": settings.timezone or "as each time states",
        "source, operator": f"{settings.source}, {settings.operator}",
        "selected": ", ".join(settings.select) or "-",
        "ignored": ", ".join(settings.ignore) or "-",
        "parameters": ", ".join(f"{k}={v}" for k, v in sorted(settings.params.items())) or "-",
        "accepted rejects, unknown": f"{settings.max_rejects}, {settings.max_unknown}",
        "evidence demanded": settings.evidence_level,
        "fails on": settings.fail_on,
    }
    yield bullets(f"{name}: {visible(value)}" for name, value in told.items())


def _time_or(instant: datetime | None, otherwise: str) -> str:
    return time_of(instant) if instant else otherwise


def _sum(ledger: Ledger, table: str) -> Text:
    text = Text(
        f"{counted(ledger.rows_read, 'row')} read = "
        f"{counted(ledger.judged, table.removesuffix('s'))} "
        f"+ {number(ledger.rows_rejected)} rejected "
        f"+ {number(ledger.rows_outside_window)} outside the window"
    )
    if not ledger.reconciles:
        text.append(" - THIS DOES NOT ADD UP", style=BAD)
    return text


def _span(ledger: Ledger, table: str) -> Iterator[Text]:
    if ledger.first_at and ledger.last_at:
        yield Text(f"{table} from {time_of(ledger.first_at)} to {time_of(ledger.last_at)}")


def _input(one: InputFile) -> str:
    rows = "UNREADABLE" if one.rows is None else counted(one.rows, "row")
    size = counted(one.bytes, "byte")
    return f"{visible(one.path)}: {one.format}, {rows}, {size}{_digest(one.sha256)}"


def _digest(sha256: str | None) -> str:
    return f", sha256 {sha256[:_DIGEST_SHOWN]}..." if sha256 else ""
