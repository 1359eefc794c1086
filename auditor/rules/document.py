"""YAML 1.2 text → the tree of its one document, or what is wrong with it."""

from collections.abc import Iterator
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
from auditor.rules.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

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
