"""The terminal report as a whole: which sections, in which order, at which width."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import BinaryIO, Final

from rich.console import RenderableType
from rich.text import Text

from auditor.findings import Report
from auditor.reports.terminal.coverage import (
    coverage_of,
    inputs_of,
    run_of,
    unresolved_of,
    warnings_of,
)
from auditor.reports.terminal.findings import findings_of
from auditor.reports.terminal.page import write_page
from auditor.reports.terminal.rules import rules_of
from auditor.reports.terminal.verdict import reasons_of, verdict_of

_SECTIONS: Final[tuple[Callable[[Report], Iterable[RenderableType]], ...]] = (
    reasons_of,
    rules_of,
    findings_of,
    coverage_of,
    unresolved_of,
    warnings_of,
    inputs_of,
    run_of,
)


def write(report: Report, stream: BinaryIO) -> None:
    """Writes the report, with the verdict as its first and its last line.

    Only what cannot be broken (paths, the verdict) overflows. The lists are short ones; each says
    how long it is.
    """
    verdict = verdict_of(report)
    parts = chain.from_iterable(section(report) for section in _SECTIONS)
    write_page([verdict, *parts, Text(), verdict], stream)
