"""YAML 1.2 text → a tree in which every key and value knows its position."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from yaml import CSafeLoader, parse
from yaml._yaml import Mark as CMark
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from auditor.errors import Problem
from auditor.rules.faults import FaultKind
from auditor.rules.source import Source

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 10_000
_HINTS: Final = {
    "mapping values are not allowed": "quote a text in which a blank follows a colon",
    "cannot start any token": "indent with blanks, not tabs, and quote a text that begins so",
    "found a tab character": "indent with blanks, not tabs",
    "did not find expected ',' or": "a comma is missing, or a bracket is not closed",
    "found unexpected end of stream": "a quote or bracket that was opened is not closed",
}
"""Part of what the parser says → what to do about it."""

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


def parse_document(source: Source) -> tuple[YamlNode | None, list[Problem]]:
    """The one document in `source` and what is wrong with it.

    Anchors, aliases, tags, duplicate keys, a second document, deep nesting and more values than a
    rule can have are faults. The node is None where the text cannot be read at all.
    """
    walk = _Walk(source)
    try:
        node = walk.document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = str(error.problem or error.context)
        hint = next((text for part, text in _HINTS.items() if part in reason), "")
        walk.fault(_index(mark), f"not YAML: {reason}", hint)
        return None, walk.problems
    except YAMLError as error:
        position = getattr(error, "position", 0)
        walk.fault(position, f"not YAML: {str(error).splitlines()[0]}")
        return None, walk.problems
    except _BoundsError as error:
        walk.fault(error.index, str(error), kind=FaultKind.TOO_LARGE)
        return None, walk.problems
    return node, walk.problems


def _index(mark: Mark | CMark | None) -> int:
    return mark.index if mark is not None else 0


class _BoundsError(Exception):
    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


class _Walk:
    """One walk over the parser's events; collects faults that do not stop it."""

    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self._values = 0
        self._source = source
        self._events: Iterator[Event] = parse(source.text, Loader=CSafeLoader)

    def document(self) -> YamlNode | None:
        node: YamlNode | None = None
        seen = 0
        for event in self._events:
            if isinstance(event, StreamStartEvent):
                continue
            if isinstance(event, DocumentStartEvent):
                seen += 1
                if seen > 1:
                    start = _index(event.start_mark)
                    self.fault(start, "a second document", "write one rule per file")
                    return node
                node = self._node(next(self._events), 1)
        return node

    def _node(self, event: Event, depth: int) -> YamlNode:
        start = _index(event.start_mark)
        self._values += 1
        if depth > MAX_DEPTH:
            raise _BoundsError(start, f"nested more than {MAX_DEPTH} deep")
        if self._values > MAX_VALUES:
            raise _BoundsError(start, f"more than {MAX_VALUES} values")
        if isinstance(event, AliasEvent):
            self.fault(start, "aliases are not allowed", "write the value out")
            return YamlScalar(self._source, start, start, "'", "")
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self.fault(start, "anchors are not allowed", "write the value out where it is used")
        if getattr(event, "tag", None) is not None:
            self.fault(start, "tags are not allowed", "remove the word that starts with '!'")
        if isinstance(event, SequenceStartEvent):
            return YamlList(self._source, start, tuple(self._items(depth)))
        if isinstance(event, MappingStartEvent):
            return self._mapping(start, depth)
        return self._scalar(event)

    def _scalar(self, event: Event) -> YamlScalar:
        if not isinstance(event, ScalarEvent):  # pragma: no cover - the parser has no other event
            raise TypeError(type(event).__name__)
        start, end = _index(event.start_mark), _index(event.end_mark)
        return YamlScalar(self._source, start, end, event.style or "", event.value)

    def _items(self, depth: int) -> Iterator[YamlNode]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _mapping(self, start: int, depth: int) -> YamlMap:
        found = YamlMap(self._source, start, {}, {})
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, YamlScalar):
                self.fault(key.start, "a key must be a text")
            elif key.text in found.keys:
                first, _ = self._source.position(found.keys[key.text].start)
                hint = f"it is first given in line {first}"
                self.fault(key.start, f"duplicate key {key.text!r}", hint)
            else:
                found.keys[key.text] = key
                found.values[key.text] = value
        return found

    def fault(
        self,
        index: int,
        message: str,
        hint: str = "",
        kind: FaultKind = FaultKind.INVALID_YAML,
    ) -> None:
        self.problems.append(self._source.problem(index, message, hint, kind))
