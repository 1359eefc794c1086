"""Parameters and the rule's zone put into a typed predicate."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from auditor.rules.faults import FaultKind
from auditor.rules.fold import folded
from auditor.rules.functions import check_names
from auditor.rules.ir import Node, Op, Type, literal
from auditor.rules.like import MAX_PATTERN, ends_in_escape
from auditor.rules.literals import midnight
from auditor.rules.model import ParamValue
from auditor.rules.parse import SqlFault
from auditor.rules.version import parts_of
from auditor.rules.vocabulary import check_word

_MAX_SIZE: Final = 20_000
_COPIES: Final = {
    Op.COALESCE: (2,),
    Op.DIV: (1, 2),
    Op.MOD: (2, 2),
    Op.VERSION_AT_LEAST: (20, 1),
    Op.NAMED_LIKE: (2, 1),
}
"""How often the Polars expression repeats each operand (the last: all others), where not once."""


class ParamFault(SqlFault):
    """A parameter's value does not fit where the predicate uses it."""

    def __init__(self, param: str, fault: SqlFault) -> None:
        super().__init__(fault.at, fault.message, fault.hint, fault.kind)
        self.param = param


def bind(node: Node, values: Mapping[str, ParamValue], zone: str | None) -> Node:
    """The predicate without parameters and days, constants folded.

    Args:
        node: a typed predicate.
        values: every parameter's value.
        zone: where the days begin.

    Raises:
        SqlFault: a value or pattern is not what its place wants, or the predicate is too large.
    """
    bound = _Binder(values, zone).node(node)
    if _size(bound, {}) > _MAX_SIZE:
        raise SqlFault(node.at, "the expression is too large", kind=FaultKind.TOO_LARGE)
    return bound


def _size(node: Node, known: dict[int, int]) -> int:
    if id(node) not in known:
        copies = _COPIES.get(node.op, (1,))
        known[id(node)] = 1 + sum(
            copies[min(i, len(copies) - 1)] * _size(arg, known) for i, arg in enumerate(node.args)
        )
    return known[id(node)]


class _Binder:
    def __init__(self, values: Mapping[str, ParamValue], zone: str | None) -> None:
        self._values = values
        self._zone = zone
        # A simple CASE shares its subject among its branches: without this, nested ones explode.
        self._done: dict[int, Node] = {}

    def node(self, node: Node) -> Node:
        if id(node) not in self._done:
            self._done[id(node)] = self._bound(node)
        return self._done[id(node)]

    def _bound(self, node: Node) -> Node:
        if node.op is Op.PARAM:
            return self._param(node)
        if node.op is Op.DAY:
            return literal(self._instant(node.value), Type.TIME, node.at)
        args: list[Node] = []
        for arg in node.args:
            args += self._words(arg) if arg.op is Op.PARAM else [self.node(arg)]
        bound = replace(node, args=tuple(args))
        try:
            _check(bound)
        except SqlFault as fault:
            given = [arg for arg in node.args if arg.op is Op.PARAM]
            raise (ParamFault(str(given[-1].value), fault) if given else fault) from fault
        return folded(bound)

    def _param(self, node: Node) -> Node:
        value = self._values[str(node.value)]
        if isinstance(value, date):
            value = self._instant(value)
        self._check_word(node, value)
        return literal(value, node.type, node.at)

    def _words(self, node: Node) -> list[Node]:
        """What a parameter stands for among operands: several where it is a list."""
        words = self._values[str(node.value)]
        if not isinstance(words, tuple):
            return [self.node(node)]
        for word in words:
            self._check_word(node, word)
        return [literal(word, node.type, node.at) for word in words]

    def _check_word(self, node: Node, value: ParamValue | datetime) -> None:
        if isinstance(value, str):
            try:
                check_word(value, node.type, node.choices, node.label, node.at)
            except SqlFault as fault:
                raise ParamFault(str(node.value), fault) from fault

    def _instant(self, day: object) -> datetime:
        if not isinstance(day, date) or self._zone is None:  # pragma: no cover - typing sees to it
            raise TypeError(day)
        return midnight(day, self._zone)


def _check(node: Node) -> None:
    """What only the value shows: a pattern's escapes, a version's form, that a name is one."""
    if node.op is Op.NAMED_LIKE:
        check_names(node.args[1:])
    if node.op is Op.LIKE:
        pattern = node.args[1]
        if len(str(pattern.value)) > MAX_PATTERN:
            message = f"a pattern of more than {MAX_PATTERN} characters"
            raise SqlFault(pattern.at, message, kind=FaultKind.TOO_LARGE)
        if isinstance(node.value, str) and ends_in_escape(str(pattern.value), node.value):
            raise SqlFault(pattern.at, "the pattern ends in its escape character")
    if node.op is Op.VERSION_AT_LEAST and parts_of(str(node.args[1].value)) is None:
        wanted = node.args[1]
        raise SqlFault(wanted.at, f"{wanted.value!r} is not a version", "write it as in '5.0'")
