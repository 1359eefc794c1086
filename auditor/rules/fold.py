"""Constants worked out before any row is seen, so that a rule reads no more than it must."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from auditor.rules.ir import Node, Op, Type, Value, literal

_COMPARE: Final[dict[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
    Op.LT: lambda a, b: a < b,
    Op.LE: lambda a, b: a <= b,
    Op.GT: lambda a, b: a > b,
    Op.GE: lambda a, b: a >= b,
}


def folded(node: Node) -> Node:
    """`node`, whose arguments are folded, as a literal or a smaller node where that is certain.

    The truth stays SQL's: `FALSE AND x` is FALSE and no longer reads `x`; `NULL AND x` is not
    known.
    """
    fold = _FOLDS.get(node.op)
    return fold(node) if fold else node


def _truth(value: Value, node: Node) -> Node:
    return literal(value, Type.BOOLEAN, node.at)


def _connector(node: Node) -> Node:
    """AND ends at FALSE and drops TRUE; OR the other way round."""
    ends, drops = (False, True) if node.op is Op.AND else (True, False)
    if any(arg.is_literal and arg.value is ends for arg in node.args):
        return _truth(ends, node)
    rest = [arg for arg in node.args if not (arg.is_literal and arg.value is drops)]
    if all(arg.is_null for arg in rest):
        return _truth(None if rest else drops, node)
    return rest[0] if len(rest) == 1 else replace(node, args=tuple(rest))


def _negation(node: Node) -> Node:
    (arg,) = node.args
    if not arg.is_literal:
        return node
    return _truth(None if arg.value is None else not arg.value, node)


def _comparison(node: Node) -> Node:
    one, other = node.args
    if one.is_null or other.is_null:
        return _truth(None, node)
    if one.is_literal and other.is_literal:
        return _truth(_COMPARE[node.op](one.value, other.value), node)
    return node


def _distinct(node: Node) -> Node:
    one, other = node.args
    if not (one.is_literal and other.is_literal):
        return node
    return _truth((one.value == other.value) is (node.op is Op.SAME), node)


def _membership(node: Node) -> Node:
    needle, *listed = node.args
    if not listed:
        return _truth(value=False, node=node)
    if needle.is_null:
        return _truth(None, node)
    if not all(arg.is_literal for arg in node.args):
        return node
    if any(item.value == needle.value for item in listed):
        return _truth(value=True, node=node)
    return _truth(None if any(item.is_null for item in listed) else False, node)


def _is_null(node: Node) -> Node:
    (arg,) = node.args
    return _truth(arg.value is None, node) if arg.is_literal else node


def _case(node: Node) -> Node:
    branches, other = _branches(node)
    kept: list[Node] = []
    for condition, value in branches:
        if condition.is_literal and condition.value is True:
            other = value
            break
        if not condition.is_literal:
            kept += [condition, value]
    return replace(node, args=(*kept, other)) if kept else other


def _branches(node: Node) -> tuple[Sequence[tuple[Node, Node]], Node]:
    *pairs, other = node.args
    return list(zip(pairs[::2], pairs[1::2], strict=True)), other


def _coalesce(node: Node) -> Node:
    kept: list[Node] = []
    for arg in node.args:
        if arg.is_null:
            continue
        kept.append(arg)
        if arg.is_literal:
            break
    if not kept:
        return literal(None, node.type, node.at)
    return kept[0] if len(kept) == 1 else replace(node, args=tuple(kept))


_FOLDS: Final[dict[Op, Callable[[Node], Node]]] = {
    **dict.fromkeys((Op.AND, Op.OR), _connector),
    **dict.fromkeys(_COMPARE, _comparison),
    **dict.fromkeys((Op.SAME, Op.DIFFERS), _distinct),
    Op.NOT: _negation,
    Op.IN: _membership,
    Op.IS_NULL: _is_null,
    Op.CASE: _case,
    Op.COALESCE: _coalesce,
}
