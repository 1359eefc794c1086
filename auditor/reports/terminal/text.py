"""Words, numbers and lists as the sections of the terminal report write them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group
from rich.text import Text

from auditor.coverage import Counted
from auditor.findings import Severity
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


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text that wraps between words and under itself; a longer word overflows the line.

    Rich would cut such a word, and a path in two pieces can be neither copied nor searched for.

    Attributes:
        text: safe to show already; its own line ends are kept.
        lead: what stands before its first line; the others get as many blanks.
        lead_style: of the lead.
    """

    text: Text
    lead: str
    lead_style: str = ""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The lines, each of which rich leaves as it is."""
        lead = self.lead
        for line in self.text.split("\n"):
            for part in line.divide(_breaks(line.plain, options.max_width - len(lead))):
                part.rstrip()
                yield unbroken((lead, self.lead_style), part)
                lead = " " * len(lead)


def unbroken(*parts: str | Text | tuple[str, str]) -> Text:
    """One line that overflows rather than wraps; a part may be a text and its style."""
    return Text.assemble(*parts, no_wrap=True, overflow="ignore")


def bullets(lines: Iterable[str | Text], mark: str = "-") -> Group:
    """A list whose entries wrap under themselves; texts must be safe to show already."""
    texts = [line if isinstance(line, Text) else Text(line) for line in lines]
    return Group(*(Hanging(text, f"  {mark} ") for text in texts))


def shortened(
    lines: Sequence[str], noun: str, plural: str = "", *, total: int | None = None
) -> Group:
    """The first `SHOWN` lines as a list, whose end says how many more there are.

    Args:
        lines: all of them, or no fewer than are shown.
        noun: what one of them is.
        plural: of `noun`, where it does not end in s.
        total: how many there are; None: all are given.
    """
    rest = (len(lines) if total is None else total) - SHOWN
    more = counted(rest, f"more {noun}", f"more {plural or noun + 's'}")
    end = [f"and {more}; --format json has all"] if rest > 0 else []
    return bullets([*lines[:SHOWN], *end])


def in_lines(values: Sequence[Counted], noun: str, *, empty: str = "") -> Group:
    """Untrusted values, each with the rows that hold it; `empty` stands for the empty text."""
    lines = [f"{visible(one.value) or empty}: {counted(one.rows, 'row')}" for one in values]
    return shortened(lines, noun)


def _breaks(line: str, width: int) -> list[int]:
    found = []
    used = 0
    for word in re.finditer("[^ ]+ *| +", line):
        if used and used + cell_len(word[0].rstrip(" ")) > width:
            found.append(word.start())
            used = 0
        used += cell_len(word[0])
    return found
