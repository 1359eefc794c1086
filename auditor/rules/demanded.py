"""What a rule that demands evidence reads: the places that are known surely enough."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from auditor.rules.ir import Node, Op
from auditor.rules.model import Rule

_FACT: Final = "jurisdictions"


def as_demanded(rule: Rule, node: Node) -> Node:
    """`node` as the rule's expressions read it; the places are those of its level of evidence."""
    return _renamed(node, {_FACT: rule.jurisdictions}) if rule.jurisdictions != _FACT else node


def with_demanded(rule: Rule, facts: frozenset[str]) -> frozenset[str]:
    """`facts`, and the column that `as_demanded` and the rule's findings read."""
    return facts if rule.evidence_level is None else facts | {rule.jurisdictions}


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    if node.op is Op.FIELD:
        return replace(node, value=names.get(str(node.value), node.value))
    args = tuple(_renamed(arg, names) for arg in node.args)
    return replace(node, args=args) if args else node
