"""Constants worked out before any row is seen, so that a rule reads no more than it must."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from auditor.rules.ir import Node, Op, Type, Value, literal
from auditor.rules.like import is_like
from auditor.rules.names import name_keys
from auditor.rules.version import is_text_at_least

_COMPARE: Final[dict[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_MIRRORED: Final = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE}


def folded(node: Node) -> Node:
    """`node`, whose arguments are folded, as a literal or a smaller node where that is certain.

    What reads no row always becomes a literal: Polars does not broadcast other constants.

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
    return _literal_last(node)


def _literal_last(node: Node) -> Node:
    """`1 < x` as `x > 1`: Polars 2.1 shrinks to one row where a literal stands on the left."""
    one, other = node.args
    if not one.is_literal:
        return node
    return replace(node, op=_MIRRORED.get(node.op, node.op), args=(other, one))


def _distinct(node: Node) -> Node:
    one, other = node.args
    if not (one.is_literal and other.is_literal):
        return _literal_last(node)
    return _truth((one.value == other.value) is (node.op is Op.SAME), node)


def _membership(node: Node) -> Node:
    needle, *listed = node.args
    if not listed:
        return _truth(value=False, node=node)
    if needle.is_null:
        return _truth(None, node)
    if not all(arg.is_literal for arg in node.args):
        return _any_equal(node) if needle.is_literal else node
    if any(item.value == needle.value for item in listed):
        return _truth(value=True, node=node)
    return _truth(None if any(item.is_null for item in listed) else False, node)


def _any_equal(node: Node) -> Node:
    needle, *listed = node.args
    tests = [replace(node, op=Op.EQ, args=(item, needle)) for item in listed]
    return _connector(replace(node, op=Op.OR, args=tuple(_comparison(test) for test in tests)))


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


def _between(node: Node) -> Node:
    """Two comparisons; Polars' is_between() gives null for `3 BETWEEN NULL AND 2`, not FALSE."""
    value, low, high = node.args
    ends = (replace(node, op=Op.GE, args=(value, low)), replace(node, op=Op.LE, args=(value, high)))
    return _connector(replace(node, op=Op.AND, args=tuple(_comparison(end) for end in ends)))


def _arithmetic(node: Node) -> Node:
    if not all(arg.is_literal for arg in node.args):
        return node
    one, other = (arg.value for arg in node.args)
    is_known = isinstance(one, int | float) and isinstance(other, int | float)
    return literal(_COMPUTE[node.op](one, other) if is_known else None, Type.NUMBER, node.at)


def _quotient(one: float, other: float) -> float | None:
    return float(one) / float(other) if other else None


def _remainder(one: float, other: float) -> float | None:
    size = abs(one) % abs(other) if other else None
    return -size if size is not None and one < 0 else size


_COMPUTE: Final[dict[Op, Callable[[Any, Any], int | float | None]]] = {
    Op.ADD: operator.add,
    Op.SUB: operator.sub,
    Op.MUL: lambda a, b: float(a) * float(b),
    Op.DIV: _quotient,
    Op.MOD: _remainder,
}


def _letters(node: Node) -> Node:
    (arg,) = node.args
    if not arg.is_literal:
        return node
    change = str.lower if node.op is Op.LOWER else str.upper
    return literal(None if arg.value is None else change(str(arg.value)), Type.TEXT, node.at)


def _like(node: Node) -> Node:
    text, pattern = node.args
    if text.is_null or pattern.is_null:
        return _truth(None, node)
    if not text.is_literal:
        return node
    escape = node.value if isinstance(node.value, str) else None
    return _truth(is_like(str(text.value), str(pattern.value), escape), node)


def _version(node: Node) -> Node:
    text, wanted = node.args
    if text.is_null:
        return _truth(None, node)
    if not text.is_literal:
        return node
    return _truth(is_text_at_least(str(text.value), str(wanted.value)), node)


def _named(node: Node) -> Node:
    text, *names = node.args
    if text.is_null:
        return _truth(None, node)
    if not text.is_literal:
        return node
    key, *listed = name_keys([str(arg.value) for arg in (text, *names)])
    return _truth(None if key is None else key in listed, node)


_FOLDS: Final[dict[Op, Callable[[Node], Node]]] = {
    **dict.fromkeys((Op.AND, Op.OR), _connector),
    **dict.fromkeys(_COMPARE, _comparison),
    **dict.fromkeys((Op.SAME, Op.DIFFERS), _distinct),
    Op.NOT: _negation,
    Op.IN: _membership,
    Op.IS_NULL: _is_null,
    Op.CASE: _case,
    Op.COALESCE: _coalesce,
    Op.BETWEEN: _between,
    **dict.fromkeys(_COMPUTE, _arithmetic),
    **dict.fromkeys((Op.LOWER, Op.UPPER), _letters),
    Op.LIKE: _like,
    Op.VERSION_AT_LEAST: _version,
    Op.NAMED_LIKE: _named,
}
