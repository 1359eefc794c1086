"""Typed reading of a YAML mapping: every fault is collected, none stops the reading."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from auditor.errors import Problem, did_you_mean
from auditor.rules.faults import FaultKind
from auditor.rules.literals import day_of, instant_of
from auditor.rules.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

MOST_ITEMS: Final = 1_000
MOST_CLAUSES: Final = 100
"""Each is part of one Polars expression, whose depth has bounds."""

_NAMES: Final = {YamlList: "a list", YamlMap: "a mapping"}


class Fields:
    """The keys of one mapping; what is read with a fault comes out empty.

    Attributes:
        problems: where faults go; shared by all parts of a file.
    """

    def __init__(self, node: YamlMap, known: Sequence[str], problems: list[Problem]) -> None:
        self.problems = problems
        self._node = node
        for name, key in node.keys.items():
            if name not in known:
                hint = did_you_mean(name, known)
                problems.append(key.problem(f"unknown key {name!r}", hint, FaultKind.UNKNOWN_KEY))

    @property
    def location(self) -> str:
        """Where the mapping starts: `path:line:column`."""
        return self._node.problem("").location

    def has(self, name: str) -> bool:
        """Whether the key is there, be its value null."""
        return name in self._node.values

    def refuse(self, beside: str, *names: str) -> None:
        """Fault the keys that do not go with the key `beside`."""
        for name in names:
            if self.has(name):
                key = self._node.keys[name]
                message = f"key {name!r} does not go with {beside!r}"
                self.problems.append(key.problem(message, kind=FaultKind.UNKNOWN_KEY))

    def require(self, *names: str) -> None:
        """Fault the keys that are missing or null."""
        missing = [name for name in names if self.scalar_or_node(name) is None]
        for name in missing:
            fault = self._node.problem(f"key {name!r} is missing", kind=FaultKind.MISSING_KEY)
            self.problems.append(fault)

    def scalar_or_node(self, name: str) -> YamlNode | None:
        """What stands at `name`; None where nothing or null does."""
        node = self._node.values.get(name)
        is_null = isinstance(node, YamlScalar) and node.value is None
        return None if is_null else node

    def text(self, name: str) -> str | None:
        """A text that is not empty, as written."""
        node = self.scalar_or_node(name)
        return None if node is None else text_of(node, name, self.problems)

    def boolean(self, name: str) -> bool | None:
        """True or false."""
        node = self.scalar_or_node(name)
        value = node.value if isinstance(node, YamlScalar) else None
        if node is not None and not isinstance(value, bool):
            self.fault(name, f"{name} must be true or false")
        return value if isinstance(value, bool) else None

    def scalar_text(self, name: str) -> str | None:
        """Any scalar as it is written; None where nothing or null is."""
        node = self.scalar_or_node(name)
        if node is not None and not isinstance(node, YamlScalar):
            self.fault(name, f"{name} takes one value")
        return node.text if isinstance(node, YamlScalar) else None

    def choice(self, name: str, allowed: Iterable[str]) -> str | None:
        """A text out of a closed vocabulary."""
        text = self.text(name)
        known = list(allowed)
        if text is None or text in known:
            return text
        hint = did_you_mean(text, known)
        self.fault(name, f"unknown {name} {text!r}", hint, FaultKind.UNKNOWN_VALUE)
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = (text_of(item, name, self.problems) for item in self.items(name))
        return tuple(text for text in found if text is not None)

    def items(self, name: str, most: int = MOST_ITEMS) -> Sequence[YamlNode]:
        """The items of a list of no more than `most`."""
        node = self.scalar_or_node(name)
        if isinstance(node, YamlList):
            if len(node.items) > most:
                message = f"{name} has more than {most} items"
                self.problems.append(node.items[most].problem(message, kind=FaultKind.TOO_LARGE))
            return node.items[:most]
        if node is not None:
            self.fault(name, f"{name} must be a list")
        return ()

    def maps(self, name: str, known: Sequence[str], most: int = MOST_ITEMS) -> Iterator["Fields"]:
        """The items of a list of no more than `most` mappings."""
        for item in self.items(name, most):
            if isinstance(item, YamlMap):
                yield Fields(item, known, self.problems)
            else:
                self.problems.append(item.problem(f"each of {name} must be a mapping"))

    def map(self, name: str, most: int = MOST_CLAUSES) -> YamlMap | None:
        """A mapping of no more than `most` keys."""
        node = self.scalar_or_node(name)
        if isinstance(node, YamlMap) and len(node.keys) > most:
            message = f"{name} has more than {most} keys"
            self.problems.append(node.problem(message, kind=FaultKind.TOO_LARGE))
            return None
        if node is None or isinstance(node, YamlMap):
            return node
        self.fault(name, f"{name} must be a mapping")
        return None

    def moment(self, name: str) -> date | datetime | None:
        """A day, or an instant with a zone."""
        text = self.text(name)
        if text is None:
            return None
        moment = instant_of(text) or day_of(text)
        if moment is None:
            hint = "write 2020-05-01, or an instant with its zone such as 2020-05-01T00:00:00Z"
            message = f"{name} {text!r} is neither a date nor an instant"
            self.fault(name, message, hint, FaultKind.INVALID_DATE)
        return moment

    def wrong(self, message: str, hint: str = "") -> None:
        """Record a fault of the mapping as a whole."""
        self.problems.append(self._node.problem(message, hint))

    def fault(
        self,
        name: str,
        message: str,
        hint: str = "",
        kind: FaultKind = FaultKind.INVALID_VALUE,
    ) -> None:
        """Record a fault at the value of `name`."""
        node = self._node.values.get(name, self._node)
        self.problems.append(node.problem(message, hint, kind))


def text_of(node: YamlNode, name: str, problems: list[Problem]) -> str | None:
    """The text that `node` holds, or None and a fault."""
    if isinstance(node, YamlScalar) and isinstance(node.value, str):
        if node.value.strip():
            return node.text
        problems.append(node.problem(f"{name} is empty"))
        return None
    is_scalar = isinstance(node, YamlScalar)
    hint = f"put it in quotes: '{node.text}'" if isinstance(node, YamlScalar) else ""
    what = "a number or Boolean" if is_scalar else _NAMES[type(node)]
    problems.append(node.problem(f"{name} must be a text, not {what}", hint))
    return None
