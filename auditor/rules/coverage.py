"""Which truths the parts of a rule's predicates had, on rows on which the predicates mattered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.jurisdictions import Groups
from auditor.rules.compile import CompiledRule
from auditor.rules.ir import Node, Op
from auditor.rules.model import TIMEZONE
from auditor.rules.params import param_values
from auditor.rules.parts import Part, parts_of
from auditor.rules.period import period_of
from auditor.rules.rule_tests import Truth
from auditor.schema import invalid

_ALWAYS: Final = pl.lit(value=True)
_NEVER_MISSING: Final = frozenset(
    {"event_at", "meeting_id", "session_id", "hop_role", "meeting_started_at", "start_basis",
     "order_id", "ordered_at"}
)  # fmt: skip
"""Facts that every row has that is neither rejected nor undecided for a bad text."""

_NEVER_WITHOUT: Final = _NEVER_MISSING | {"jurisdictions"}
"""Those, and a set that is always there although not all of its members may be known."""

_ANY: Final = Truth.TRUE | Truth.FALSE


@dataclass(frozen=True, slots=True)
class Covered:
    """A condition that no other conditions make up.

    Attributes:
        possible: the truths it may have.
        seen: UInt8 over decided rows: its `Truth`, 0 where the predicate did not matter.
    """

    part: Part
    possible: Truth
    seen: pl.Expr


def covered_parts(rule: CompiledRule, params: Mapping[str, str], groups: Groups) -> list[Covered]:
    """The conditions of `rule` in the order of the text, whatever the parameters; no constants.

    Args:
        rule: compiled with `params`.
        params: texts for some of its parameters.
        groups: what `group()` and `in_group()` may name.
    """
    found: list[Covered] = []
    wholes = {part.place: part for part in parts_of(rule.rule, params, groups)}
    matters = _matters(rule, params, wholes)
    for whole in wholes.values():
        for part, reached in _leaves(whole, matters(whole.place)):
            if part.params or part.fields:
                found.append(Covered(part, _possible(part), _seen(rule, part, reached)))
    return found


def _matters(
    rule: CompiledRule, params: Mapping[str, str], wholes: Mapping[str, Part]
) -> Callable[[str], pl.Expr]:
    """On which rows the predicate at a place has a say in the outcome."""
    zone = param_values(rule.rule, params).get(TIMEZONE)
    period = period_of(rule.rule.effective, None if zone is None else str(zone))
    bad = [pl.col(invalid(name)).is_not_null() for name in rule.sources]
    is_sound = ~pl.any_horizontal(bad) if bad else _ALWAYS
    applies = wholes["applies"].expr if "applies" in wholes else _ALWAYS
    in_scope = is_sound & applies & period.contains()
    is_compliant = in_scope & ~wholes["violation"].expr

    def matters(place: str) -> pl.Expr:
        if place == "applies":
            return is_sound
        return in_scope if place == "violation" else is_compliant

    return matters


def _leaves(part: Part, reached: pl.Expr) -> Iterator[tuple[Part, pl.Expr]]:
    if not part.children:
        yield part, reached
    elif part.op is not Op.CASE:
        for child in part.children:
            yield from _leaves(child, reached)
    else:
        yield from _leaves_of_case(part, reached)


def _leaves_of_case(part: Part, reached: pl.Expr) -> Iterator[tuple[Part, pl.Expr]]:
    """Those of the conditions that are asked, and of the values that are taken."""
    children = list(part.children)
    while len(children) > 1:
        condition, value, *children = children
        is_met = condition.expr.fill_null(value=False)
        yield from _leaves(condition, reached)
        yield from _leaves(value, reached & is_met)
        reached = reached & ~is_met
    for other in children:
        yield from _leaves(other, reached)


def _seen(rule: CompiledRule, part: Part, reached: pl.Expr) -> pl.Expr:
    # NOTE: a fact that constants keep the rule from reading need not be among the columns
    if not rule.reads.issuperset(part.fields):
        return pl.lit(Truth.NONE.value, pl.UInt8)
    truth = (
        pl.when(part.expr.is_null())
        .then(Truth.NULL.value)
        .when(part.expr)
        .then(Truth.TRUE.value)
        .otherwise(Truth.FALSE.value)
    )
    is_reached = reached.fill_null(value=False)
    return pl.when(is_reached).then(truth).otherwise(Truth.NONE.value).cast(pl.UInt8)


def _possible(part: Part) -> Truth:
    """All truths but those that are certain never to happen."""
    node, negated = part.bound, False
    while node.op is Op.NOT:
        node, negated = node.args[0], not negated
    if node.op is Op.IS_NULL and node.args[0].value in _NEVER_WITHOUT:
        return Truth.TRUE if negated else Truth.FALSE
    return _ANY | Truth.NULL if _may_be_null(node) else _ANY


def _may_be_null(node: Node) -> bool:
    """Whether a condition or value may be NULL; in case of doubt, it may."""
    if node.op is Op.FIELD:
        return str(node.value) not in _NEVER_MISSING
    if node.op is Op.LITERAL:
        return node.value is None
    if node.op in {Op.IS_NULL, Op.SAME, Op.DIFFERS}:
        return False
    if node.op is Op.COALESCE:
        return all(_may_be_null(arg) for arg in node.args)
    if node.op is Op.CASE:
        *pairs, other = node.args
        return any(_may_be_null(value) for value in (*pairs[1::2], other))
    is_partial = node.op in {Op.DIV, Op.MOD, Op.VERSION_AT_LEAST}
    return is_partial or any(_may_be_null(arg) for arg in node.args)
