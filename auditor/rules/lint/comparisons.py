"""What a comparison with literals leaves of a term."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from auditor.rules.fold import folded
from auditor.rules.ir import Node, Op, Type, Value, literal
from auditor.rules.lint.domains import Domain

OPPOSITE: Final = {
    Op.EQ: Op.NE, Op.NE: Op.EQ, Op.LT: Op.GE, Op.GE: Op.LT, Op.LE: Op.GT, Op.GT: Op.LE,
    Op.SAME: Op.DIFFERS, Op.DIFFERS: Op.SAME,
}  # fmt: skip
MIRRORED: Final = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE}
_EXACT: Final = 2**53
"""Whole numbers up to here are the same as floats."""


def resolved(node: Node, midnight: Callable[[Value], Value]) -> Node:
    """`node` with days as instants and constant operands worked out; its conditions stay."""
    args = tuple(resolved(arg, midnight) for arg in node.args)
    if node.op is Op.DAY:
        return literal(midnight(node.value), Type.TIME, node.at)
    found = replace(node, args=args)
    is_constant = bool(args) and all(arg.is_literal for arg in args)
    return folded(found) if is_constant and node.type is not Type.BOOLEAN else found


def plain(value: Value) -> frozenset[Value]:
    """`value`, unless a comparison may round it."""
    is_rounded = isinstance(value, int | float) and abs(value) >= _EXACT
    return frozenset() if is_rounded else frozenset({value})


def allowed_by(op: Op, value: Value, one: Node) -> Domain:
    """What `one op value` leaves of `one`, apart from NULL."""
    if not plain(value):
        return Domain()
    if op in {Op.EQ, Op.SAME}:
        return Domain(listed_of({value}, one))
    if op is Op.NE:
        return Domain(excluded=frozenset({value}))
    if op in {Op.LT, Op.LE}:
        return Domain(high=value, has_high=op is Op.LE)
    return Domain(low=value, has_low=op is Op.GE)


def listed_of(values: Iterable[Value], one: Node) -> frozenset[Value] | None:
    """The values out of a list that `one` can have; None where a comparison may round one."""
    found = [value for value in values if value is not None]
    if any(not plain(value) for value in found):
        return None
    return frozenset(
        value for value in found if not (isinstance(value, str) and is_out_of_case(one, value))
    )


def is_out_of_case(one: Node, text: str) -> bool:
    """Whether LOWER() or UPPER() can never yield a text with such letters."""
    if one.op is Op.LOWER:
        return any("A" <= letter <= "Z" for letter in text)
    return one.op is Op.UPPER and any("a" <= letter <= "z" for letter in text)
