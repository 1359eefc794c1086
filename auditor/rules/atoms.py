"""The leaves of a predicate: fields, parameters, literals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from auditor.errors import did_you_mean
from auditor.rules.faults import FaultKind
from auditor.rules.ir import TYPES, Node, Op, Type, literal
from auditor.rules.literals import day_of, instant_of, number_of
from auditor.rules.model import Param, ParamType
from auditor.rules.parse import SUBSET, Parsed, SqlFault
from auditor.schema import FACTS, Field

_PARAM_TYPES: Final = {
    ParamType.BOOLEAN: Type.BOOLEAN,
    ParamType.TEXT: Type.WORD,
    ParamType.NUMBER: Type.NUMBER,
    ParamType.DATE: Type.TIME,
    ParamType.TEXTS: Type.WORDS,
}
_INSTANT_WORDS: Final = frozenset({"TIMESTAMP", "TIMESTAMPTZ", "ZONE"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name: fields of its table, parameters, and days if it has a zone."""

    fields: Mapping[str, Field]
    params: Mapping[str, Param]
    has_zone: bool


def _column(parsed: Parsed, scope: Scope, tree: exp.Expression) -> Node:
    start = parsed.at(tree)
    name = tree.name
    field = scope.fields.get(name) or scope.fields.get(name.lower())
    if field is None:
        is_quoted = parsed.sql[start : start + 1] == '"'
        hint = "texts stand in single quotes" if is_quoted else _field_hint(name, scope)
        raise SqlFault(start, f"unknown field {name!r}", hint, FaultKind.UNKNOWN_NAME)
    return Node(
        Op.FIELD,
        TYPES[field.kind],
        value=field.name,
        at=start,
        choices=field.choices,
        label=field.name,
    )


def _field_hint(name: str, scope: Scope) -> str:
    """The field that is meant; one of another table is said to be that, not corrected."""
    elsewhere = [table for table, fields in FACTS.items() if name.lower() in fields]
    if elsewhere:
        return f"it is a field of {' and '.join(elsewhere)}, not of this rule's table"
    hint = did_you_mean(name, scope.fields)
    return hint if hint.startswith("did you mean") else f"texts stand in single quotes; {hint}"


def _placeholder(parsed: Parsed, scope: Scope, tree: exp.Expression) -> Node:
    start = parsed.at(tree)
    param = scope.params.get(tree.name)
    if param is None:
        hint = did_you_mean(tree.name, scope.params)
        message = f"unknown parameter {tree.name!r}"
        raise SqlFault(start, message, f"{hint}; declare it in params", FaultKind.UNKNOWN_NAME)
    if param.type is ParamType.DATE and not scope.has_zone:
        hint = "state effective.timezone"
        raise SqlFault(start, "a date needs the rule's zone", hint, FaultKind.INVALID_DATE)
    return Node(Op.PARAM, _PARAM_TYPES[param.type], value=param.name, at=start)


def _literal(parsed: Parsed, _scope: Scope, tree: exp.Expression) -> Node:
    start = parsed.at(tree)
    if tree.is_string:
        return literal(str(tree.this), Type.WORD, start)
    number = number_of(str(tree.this))
    if number is None:
        raise SqlFault(start, f"{tree.this} is not a number of at most 30 digits")
    return literal(number, Type.NUMBER, start)


def _null(_parsed: Parsed, _scope: Scope, _tree: exp.Expression) -> Node:
    return literal(None, Type.NULL)


def _boolean(_parsed: Parsed, _scope: Scope, tree: exp.Expression) -> Node:
    return literal(bool(tree.this), Type.BOOLEAN)


def _time(parsed: Parsed, scope: Scope, tree: exp.Expression) -> Node:
    """A `DATE '…'` or `TIMESTAMP '…'` literal; sqlglot makes casts of them."""
    start = parsed.at(tree)
    keyword = parsed.before(start)
    word = keyword.text.upper() if keyword else ""
    is_literal = isinstance(tree.this, exp.Literal) and tree.this.is_string
    if is_literal and word == "DATE":
        return _day(str(tree.this.this), scope, start)
    if not is_literal or word not in _INSTANT_WORDS:
        raise SqlFault(start, "casts are not in the subset", SUBSET)
    instant = instant_of(str(tree.this.this))
    if instant is None:
        message = f"{tree.this.this!r} is not an instant with a zone"
        hint = "write TIMESTAMP '2020-05-01T00:00:00Z'"
        raise SqlFault(start, message, hint, FaultKind.INVALID_DATE)
    return literal(instant, Type.TIME, start)


def _day(text: str, scope: Scope, start: int) -> Node:
    day = day_of(text)
    if day is None:
        hint = "write DATE '2020-05-01'"
        raise SqlFault(start, f"{text!r} is not a date", hint, FaultKind.INVALID_DATE)
    if not scope.has_zone:
        hint = "state effective.timezone, or write TIMESTAMP '2020-05-01T00:00:00Z'"
        raise SqlFault(start, "a DATE needs the rule's zone", hint, FaultKind.INVALID_DATE)
    return Node(Op.DAY, Type.TIME, value=day, at=start)


ATOMS: Final[dict[type[exp.Expression], Callable[[Parsed, Scope, exp.Expression], Node]]] = {
    exp.Column: _column,
    exp.Placeholder: _placeholder,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.Cast: _time,
}
"""The leaves of the subset, and what types each; raises `SqlFault`."""
