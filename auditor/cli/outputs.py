"""Where an audit's outputs go: files whole or not at all, report bytes alone on stdout."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from auditor.cli.streams import say, silence_stdout, stdout_stream
from auditor.cli.types import Target
from auditor.engine.run import Audit
from auditor.errors import ReportError, UsageError
from auditor.reports import REPORT_FORMATS
from auditor.reports.escape import visible
from auditor.reports.files import write_whole
from auditor.reports.rows import ROW_FORMATS, write_rows


def check_row_file(path: Path | None) -> None:
    """Check that a file of rows has an ending that says how to write it.

    Raises:
        UsageError: it has another one.
    """
    if path is not None and path.suffix.lower() not in ROW_FORMATS:
        raise UsageError(
            f"{path}: rows are written as NDJSON or Parquet",
            hint=f"end the name in {' or '.join(ROW_FORMATS)}",
        )


def writes_of(
    done: Audit, targets: Sequence[Target], rejects: Path | None, unknowns: Path | None
) -> list[Callable[[], None]]:
    """One call per file to write."""
    writes: list[Callable[[], None]] = [
        partial(write_whole, t.path, partial(REPORT_FORMATS[t.format].write, done.report))
        for t in targets
    ]
    if rejects is not None:
        writes.append(lambda: write_rows(done.rejects(), rejects))
    if unknowns is not None:
        writes.append(lambda: write_rows(done.unknowns(), unknowns))
    return writes


def written(write: Callable[[], None]) -> ReportError | None:
    """The error that kept a file from being written; the other files are written all the same."""
    try:
        write()
    except ReportError as error:
        return error
    except BrokenPipeError:
        return None
    return None


def write_stdout(write: Callable[[BinaryIO], None]) -> ReportError | None:
    """Write a report to standard output; a reader that has seen enough is no error."""
    try:
        stream = stdout_stream()
        write(stream)
        stream.flush()
    except ReportError as error:
        return error
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        return ReportError(
            f"the report could not be written: {error.strerror}", location="standard output"
        )
    return None


def tell(done: Audit, failed: Sequence[ReportError], *, quiet: bool, is_shown: bool) -> None:
    """Say on standard error what the report's reader could miss.

    Args:
        done: the audit.
        failed: files that could not be written.
        quiet: only errors and incompleteness.
        is_shown: a person has the whole report on the screen already.
    """
    report = done.report
    for error in failed:
        say(shown_error(error))
    if not report.run.complete and not is_shown:
        say("INCOMPLETE: the audit could not decide all that it was given")
        for reason in report.run.incomplete_reasons:
            say(f"- {_visible_lines(reason)}")
    if quiet:
        return
    for remark in () if is_shown else report.warnings:
        say(f"warning: {visible(remark)}")
    for file in report.coverage.files_skipped:
        say(f"skipped {visible(file.path)}: {visible(file.reason)}")
    if not is_shown:
        state = "complete" if report.run.complete else "incomplete"
        tables = report.coverage.tables.items()
        audited = " and ".join(_counted(ledger.judged, table) for table, ledger in tables)
        lost = f"; {_counted(len(failed), 'outputs')} could not be written" if failed else ""
        say(f"{state}: {_counted(report.count(), 'findings')}, {audited} audited{lost}")


def _counted(number: int, things: str) -> str:
    return f"{number:,} {things.removesuffix('s') if number == 1 else things}"


def shown_error(error: Exception) -> str:
    """An error for standard error: control characters of names and values shown, not obeyed."""
    return _visible_lines(f"Error: {error}")


def _visible_lines(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))
