"""The parts of a rule's predicates: each with its text, its place and the expression it becomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from auditor.errors import RuleError
from auditor.jurisdictions import Groups
from auditor.rules.bind import bind
from auditor.rules.demanded import as_demanded
from auditor.rules.emit import Emitter
from auditor.rules.ir import Node, Op, Type, fields_in_order, reads_groups
from auditor.rules.model import ROW_TIME, TIMEZONE, ParamValue, Rule
from auditor.rules.params import param_values
from auditor.rules.parse import SqlFault, parse_expression, room_to_recurse
from auditor.rules.program import expressions_of, type_rule
from auditor.rules.segments import Segment


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of a rule, and the conditions it is made of.

    Attributes:
        place: path of the whole predicate in the file: `applies`, `violation`, `undecided.0.when`.
        op: what it does. Only `AND`, `OR`, `NOT` and `CASE` have children: their operands, as far
            as the text shows them apart (`x NOT IN (…)` has none).
        sql: as written, without comments and without brackets around all of it. A condition of
            `CASE x WHEN …` is shown as `x = …`.
        at: character of the predicate's text at which it starts.
        location: `path:line:column` of that character.
        depth: 0 for a whole predicate.
        fields: the facts it reads, in the order of the text; the row's time where it asks for
            members of a group.
        params: the parameters it names.
        bound: the typed condition, with parameters, days and constants worked out.
        expr: its truth on a row: Boolean, null where SQL's is NULL. A constant reads no column.
        children: in the order of the text.
    """

    place: str
    op: Op
    sql: str
    at: int
    location: str
    depth: int
    fields: tuple[str, ...]
    params: tuple[str, ...]
    bound: Node
    expr: pl.Expr
    children: tuple["Part", ...]

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


def parts_of(rule: Rule, params: Mapping[str, str], groups: Groups) -> list[Part]:
    """The predicates that decide `rule`, each as a tree: applies, violation, undecided.

    NOTE: where a constant settles a predicate, the compiled rule reads fewer facts than the parts
    of it do, and a frame that was made for that rule lacks them: see `CompiledRule.reads`.

    Args:
        rule: as loaded.
        params: texts for some of its parameters; the others have their defaults.
        groups: what `group()` and `in_group()` may name.

    Raises:
        RuleError: the rule is wrong, or names a group that `groups` does not know.
        ConfigError: a parameter is unknown or its value is not of its type.
    """
    values = param_values(rule, params)
    nodes, problems = type_rule(rule)
    if problems:
        raise RuleError.of(problems)
    builder = _Builder(rule, values, Emitter(groups, pl.col(ROW_TIME[rule.table])))
    found: list[Part] = []
    with room_to_recurse():
        for sql in expressions_of(rule):
            if sql.type is Type.BOOLEAN:
                parsed = parse_expression(sql.text)
                whole = Segment.of(sql.text, parsed.tokens)
                found.append(builder.part(sql.place, nodes[sql.place], whole, 0))
    return found


class _Builder:
    def __init__(self, rule: Rule, values: Mapping[str, ParamValue], emitter: Emitter) -> None:
        self._rule = rule
        self._values = values
        self._zone = str(values[TIMEZONE]) if TIMEZONE in values else None
        self._emitter = emitter

    def part(self, place: str, node: Node, segment: Segment, depth: int) -> Part:
        bound, expr = self._compiled(place, node)
        return Part(
            place=place,
            op=node.op,
            sql=segment.text,
            at=segment.at,
            location=self._rule.problem(place, segment.at, "").location,
            depth=depth,
            fields=tuple(self._fields(bound)),
            params=tuple(dict.fromkeys(str(n.value) for n in node.walk() if n.op is Op.PARAM)),
            bound=bound,
            expr=expr,
            children=tuple(
                self.part(place, arg, operand, depth + 1)
                for arg, operand in _operands(node, segment)
            ),
        )

    def _compiled(self, place: str, node: Node) -> tuple[Node, pl.Expr]:
        try:
            bound = bind(node, self._values, self._zone)
            return bound, self._emitter.emit(as_demanded(self._rule, bound))
        except SqlFault as fault:
            problem = self._rule.problem(place, fault.at, fault.message, fault.hint)
            raise RuleError.of([problem]) from fault

    def _fields(self, bound: Node) -> list[str]:
        time = [ROW_TIME[self._rule.table]] if reads_groups(bound) else []
        return list(dict.fromkeys([*fields_in_order(bound), *time]))


def _operands(node: Node, segment: Segment) -> list[tuple[Node, Segment]]:
    """The operands whose text is known; a CASE need not write its last one, the NULL of ELSE."""
    segments = segment.operands(node.op)
    unwritten = len(node.args) - len(segments)
    is_whole = unwritten == 0 or (node.op is Op.CASE and unwritten == 1)
    return list(zip(node.args, segments, strict=False)) if is_whole else []
