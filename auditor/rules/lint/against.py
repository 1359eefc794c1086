"""What a rule cannot decide on a certain log, because columns are missing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.rules.ir import Node, Op, fields_of
from auditor.rules.lint.model import Found, Subject
from auditor.rules.lint.predicates import period_needs
from auditor.rules.lint.truth import Conflict, Truth
from auditor.rules.model import Rule
from auditor.rules.params import param_values
from auditor.rules.parse import room_to_recurse
from auditor.rules.poison import ACCOUNT_FACT_NAMES
from auditor.rules.program import bind_rule
from auditor.schema import FACTS

_FROM_REGISTRY: Final = "facts of accounts may come from a registry: --accounts FILE"

UNDECIDABLE, MISSING_COLUMN = "undecidable", "missing-column"


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Log files with the same columns.

    Attributes:
        shown: the files, in a few words.
        table: what their rows are.
        missing: fact that no row has → the column that would supply it.
    """

    shown: str
    table: str
    missing: Mapping[str, str]


def look(subject: Subject, logs: Sequence[LogColumns]) -> Iterator[Found]:
    """What each log leaves undecided, parameters being at their defaults."""
    rule = subject.rule
    values = param_values(rule, {})
    nodes, faults = bind_rule(rule, subject.nodes, values, rule.effective.timezone)
    for log in logs:
        if nodes and not faults and log.table == rule.table:
            with room_to_recurse():
                found = list(_found(rule, nodes, log))
            yield from found


def _found(rule: Rule, nodes: Mapping[str, Node], log: LogColumns) -> Iterator[Found]:
    deciding = {
        place: node
        for place, node in nodes.items()
        if place in {"applies", "violation"} or place.startswith("undecided.")
    }
    read = frozenset[str]().union(*(fields_of(node) for node in deciding.values()))
    clock = {rule.effective.clock} if rule.effective.clock else set()
    lost = sorted((read | clock) & log.missing.keys())
    if not lost:
        return
    columns = ", ".join(dict.fromkeys(log.missing[name] for name in lost))
    what = _lost_truths(rule, nodes, log)
    check, message = (
        (UNDECIDABLE, f"{rule.id} {what} in {log.shown}: no column {columns}")
        if what
        else (MISSING_COLUMN, f"{rule.id} reads what {log.shown} has no column for: {columns}")
    )
    place, at = next(
        (
            (place, part.at)
            for place, node in deciding.items()
            for part in node.walk()
            if part.op is Op.FIELD and part.value in lost
        ),
        ("effective.clock", 0),
    )
    hint = _FROM_REGISTRY if ACCOUNT_FACT_NAMES.intersection(lost) else ""
    yield check, rule.problem(place, at, message, hint)


def _lost_truths(rule: Rule, nodes: Mapping[str, Node], log: LogColumns) -> str:
    """Which outcomes the rule can have on no row of this log, though it can have them elsewhere."""
    possible = _truths(rule, nodes, ())
    left = _truths(rule, nodes, log.missing)
    if possible and not left:
        return "cannot decide any row it applies to"
    return "cannot find any violation" if possible - left == {True} else ""


def _truths(rule: Rule, nodes: Mapping[str, Node], missing: Collection[str]) -> set[bool]:
    """The truths that the violation can have where the rule applies."""
    truth = Truth(FACTS[rule.table], missing)
    applies = truth.needs(nodes["applies"], want=True) if "applies" in nodes else {}
    scope = truth.all_of([period_needs(rule, truth), applies])
    parts = {want: truth.needs(nodes["violation"], want=want) for want in (True, False)}
    return {
        want
        for want, needs in parts.items()
        if not isinstance(truth.all_of([scope, needs]), Conflict)
    }
