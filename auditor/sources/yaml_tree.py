"""Strict YAML 1.2: one document as plain values, each with its place in the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from auditor.errors import Problem, ProfileError, did_you_mean

_MAX_DEPTH: Final = 16
_MAX_CHARACTERS: Final = 256 * 1024
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "bool", "null", "int", "float", "timestamp")
)
_TRUE: Final = {"true": True, "false": False}
_NULLS: Final = ("", "~", "null")


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
        _refuse_depth(text, path)
        documents = list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise ProfileError(f"not YAML: {error.problem}", location=place) from error
    except YAMLError as error:
        raise ProfileError(f"not YAML: {error}", location=path) from error
    if len(documents) != 1:
        raise ProfileError(f"expected one document, found {len(documents)}", location=path)
    return _Tree(path).value(documents[0])


def _refuse_depth(text: str, path: str) -> None:
    # NOTE: composing recurses and slows down with the square of the depth, parsing does neither.
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _MAX_DEPTH:
            mark = event.start_mark
            place = f"{path}:{mark.line + 1}:{mark.column + 1}"
            raise ProfileError("nested too deeply", location=place)


@dataclass(frozen=True, slots=True)
class _Tree:
    path: str

    def place(self, node: Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"

    def value(self, node: Node) -> Located:
        self._refuse(node)
        if isinstance(node, MappingNode):
            return Located(dict(self._entries(node)), self.place(node))
        if isinstance(node, SequenceNode):
            items = [self.value(item) for item in node.value]
            return Located(items, self.place(node))
        return Located(_scalar(node), self.place(node))

    def _entries(self, node: MappingNode) -> Iterator[tuple[str, Located]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            self._refuse(key_node)
            if not isinstance(key_node, ScalarNode):
                raise ProfileError("a key must be text", location=self.place(key_node))
            key = str(key_node.value)
            if key in seen:
                raise ProfileError(f"{key!r} is given twice", location=self.place(key_node))
            seen.add(key)
            found = self.value(value_node)
            yield key, Located(found.value, found.location, self.place(key_node))

    def _refuse(self, node: Node) -> None:
        if node.anchor:
            raise ProfileError("anchors are not allowed", location=self.place(node))
        if str(node.tag) not in _PLAIN_TAGS:
            raise ProfileError(f"tag {node.tag} is not allowed", location=self.place(node))


def _scalar(node: Node) -> str | bool | None:
    text = str(node.value)
    if isinstance(node, ScalarNode) and node.style is not None:
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
