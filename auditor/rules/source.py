"""The text of one rule file, and faults located in it by line, column and excerpt."""

from dataclasses import dataclass
from typing import Final

from auditor.errors import Problem
from auditor.rules.faults import FaultKind

_EXCERPT_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A rule file's text, its lines ended by line feeds alone.

    Attributes:
        path: as the user knows it.
        text: the whole file, without a byte order mark.
    """

    path: str
    text: str

    def position(self, index: int) -> tuple[int, int]:
        """Line and column of character `index`, both from 1."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - line_start + 1

    def problem(
        self, index: int, message: str, hint: str = "", kind: FaultKind = FaultKind.INVALID_VALUE
    ) -> Problem:
        """A fault at character `index`, with its line and a caret below it."""
        line, column = self.position(index)
        return Problem(message, f"{self.path}:{line}:{column}", hint, self._excerpt(index), kind)

    def _excerpt(self, index: int) -> str:
        start = self.text.rfind("\n", 0, index) + 1
        end = self.text.find("\n", index)
        shown_from = max(start, index - _EXCERPT_WIDTH // 2)
        stop = min(end if end >= 0 else len(self.text), shown_from + _EXCERPT_WIDTH)
        line = self.text[shown_from:stop]
        margin = "".join("\t" if c == "\t" else " " for c in line[: index - shown_from])
        return f"{line}\n{margin}^"
