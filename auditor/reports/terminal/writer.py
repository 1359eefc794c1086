"""The terminal report as a whole: which sections, in which order, at which width."""

import os
import re
from collections.abc import Callable, Iterable
from io import StringIO
from itertools import chain
from typing import BinaryIO, Final

from rich.console import Console, Group, RenderableType
from rich.text import Text

from auditor.findings import Report
from auditor.reports.terminal.coverage import coverage_of, inputs_of, run_of, unresolved_of
from auditor.reports.terminal.findings import findings_of
from auditor.reports.terminal.rules import rules_of
from auditor.reports.terminal.verdict import reasons_of, verdict_of

_PLAIN_WIDTH: Final = 80
_LEAST_WIDTH: Final = 60

_SECTIONS: Final[tuple[Callable[[Report], Iterable[RenderableType]], ...]] = (
    reasons_of,
    rules_of,
    findings_of,
    coverage_of,
    unresolved_of,
    inputs_of,
    run_of,
)


def write(report: Report, stream: BinaryIO) -> None:
    """Writes the report, with the verdict as its first and its last line.

    It is as wide as `COLUMNS` says, else as the terminal, else 80 columns; only what cannot be
    broken (paths, the verdict) overflows. Colour is for terminals, unless `NO_COLOR` or
    `FORCE_COLOR` say otherwise. The lists are short ones; each says how long it is.
    """
    page = StringIO()
    console = Console(
        file=page,
        width=_width_of(stream),
        height=1,  # NOTE: without one, rich takes 80 columns for a terminal that it does not know.
        force_terminal=True if stream.isatty() else None,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    verdict = verdict_of(report)
    parts = chain.from_iterable(section(report) for section in _SECTIONS)
    # NOTE: a bare text would be joined to a new one, which wraps; in a group it stays as it is.
    console.print(Group(verdict, *parts, Text(), verdict), crop=False)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    stream.write("".join(f"{line}\n" for line in lines).encode())


def _width_of(stream: BinaryIO) -> int:
    wanted = os.environ.get("COLUMNS", "")
    if re.fullmatch("0*[1-9][0-9]{0,4}", wanted):
        return max(int(wanted), _LEAST_WIDTH)
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except OSError:  # NOTE: also what a stream without a descriptor raises.
        width = 0
    return max(width or _PLAIN_WIDTH, _LEAST_WIDTH)
