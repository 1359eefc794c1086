"""Strict YAML 1.2: one document as plain values, each with its place in the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from yaml import CSafeLoader, parse
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from auditor.errors import Problem, ProfileError, did_you_mean

_MAX_DEPTH: Final = 16
_MAX_CHARACTERS: Final = 256 * 1024
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "bool", "null", "int", "float", "timestamp")
)
_OWN_TAGS: Final = {"<<": "tag:yaml.org,2002:merge", "=": "tag:yaml.org,2002:value"}
_TRUE: Final = {"true": True, "false": False}
_NULLS: Final = ("", "~", "null")
_FRAME: Final = (StreamStartEvent, StreamEndEvent, DocumentStartEvent, DocumentEndEvent)


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a document and where it begins.

    Attributes:
        value: text, Boolean or None; a list of `Located`; a dict from text to `Located`.
        location: `path:line:col`, counted from 1.
        key_location: of the key that leads to the value; where there is none, `location`.
    """

    value: "str | bool | list[Located] | dict[str, Located] | None"
    location: str
    key_location: str = ""


def load_yaml(text: str, path: str) -> Located:
    """The one document in `text`.

    Plain scalars other than `true`, `false` and `null` are text, so `NO` and `2020-04-18` stay
    what was written.

    Raises:
        ProfileError: no or several documents, anchors, tags, a key given twice, too large.
    """
    if len(text) > _MAX_CHARACTERS:
        raise ProfileError("the file is larger than 256 KiB", location=path)
    try:
        events = list(_events(text, path))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise ProfileError(f"not YAML: {error.problem}", location=place) from error
    except YAMLError as error:
        raise ProfileError(f"not YAML: {error}", location=path) from error
    _refuse_undefined(events, path)
    documents = sum(isinstance(event, DocumentStartEvent) for event in events)
    if documents != 1:
        raise ProfileError(f"expected one document, found {documents}", location=path)
    nodes = (event for event in events if not isinstance(event, _FRAME))
    return _Tree(path, nodes).value(next(nodes))


def _events(text: str, path: str) -> Iterator[Event]:
    """What the parser finds, as long as it is not nested too deeply.

    NOTE: a composer would resolve a tag for every scalar, by the rules of YAML 1.1.
    """
    depth = 0
    for event in parse(text, Loader=CSafeLoader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise ProfileError("nested too deeply", location=_place(path, event))
        yield event


def _refuse_undefined(events: Sequence[Event], path: str) -> None:
    anchors: set[str] = set()
    for event in events:
        if isinstance(event, DocumentStartEvent):
            anchors.clear()
        elif isinstance(event, AliasEvent) and event.anchor not in anchors:
            message = f"not YAML: found undefined alias {event.anchor!r}"
            raise ProfileError(message, location=_place(path, event))
        elif isinstance(event, NodeEvent) and event.anchor:
            anchors.add(event.anchor)


def _place(path: str, event: Event) -> str:
    mark = event.start_mark
    return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else path


@dataclass(frozen=True, slots=True)
class _Tree:
    path: str
    events: Iterator[Event]

    def place(self, event: Event) -> str:
        return _place(self.path, event)

    def value(self, event: Event) -> Located:
        self._refuse(event)
        place = self.place(event)
        if isinstance(event, MappingStartEvent):
            return Located(dict(self._entries()), place)
        if isinstance(event, ScalarEvent):
            return Located(_scalar(event), place)
        return Located([self.value(item) for item in self._parts()], place)

    def _parts(self) -> Iterator[Event]:
        """The events with which the items of a list, or the keys of a mapping, begin."""
        while not isinstance(event := next(self.events), CollectionEndEvent):
            yield event

    def _entries(self) -> Iterator[tuple[str, Located]]:
        seen: set[str] = set()
        for event in self._parts():
            self._refuse(event)
            if not isinstance(event, ScalarEvent):
                raise ProfileError("a key must be text", location=self.place(event))
            key = str(event.value)
            if key in seen:
                raise ProfileError(f"{key!r} is given twice", location=self.place(event))
            seen.add(key)
            found = self.value(next(self.events))
            yield key, Located(found.value, found.location, self.place(event))

    def _refuse(self, event: Event) -> None:
        if isinstance(event, NodeEvent) and event.anchor:
            raise ProfileError("anchors are not allowed", location=self.place(event))
        tag = _tag(event)
        if tag and tag not in _PLAIN_TAGS:
            raise ProfileError(f"tag {tag} is not allowed", location=self.place(event))


def _tag(event: Event) -> str:
    """The tag that is written, or that a plain `<<` or `=` has of itself; else empty."""
    written = getattr(event, "tag", None)
    if written is not None and str(written) != "!":
        return str(written)
    if isinstance(event, ScalarEvent) and event.implicit[0]:
        return _OWN_TAGS.get(str(event.value), "")
    return ""


def _scalar(event: ScalarEvent) -> str | bool | None:
    text = str(event.value)
    if event.style:
        return text
    if text in _NULLS:
        return None
    return _TRUE.get(text, text)


@dataclass(slots=True)
class TreeReader:
    """Reads a document's values and collects every fault instead of stopping at the first."""

    problems: list[Problem] = field(default_factory=list)

    def fault(self, message: str, location: str, hint: str = "") -> None:
        """Note one fault."""
        self.problems.append(Problem(message, location, hint))

    def keys(
        self, tree: Located | None, known: str | None, required: str = ""
    ) -> dict[str, Located]:
        """The entries of a mapping; `known` None: whatever they are, and no complaint."""
        if tree is None:
            return {}
        if not isinstance(tree.value, dict):
            self.fault("expected keys and values", tree.location)
            return {}
        for name, value in tree.value.items():
            if known is not None and name not in known.split():
                hint = did_you_mean(name, known.split())
                self.fault(f"unknown key {name!r}", value.key_location, hint)
        for name in required.split():
            if name not in tree.value:
                self.fault(f"{name!r} is missing", tree.location)
        return tree.value

    def mapping(self, tree: Located) -> dict[str, str]:
        """Texts by case-folded text."""
        return {name.casefold(): self.text(v) for name, v in self.keys(tree, None).items()}

    def items(self, tree: Located | None) -> Iterator[Located]:
        """The items of a list; a single value counts as a list of one."""
        if tree is not None:
            yield from tree.value if isinstance(tree.value, list) else [tree]

    def texts(self, tree: Located | None) -> tuple[str, ...]:
        """A list of texts, or a single one."""
        return tuple(self.text(item) for item in self.items(tree))

    def text(self, tree: Located | None, default: str = "") -> str:
        """A text; `true` and `false` are texts here."""
        if tree is None:
            return default
        if not isinstance(tree.value, str | bool):
            self.fault("expected text", tree.location)
            return default
        return tree.value if isinstance(tree.value, str) else str(tree.value).lower()

    def flag(self, tree: Located | None, *, default: bool = False) -> bool:
        """A Boolean."""
        if tree is None:
            return default
        if not isinstance(tree.value, bool):
            self.fault("expected true or false", tree.location)
            return default
        return tree.value

    def choice(
        self, tree: Located | None, known: tuple[str, ...], what: str, default: str = ""
    ) -> str:
        """One of the `known` texts; another one is a fault that lists them."""
        if tree is None:
            return default
        text = self.text(tree)
        if text in known:
            return text
        self.fault(f"unknown {what} {text!r}", tree.location, did_you_mean(text, known))
        return default or known[0]
