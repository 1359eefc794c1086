"""On which rows an outcome hangs on facts of the whole meeting."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Final

import polars as pl

from auditor.findings import Outcome
from auditor.rules.fold import folded
from auditor.rules.ir import Node, Op, Type, fields_of, literal
from auditor.rules.outcome import Truth
from auditor.rules.parse import room_to_recurse

_WHOLE_MEETING: Final = frozenset({"meeting_countries", "start_basis"})
_SEES_NULL: Final = frozenset({Op.IS_NULL, Op.COALESCE, Op.CASE, Op.SAME, Op.DIFFERS})
_ASKED: Final = frozenset({Op.WITHIN, Op.TOUCHES})
_MOST_QUESTIONS: Final = 4
"""Beyond these, their truths are not tried out one by one."""

Truths = Callable[[Mapping[str, Node]], Truth]
"""The truth of a rule whose expressions are these."""


def is_monotone(deciding: Mapping[str, Node]) -> bool:
    """Whether no predicate turns "not known yet" about a whole meeting into a definite truth."""
    for place, node in deciding.items():
        if not fields_of(node) & _WHOLE_MEETING:
            continue
        # NOTE: a doubt counts only where it is TRUE, so NULL already decides it.
        if place.startswith("undecided."):
            return False
        if any(n.op in _SEES_NULL and fields_of(n) & _WHOLE_MEETING for n in node.walk()):
            return False
    return True


def hinges_of(
    deciding: Mapping[str, Node], nodes: Mapping[str, Node], truth_of: Truths, is_near: pl.Expr
) -> pl.Expr:
    """Boolean, never null: the row may be decided by what is yet to be known of its meeting.

    Rows that stay undecided whatever that is, such as those of an unknown account, do not hinge:
    else all meetings of a log without some column would be asked about.

    Args:
        deciding: the expressions that decide, by place.
        nodes: all expressions of the rule.
        truth_of: makes a truth of expressions.
        is_near: the row may be one of the boundary.
    """
    questions = list(dict.fromkeys(q for node in deciding.values() for q in _questions(node)))
    if not any(fields_of(node) & _WHOLE_MEETING for node in deciding.values()):
        return pl.lit(value=False)
    if not is_monotone(deciding):
        return pl.lit(value=True)
    now = truth_of(nodes)
    is_open = _is_open(now), is_near & _violates(now).is_null()
    if len(questions) > _MOST_QUESTIONS:
        return pl.any_horizontal(is_open)
    settled: tuple[list[pl.Expr], list[pl.Expr]] = [], []
    for answers in product((True, False), repeat=len(questions)):
        answered = dict(zip(questions, answers, strict=True))
        with room_to_recurse():
            new = {place: _answered(node, answered) for place, node in nodes.items()}
        then = truth_of(new)
        settled[0].append(~_is_open(then))
        settled[1].append(_violates(then).is_not_null())
    return pl.any_horizontal(
        one & pl.any_horizontal(some) for one, some in zip(is_open, settled, strict=True)
    )


def _is_open(truth: Truth) -> pl.Expr:
    return truth.outcome() == Outcome.UNKNOWN.value


def _violates(truth: Truth) -> pl.Expr:
    return truth.applies & truth.violation


def _questions(node: Node) -> Iterator[Node]:
    """The set tests that ask about the whole meeting."""
    return (n for n in node.walk() if n.op in _ASKED and fields_of(n) & _WHOLE_MEETING)


def _answered(node: Node, answers: Mapping[Node, bool]) -> Node:
    if node.op in _ASKED and node in answers:
        return literal(answers[node], Type.BOOLEAN, node.at)
    if not node.args:
        return node
    return folded(replace(node, args=tuple(_answered(arg, answers) for arg in node.args)))
