"""Words, numbers and lists as the sections of the terminal report write them."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.findings import Counted, Severity
from auditor.reports.escape import visible

SHOWN: Final = 10
"""How many entries a list shows before it only counts the rest."""

SEVERITY_STYLES: Final = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}

BAD: Final = "bold red"
WARN: Final = "yellow"
GOOD: Final = "bold green"
QUIET: Final = "dim"


def number(count: int) -> str:
    """`1,234,567`."""
    return f"{count:,}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """`1 finding`, `2 findings`, `1,000 entries`."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def heading(title: str) -> Text:
    """A section's title, after a blank line."""
    return Text(f"\n{title}", style="bold")


def bullets(lines: Iterable[str | Text], mark: str = "-") -> Padding:
    """A list whose entries wrap under themselves; texts must be safe to show already."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        grid.add_row(mark, line if isinstance(line, Text) else Text(line))
    return Padding(grid, (0, 0, 0, 2))


def shortened(lines: Sequence[str], noun: str, plural: str = "") -> Padding:
    """The first `SHOWN` lines as a list, whose end says how many more there are."""
    rest = len(lines) - SHOWN
    more = counted(rest, f"more {noun}", f"more {plural or noun + 's'}")
    end = [f"and {more}; --format json has all"] if rest > 0 else []
    return bullets([*lines[:SHOWN], *end])


def in_lines(values: Sequence[Counted], noun: str, *, empty: str = "") -> Padding:
    """Untrusted values, each with the rows that hold it; `empty` stands for the empty text."""
    lines = [f"{visible(one.value) or empty}: {counted(one.rows, 'row')}" for one in values]
    return shortened(lines, noun)
