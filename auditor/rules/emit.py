"""Typed predicates → Polars expressions with SQL's three-valued truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from auditor.jurisdictions import Groups
from auditor.rules.ir import Node, Op, Type
from auditor.rules.like import like
from auditor.rules.names import is_named_like
from auditor.rules.set_functions import group_member, set_of, touches, within
from auditor.rules.version import is_at_least
from auditor.schema import TIME

_DTYPES: Final = {
    Type.BOOLEAN: pl.Boolean(),
    Type.NULL: pl.Boolean(),
    Type.TIME: TIME,
    Type.NUMBER: pl.Int128(),
}


@dataclass(frozen=True, slots=True)
class Emitter:
    """Makes expressions over the fact columns of one table.

    Attributes:
        groups: dated membership.
        at: the instant at which membership counts.
    """

    groups: Groups
    at: pl.Expr

    def emit(self, node: Node) -> pl.Expr:
        """One expression of the type's dtype; numbers are Int128 or Float64.

        Raises:
            SqlFault: a group is not known.
        """
        return _EMITTERS[node.op](self, node)

    def args(self, node: Node) -> list[pl.Expr]:
        """The expressions of a node's operands."""
        return [self.emit(arg) for arg in node.args]


def _literal(_emitter: Emitter, node: Node) -> pl.Expr:
    if isinstance(node.value, float):
        return pl.lit(node.value, dtype=pl.Float64)
    return pl.lit(node.value, dtype=_DTYPES.get(node.type, pl.String()))


def _field(_emitter: Emitter, node: Node) -> pl.Expr:
    column = pl.col(str(node.value))
    # Bytes travel as UInt64, where 1 - 2 would wrap around.
    return column.cast(pl.Int128) if node.type is Type.NUMBER else column


def _all_of(emitter: Emitter, node: Node) -> pl.Expr:
    return _balanced(emitter.args(node), lambda a, b: a & b)


def _any_of(emitter: Emitter, node: Node) -> pl.Expr:
    return _balanced(emitter.args(node), lambda a, b: a | b)


def _balanced(parts: Sequence[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """A chain as a shallow tree: thousands of terms must not exhaust the planner's stack."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_balanced(parts[:middle], join), _balanced(parts[middle:], join))


def _not(emitter: Emitter, node: Node) -> pl.Expr:
    return ~emitter.emit(node.args[0])


def _binary(apply: Callable[[pl.Expr, pl.Expr], pl.Expr], emitter: Emitter, node: Node) -> pl.Expr:
    left, right = emitter.args(node)
    return apply(left, right)


def _in(emitter: Emitter, node: Node) -> pl.Expr:
    needle, *listed = node.args
    value = emitter.emit(needle)
    words = [item.value for item in listed if item.is_literal and isinstance(item.value, str)]
    others = [item for item in listed if not (item.is_literal and isinstance(item.value, str))]
    tests = [value.is_in(words)] if words else []
    tests += [value == emitter.emit(item) for item in others]
    return _balanced(tests, lambda a, b: a | b) if tests else pl.lit(value=False)


def _is_null(emitter: Emitter, node: Node) -> pl.Expr:
    (arg,) = node.args
    if arg.type is Type.SET:
        return set_of([arg], emitter.groups, emitter.at).is_missing()
    return emitter.emit(arg).is_null()


def _like(emitter: Emitter, node: Node) -> pl.Expr:
    text, pattern = node.args
    if pattern.value is None:
        return pl.lit(None, dtype=pl.Boolean)
    escape = node.value if isinstance(node.value, str) else None
    return like(emitter.emit(text), str(pattern.value), escape)


def _case(emitter: Emitter, node: Node) -> pl.Expr:
    *pairs, other = emitter.args(node)
    expr = other
    for condition, value in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
        expr = pl.when(condition).then(value).otherwise(expr)
    return expr


def _coalesce(emitter: Emitter, node: Node) -> pl.Expr:
    # NOTE: pl.coalesce() shrinks to one row where all before a literal is null.
    *earlier, expr = emitter.args(node)
    for arg in reversed(earlier):
        expr = pl.when(arg.is_not_null()).then(arg).otherwise(expr)
    return expr


def _times(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return left.cast(pl.Float64) * right.cast(pl.Float64)


def _divided(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return left.cast(pl.Float64) / _unless_zero(right).cast(pl.Float64)


def _remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The remainder with the sign of the dividend, as in SQL; Polars' has the divisor's."""
    size = left.abs() % _unless_zero(right).abs()
    return pl.when(left < 0).then(0 - size).otherwise(size)


def _unless_zero(number: pl.Expr) -> pl.Expr:
    return pl.when(number != 0).then(number)


def _set_test(
    test: Callable[[Sequence[Node], Groups, pl.Expr], pl.Expr], emitter: Emitter, node: Node
) -> pl.Expr:
    return test(node.args, emitter.groups, emitter.at)


def _in_group(emitter: Emitter, node: Node) -> pl.Expr:
    return group_member(emitter.emit(node.args[0]), node, emitter.groups, emitter.at)


def _version(emitter: Emitter, node: Node) -> pl.Expr:
    text, wanted = node.args
    return is_at_least(emitter.emit(text), str(wanted.value))


def _named(emitter: Emitter, node: Node) -> pl.Expr:
    text, *names = node.args
    return is_named_like(emitter.emit(text), [str(name.value) for name in names])


_EMITTERS: Final[dict[Op, Callable[[Emitter, Node], pl.Expr]]] = {
    Op.LITERAL: _literal,
    Op.FIELD: _field,
    Op.AND: _all_of,
    Op.OR: _any_of,
    Op.NOT: _not,
    Op.EQ: partial(_binary, pl.Expr.eq),
    Op.NE: partial(_binary, pl.Expr.ne),
    Op.LT: partial(_binary, pl.Expr.lt),
    Op.LE: partial(_binary, pl.Expr.le),
    Op.GT: partial(_binary, pl.Expr.gt),
    Op.GE: partial(_binary, pl.Expr.ge),
    Op.SAME: partial(_binary, pl.Expr.eq_missing),
    Op.DIFFERS: partial(_binary, pl.Expr.ne_missing),
    Op.IN: _in,
    Op.IS_NULL: _is_null,
    Op.LIKE: _like,
    Op.CASE: _case,
    Op.COALESCE: _coalesce,
    Op.ADD: partial(_binary, pl.Expr.add),
    Op.SUB: partial(_binary, pl.Expr.sub),
    Op.MUL: partial(_binary, _times),
    Op.DIV: partial(_binary, _divided),
    Op.MOD: partial(_binary, _remainder),
    Op.LOWER: lambda emitter, node: emitter.emit(node.args[0]).str.to_lowercase(),
    Op.UPPER: lambda emitter, node: emitter.emit(node.args[0]).str.to_uppercase(),
    Op.WITHIN: partial(_set_test, within),
    Op.TOUCHES: partial(_set_test, touches),
    Op.IN_GROUP: _in_group,
    Op.VERSION_AT_LEAST: _version,
    Op.NAMED_LIKE: _named,
}
"""What each operation becomes; parameters, days and BETWEEN are gone by now, and a `GROUP` only
ever stands inside a set function."""
