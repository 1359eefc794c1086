"""All the SQL of one rule, typed and bound, with its faults located in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.errors import Problem
from auditor.rules.atoms import Scope
from auditor.rules.bind import bind
from auditor.rules.ir import Node, Type
from auditor.rules.message import check_message, placeholder_types
from auditor.rules.model import ParamValue, Rule
from auditor.rules.parse import SqlFault, parse_expression, room_to_recurse
from auditor.rules.typed import typed
from auditor.schema import FACTS


@dataclass(frozen=True, slots=True)
class Sql:
    """One expression of a rule; `place` is its path in the file."""

    place: str
    text: str
    type: Type


def expressions_of(rule: Rule) -> Iterator[Sql]:
    """Every SQL text of `rule`, in a fixed order."""
    if rule.applies is not None:
        yield Sql("applies", rule.applies, Type.BOOLEAN)
    yield Sql("violation", rule.violation, Type.BOOLEAN)
    for number, undecided in enumerate(rule.undecided):
        yield Sql(f"undecided.{number}.when", undecided.when, Type.BOOLEAN)
    if rule.basis is not None:
        yield Sql("basis", rule.basis, Type.TEXT)
    for name, text in rule.evidence.items():
        yield Sql(f"evidence.{name}", text, Type.TEXT)


def decides(place: str) -> bool:
    """Whether outcomes depend on the expression at `place`."""
    return place in {"applies", "violation"} or place.startswith("undecided.")


def type_rule(rule: Rule) -> tuple[dict[str, Node], list[Problem]]:
    """The typed expressions by place, and every fault in them and in the message."""
    scope = Scope(FACTS[rule.table], rule.params, rule.effective.timezone is not None)
    nodes: dict[str, Node] = {}
    problems: list[Problem] = []
    with room_to_recurse():
        for sql in expressions_of(rule):
            try:
                nodes[sql.place], faults = typed(parse_expression(sql.text), scope, sql.type)
            except SqlFault as fault:
                faults = [fault]
            problems += [_located(rule, sql.place, fault) for fault in faults]
    known = placeholder_types(rule.table, rule.subject, rule.evidence)
    problems += [_located(rule, "message", f) for f in check_message(rule.message, known)]
    return nodes, problems


def _located(rule: Rule, place: str, fault: SqlFault) -> Problem:
    return rule.problem(place, fault.at, fault.message, fault.hint, fault.kind)


@dataclass(frozen=True, slots=True)
class BoundFault:
    """A fault that only the parameters' values show."""

    fault: SqlFault
    problem: Problem


def bind_rule(
    rule: Rule, nodes: Mapping[str, Node], values: Mapping[str, ParamValue], zone: str | None
) -> tuple[dict[str, Node], list[BoundFault]]:
    """The expressions with parameters, days and constants worked out, and what does not fit."""
    bound: dict[str, Node] = {}
    faults: list[BoundFault] = []
    with room_to_recurse():
        for place, node in nodes.items():
            try:
                bound[place] = bind(node, values, zone)
            except SqlFault as fault:
                faults.append(BoundFault(fault, _located(rule, place, fault)))
    return bound, faults
