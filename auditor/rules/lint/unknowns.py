"""Predicates that take what is not known for compliance."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from auditor.rules.fold import folded
from auditor.rules.ir import Node, Op, literal
from auditor.rules.lint.model import Found, Subject
from auditor.rules.lint.nulls import Nulls
from auditor.rules.lint.predicates import predicates_of
from auditor.rules.lint.truth import Conflict, Truth
from auditor.rules.parse import room_to_recurse
from auditor.schema import FACTS

UNKNOWN_IS_COMPLIANT: Final = "unknown-is-compliant"

_ALWAYS_KNOWN: Final = frozenset({"hop_role", "meeting_started_at", "start_basis"})
"""Facts that stand in for what a log leaves out."""

_HINT: Final = "leave NULL to be unknown; rows that the rule is not about are ruled out in applies"


def look(subject: Subject) -> Iterator[Found]:
    """Whether a row of which nothing is known would be compliant."""
    if not subject.nodes:
        return
    rule = subject.rule
    nulls = Nulls(FACTS[rule.table])
    with room_to_recurse():
        nodes = predicates_of(rule, subject.nodes)
        is_told = isinstance(
            Truth(FACTS[rule.table]).needs(nodes["violation"], want=True), Conflict
        )
        truths = {place: _if_unknown(node, nulls) for place, node in nodes.items()}
        reads = any(_may_be_missing(part, nulls) for part in nodes["violation"].walk())
    violation, applies = truths["violation"], truths.get("applies")
    is_judged = applies is None or not _is_false(applies)
    if reads and not is_told and is_judged and _is_false(violation):
        message = "violation is FALSE of a row of which nothing is known: it would be compliant"
        yield UNKNOWN_IS_COMPLIANT, rule.problem("violation", 0, message, _HINT)


def _is_false(node: Node) -> bool:
    return node.is_literal and node.value is False


def _may_be_missing(node: Node, nulls: Nulls) -> bool:
    return node.op is Op.FIELD and node.value not in _ALWAYS_KNOWN and nulls.may_be(node)


def _if_unknown(node: Node, nulls: Nulls) -> Node:
    """`node` where all that may be missing is."""
    if _may_be_missing(node, nulls):
        return literal(None, node.type, node.at)
    args = tuple(_if_unknown(arg, nulls) for arg in node.args)
    found = replace(node, args=args)
    if any(arg.is_null for arg in nulls.strict_args(found)):
        return literal(None, node.type, node.at)
    return folded(found) if args else node
