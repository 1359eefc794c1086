"""The ledger: which rows were read, rejected, unreadable or unresolved, and from which files."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from auditor.coverage import Ledger
from auditor.findings import InputFile, Report
from auditor.reports.document import time_of
from auditor.reports.escape import visible
from auditor.reports.terminal.text import (
    BAD,
    SHOWN,
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
    if ledger.invalid_values.height:
        yield Text(f"Values{of_table} that are none of their column's")
        yield _first(
            ledger.invalid_values,
            "value",
            lambda column, value, rows: f"{column} = {visible(value)}: {counted(rows, 'row')}",
        )


def unresolved_of(report: Report) -> Iterator[RenderableType]:
    """Hops and hosting accounts that no registry knows, and what is suspected of them."""
    if report.unresolved_hops.height:
        yield heading("Hops that nothing resolved")
        yield _first(report.unresolved_hops, "hop", partial(_unresolved, "(empty)"))
    if report.suspected.height:
        yield heading("Suspected, on evidence that is not sure enough")
        yield _first(
            report.suspected,
            "suspicion",
            lambda rule_id, hop, countries, rows, basis: (
                f"{rule_id}: {visible(hop)} in {' or '.join(countries)} "
                f"({basis}), {counted(rows, 'row')}"
            ),
        )
    if report.unresolved_accounts.height:
        yield heading("Hosting accounts without a policy")
        unnamed = "(rows that name no account)"
        yield _first(report.unresolved_accounts, "account", partial(_unresolved, unnamed))


def _unresolved(empty: str, text: str, rows: int, why: str) -> str:
    return f"{visible(text) or empty}: {why}, {counted(rows, 'row')}"


def _first(entries: pl.DataFrame, noun: str, line: Callable[..., str]) -> Group:
    """The first entries, each as `line` makes it of its columns, and how many more there are."""
    lines = [line(*entry) for entry in entries.head(SHOWN).iter_rows()]
    return shortened(lines, noun, total=entries.height)


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
