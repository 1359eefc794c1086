"""The terminal report as a whole: which sections, in which order, at which width."""

from collections.abc import Callable, Iterable
from io import StringIO
from typing import BinaryIO, Final

from rich.console import Console, RenderableType

from auditor.findings import Report
from auditor.reports.terminal.coverage import coverage_of, inputs_of, run_of, unresolved_of
from auditor.reports.terminal.findings import findings_of
from auditor.reports.terminal.rules import rules_of
from auditor.reports.terminal.verdict import verdict_of

_PLAIN_WIDTH: Final = 80

_SECTIONS: Final[tuple[Callable[[Report], Iterable[RenderableType]], ...]] = (
    verdict_of,
    rules_of,
    findings_of,
    coverage_of,
    unresolved_of,
    inputs_of,
    run_of,
)


def write(report: Report, stream: BinaryIO) -> None:
    """Writes the report: 80 columns and no colour unless the stream is a terminal.

    `NO_COLOR` and `FORCE_COLOR` are heeded. The lists are short ones; each says how long it is.
    """
    is_terminal = stream.isatty()
    page = StringIO()
    console = Console(
        file=page,
        width=None if is_terminal else _PLAIN_WIDTH,
        force_terminal=True if is_terminal else None,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for section in _SECTIONS:
        for part in section(report):
            console.print(part)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    stream.write("".join(f"{line}\n" for line in lines).encode())
