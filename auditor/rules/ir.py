"""Typed predicates: what sqlglot's tree means, before parameters and before Polars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from auditor.schema import Kind

Value = str | int | float | bool | date | datetime | tuple[str, ...] | None


class Type(StrEnum):
    """What an expression yields. `WORD` is quoted text whose meaning its neighbour decides."""

    BOOLEAN = "boolean"
    TEXT = "text"
    COUNTRY = "country"
    CHOICE = "choice"
    NUMBER = "number"
    TIME = "time"
    SET = "set"
    WORD = "quoted text"
    WORDS = "list of texts"
    NULL = "NULL"


TYPES: Final = {
    Kind.TEXT: Type.TEXT,
    Kind.HOPS: Type.TEXT,
    Kind.TIME: Type.TIME,
    Kind.BOOLEAN: Type.BOOLEAN,
    Kind.BYTES: Type.NUMBER,
    Kind.COUNTRY: Type.COUNTRY,
    Kind.CHOICE: Type.CHOICE,
    Kind.SET: Type.SET,
}
"""Kind of a field → what it yields; a route is read as its text."""

TEXTUAL: Final = frozenset({Type.TEXT, Type.COUNTRY, Type.CHOICE, Type.WORD})


class Op(StrEnum):
    """What a node does with its arguments."""

    FIELD = "field"
    LITERAL = "literal"
    PARAM = "parameter"
    DAY = "DATE"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    SAME = "IS NOT DISTINCT FROM"
    DIFFERS = "IS DISTINCT FROM"
    BETWEEN = "BETWEEN"
    IN = "IN"
    IS_NULL = "IS NULL"
    LIKE = "LIKE"
    CASE = "CASE"
    COALESCE = "COALESCE"
    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    MOD = "%"
    LOWER = "LOWER"
    UPPER = "UPPER"
    WITHIN = "within"
    TOUCHES = "touches"
    GROUP = "group"
    IN_GROUP = "in_group"
    VERSION_AT_LEAST = "version_at_least"
    NAMED_LIKE = "named_like"


@dataclass(frozen=True, slots=True)
class Node:
    """One typed expression.

    Attributes:
        args: operands in source order. Of `CASE`: condition, value, …, else-value.
        value: of a literal; the name of a field or parameter; the date of a `DAY`; the escape
            character of a `LIKE`.
        at: character of the SQL text at which a fault in it is shown.
        choices: the vocabulary of a `Type.CHOICE`.
        label: the name of the field whose vocabulary it is.
    """

    op: Op
    type: Type
    args: tuple["Node", ...] = ()
    value: Value = None
    at: int = 0
    choices: tuple[str, ...] = ()
    label: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether the value is known without a row."""
        return self.op is Op.LITERAL

    @property
    def is_null(self) -> bool:
        """Whether it is the literal NULL."""
        return self.op is Op.LITERAL and self.value is None

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in source order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.args))


def literal(value: Value, type_: Type, at: int = 0) -> Node:
    """A literal node."""
    return Node(Op.LITERAL, type_, value=value, at=at)


def fields_in_order(node: Node) -> list[str]:
    """Names of the fields that `node` reads, each once, in source order."""
    return list(dict.fromkeys(str(n.value) for n in node.walk() if n.op is Op.FIELD))


def fields_of(node: Node) -> frozenset[str]:
    """Names of the fields that `node` reads."""
    return frozenset(fields_in_order(node))


def reads_groups(node: Node) -> bool:
    """Whether `node` asks who is a member of a group, and hence reads the row's time."""
    return any(n.op in {Op.GROUP, Op.IN_GROUP} for n in node.walk())
