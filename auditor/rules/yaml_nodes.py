"""The tree of a YAML document, in which every key and value knows its position."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from auditor.errors import Problem
from auditor.rules.faults import FaultKind
from auditor.rules.source import Source

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?"
)


@dataclass(frozen=True, slots=True)
class YamlScalar:
    """A text, number, Boolean or null.

    Attributes:
        start, end: the span in the file, quotes and block header included.
        style: `'`, `"`, `|`, `>` or empty for a plain scalar.
        text: the text that is meant, unquoted and unfolded.
    """

    source: Source
    start: int
    end: int
    style: str
    text: str

    @property
    def value(self) -> str | int | float | bool | None:
        """The value by the YAML 1.2 core schema: `NO` and `2020-04-18` are texts."""
        if self.style:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        return float(self.text) if _FLOAT.fullmatch(self.text) else self.text

    def problem(
        self,
        message: str,
        hint: str = "",
        kind: FaultKind = FaultKind.INVALID_VALUE,
        *,
        at: int = 0,
    ) -> Problem:
        """A fault at character `at` of `text`, located in the file."""
        return self.source.problem(self._index_of(at), message, hint, kind)

    def _index_of(self, offset: int) -> int:
        """Where character `offset` of the text stands in the file.

        Folding and indentation only change blanks, so the n-th visible character of the text is
        the n-th of the raw span. Where escapes break that, the answer is the start of the scalar.
        """
        places = _places_of(self)
        if places is None:
            return self.start
        visible, raw = places
        rank = bisect_left(visible, offset)
        if rank < len(raw):
            return raw[rank]
        return raw[-1] + 1 if raw else self.start


@lru_cache(maxsize=8)
def _places_of(scalar: YamlScalar) -> tuple[list[int], list[int]] | None:
    """Where the visible characters stand in the text and in the file; None where they differ.

    Remembered, because one text may have thousands of faults.
    """
    raw = _visible_indices(scalar)
    visible = [i for i, c in enumerate(scalar.text) if not c.isspace()]
    file = scalar.source.text
    if len(raw) != len(visible) or any(
        file[i] != scalar.text[j] for i, j in zip(raw, visible, strict=True)
    ):
        return None
    return visible, raw


def _visible_indices(scalar: YamlScalar) -> list[int]:
    text, start, end = scalar.source.text, scalar.start, scalar.end
    if scalar.style in {"|", ">"}:
        start = text.find("\n", start)
    elif scalar.style:
        start, end = start + 1, end - 1
    found = [i for i in range(start, end) if not text[i].isspace()]
    return found if scalar.style != "'" else list(_unpaired(text, found))


def _unpaired(text: str, indices: Iterable[int]) -> Iterator[int]:
    """The indices without the first of each two quotes: in single quotes, `''` means one."""
    pending: int | None = None
    for i in indices:
        if pending is not None and text[i] == "'" and i == pending + 1:
            yield i
            pending = None
            continue
        if pending is not None:
            yield pending
        pending = i if text[i] == "'" else None
        if pending is None:
            yield i
    if pending is not None:
        yield pending


@dataclass(frozen=True, slots=True)
class YamlList:
    """A sequence."""

    source: Source
    start: int
    items: tuple["YamlNode", ...]

    def problem(
        self, message: str, hint: str = "", kind: FaultKind = FaultKind.INVALID_VALUE
    ) -> Problem:
        """A fault at the start of the list."""
        return self.source.problem(self.start, message, hint, kind)


@dataclass(frozen=True, slots=True)
class YamlMap:
    """A mapping with text keys; `keys` holds each key's own position."""

    source: Source
    start: int
    keys: dict[str, YamlScalar]
    values: dict[str, "YamlNode"]

    def problem(
        self, message: str, hint: str = "", kind: FaultKind = FaultKind.INVALID_VALUE
    ) -> Problem:
        """A fault at the start of the mapping."""
        return self.source.problem(self.start, message, hint, kind)


YamlNode = YamlScalar | YamlList | YamlMap
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


def plain_of(node: YamlNode) -> Plain:
    """The tree as plain Python values."""
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlList):
        return [plain_of(item) for item in node.items]
    return {key: plain_of(value) for key, value in node.values.items()}
