"""`within`, `touches`, `group` and `in_group` as Polars expressions."""

from collections.abc import Callable, Sequence
from functools import reduce

import polars as pl

from auditor.errors import did_you_mean
from auditor.jurisdictions import Groups, SetExpr, era_starts
from auditor.rules.faults import FaultKind
from auditor.rules.ir import Node, Op
from auditor.rules.parse import SqlFault


def within(args: Sequence[Node], groups: Groups, at: pl.Expr) -> pl.Expr:
    """Whether every member of the first set lies in one of the others; Boolean with nulls."""
    first, *others = args
    return set_of([first], groups, at).within(set_of(others, groups, at))


def touches(args: Sequence[Node], groups: Groups, at: pl.Expr) -> pl.Expr:
    """Whether some member of the first set lies in one of the others; Boolean with nulls."""
    first, *others = args
    one = set_of([first], groups, at)
    tests = [one.touches(part) for part in _parts(others, groups, at)]
    return reduce(lambda a, b: a | b, tests)


def set_of(nodes: Sequence[Node], groups: Groups, at: pl.Expr) -> SetExpr:
    """The union of sets, groups and quoted countries.

    A single missing set stays missing. In a union it only leaves the rest open: what is known to
    lie in another part is inside all the same.
    """
    parts = _parts(nodes, groups, at)
    return parts[0] if len(parts) == 1 else reduce(SetExpr.union, map(_opened, parts))


def _parts(nodes: Sequence[Node], groups: Groups, at: pl.Expr) -> list[SetExpr]:
    codes = [str(node.value) for node in nodes if node.op is Op.LITERAL and node.value is not None]
    parts = [SetExpr.literal(codes)] if codes else []
    # A set named twice says no more than once, and a rule may name it a thousand times.
    distinct = {(node.op, str(node.value).casefold()): node for node in nodes}
    for node in distinct.values():
        if node.op is Op.FIELD:
            parts.append(SetExpr.column(str(node.value)))
        elif node.op is Op.GROUP:
            parts.append(_group(node, groups, at))
    return parts or [SetExpr.literal(())]


def _opened(part: SetExpr) -> SetExpr:
    return SetExpr(part.lo.fill_null(0), part.hi.fill_null(0), part.open | part.is_missing())


def _group(node: Node, groups: Groups, at: pl.Expr) -> SetExpr:
    name = _known(node, groups)

    def word(pick: Callable[[SetExpr], pl.Expr]) -> pl.Expr:
        return _by_era(name, groups, at, lambda codes: pick(SetExpr.literal(codes)))

    return SetExpr(word(lambda s: s.lo), word(lambda s: s.hi), pl.lit(value=False))


def group_member(country: pl.Expr, node: Node, groups: Groups, at: pl.Expr) -> pl.Expr:
    """Whether `country` was a member of the group that `node` names; null where it is missing.

    Raises:
        SqlFault: the group is not known.
    """
    return _by_era(_known(node, groups), groups, at, lambda codes: country.is_in(list(codes)))


def _known(node: Node, groups: Groups) -> str:
    name = str(node.value)
    if name not in groups:
        hint = did_you_mean(name, groups.names)
        raise SqlFault(node.at, f"unknown group {name!r}", hint, FaultKind.UNKNOWN_GROUP)
    return name


def _by_era(
    name: str, groups: Groups, at: pl.Expr, expr_of: Callable[[Sequence[str]], pl.Expr]
) -> pl.Expr:
    """The expression that fits the membership in force at `at`."""
    boundaries = groups.boundaries(name)
    *earlier, last = (expr_of(sorted(groups.members_at(name, t))) for t in era_starts(boundaries))
    expr = last
    for boundary, era in reversed(list(zip(boundaries, earlier, strict=True))):
        expr = pl.when(at < boundary).then(era).otherwise(expr)
    return expr
