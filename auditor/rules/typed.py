"""sqlglot's tree → a typed predicate, with every fault of the expression."""

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from auditor.errors import did_you_mean
from auditor.rules.atoms import ATOMS, Scope
from auditor.rules.faults import FaultKind
from auditor.rules.functions import FUNCTIONS
from auditor.rules.ir import TEXTUAL, Node, Op, Type, literal
from auditor.rules.parse import SUBSET, Parsed, SqlFault, TypeFault
from auditor.rules.vocabulary import settle, unify

_COMPARISONS: Final[dict[type[exp.Expression], Op]] = {
    exp.EQ: Op.EQ, exp.NEQ: Op.NE, exp.LT: Op.LT, exp.LTE: Op.LE, exp.GT: Op.GT, exp.GTE: Op.GE,
    exp.NullSafeEQ: Op.SAME, exp.NullSafeNEQ: Op.DIFFERS,
}  # fmt: skip
_ARITHMETIC: Final[dict[type[exp.Expression], Op]] = {
    exp.Add: Op.ADD, exp.Sub: Op.SUB, exp.Mul: Op.MUL, exp.Div: Op.DIV, exp.Mod: Op.MOD,
}  # fmt: skip
_ORDERINGS: Final = frozenset({Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN})
_UNORDERED: Final = frozenset({Type.BOOLEAN, Type.COUNTRY, Type.CHOICE})
_BARE: Final = (
    *_COMPARISONS, exp.Between, exp.In, exp.Like, exp.Escape, exp.Is, exp.Not, exp.And, exp.Or,
)  # fmt: skip
_PARTS: Final[dict[type[exp.Expression], frozenset[str]]] = {
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "field"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.Is: frozenset({"this", "expression", "negate"}),
    exp.Column: frozenset({"this"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
}
"""What an accepted node may consist of; anything more is SQL beyond the subset."""
_NAMED: Final[dict[type[exp.Expression], Op]] = {
    exp.Coalesce: Op.COALESCE,
    exp.Lower: Op.LOWER,
    exp.Upper: Op.UPPER,
}
_KNOWN_FUNCTIONS: Final = (*FUNCTIONS, *(op.value.lower() for op in _NAMED.values()))
_HOLE: Final = "hole"
"""Label of what stands in for a part that has a fault, so that it causes no other."""


def typed(parsed: Parsed, scope: Scope, wanted: Type) -> tuple[Node, list[SqlFault]]:
    """The typed expression and its faults; with a fault, the node means nothing.

    Args:
        parsed: an expression in the wider SQL of sqlglot.
        scope: what it may name.
        wanted: `BOOLEAN` for predicates, `TEXT` for what a message shows.
    """
    typer = _Typer(parsed, scope)
    node = typer.node(parsed.tree)
    if wanted is Type.BOOLEAN:
        typer.check_truth(node)
    elif node.type not in TEXTUAL and node.type is not Type.NULL:
        typer.faults.append(TypeFault(node.at, f"a text is wanted here, not {node.type}"))
    return settle(node, Node(Op.LITERAL, wanted)) if not typer.faults else node, typer.faults


class _Typer:
    """Types one expression; a part with a fault becomes a hole that fits everywhere."""

    def __init__(self, parsed: Parsed, scope: Scope) -> None:
        self.faults: list[SqlFault] = []
        self._parsed = parsed
        self._scope = scope

    def node(self, tree: exp.Expression) -> Node:
        try:
            return self._build(tree)
        except SqlFault as fault:
            self.faults.append(fault)
            return Node(Op.LITERAL, Type.NULL, at=fault.at, label=_HOLE)

    def check_truth(self, node: Node) -> Node:
        if node.type not in {Type.BOOLEAN, Type.NULL}:
            self.faults.append(TypeFault(node.at, f"a condition is wanted here, not {node.type}"))
        return node

    def _build(self, tree: exp.Expression) -> Node:
        while isinstance(tree, exp.Paren):
            tree = tree.this
        parts = _PARTS.get(type(tree))
        is_beyond = parts is not None and any(v for k, v in tree.args.items() if k not in parts)
        build = _BUILDERS.get(type(tree))
        if build is None or is_beyond:
            if isinstance(tree, exp.Func):
                self._check_name(tree, "")
            raise self._unsupported(tree)
        return build(self, tree)

    def _unsupported(self, tree: exp.Expression) -> SqlFault:
        hint = "write LOWER(field) LIKE '…'" if isinstance(tree, exp.ILike) else SUBSET
        return SqlFault(self._parsed.at(tree), f"{tree.key} is not in the subset of SQL", hint)

    def connector(self, tree: exp.Expression) -> Node:
        op = Op.AND if isinstance(tree, exp.And) else Op.OR
        parts: list[exp.Expression] = []
        todo = [tree]
        while todo:
            part = todo.pop()
            if type(part) is type(tree):
                todo += [part.expression, part.this]
            else:
                parts.append(part)
        args = tuple(self._truth(part) for part in parts)
        return Node(op, Type.BOOLEAN, args, at=args[0].at)

    def _truth(self, tree: exp.Expression) -> Node:
        return self.check_truth(self.node(tree))

    def negation(self, tree: exp.Expression) -> Node:
        return _negated(self._truth(tree.this))

    def _operand(self, tree: exp.Expression) -> Node:
        """An operand of a comparison; engines disagree on what `a = b IS NULL` means."""
        if isinstance(tree, _BARE):
            raise SqlFault(self._parsed.at(tree), "put brackets around this comparison")
        return self.node(tree)

    def compare(self, tree: exp.Expression) -> Node:
        op = _COMPARISONS[type(tree)]
        return self._comparison(op, [self._operand(tree.this), self._operand(tree.expression)])

    def _comparison(self, op: Op, operands: Sequence[Node]) -> Node:
        one = operands[0]
        _refuse_lists([one] if op is Op.IN else operands, str(op))
        args = unify(operands)
        for arg in args:
            if arg.type is Type.SET:
                raise TypeFault(arg.at, f"{op} does not take sets", "ask within() or touches()")
            if op in _ORDERINGS and arg.type in _UNORDERED:
                raise TypeFault(arg.at, f"{op} does not order {arg.type} values", "use = or IN")
        return Node(op, Type.BOOLEAN, tuple(args), at=one.at)

    def between(self, tree: exp.Expression) -> Node:
        parts = (tree.this, tree.args["low"], tree.args["high"])
        return self._comparison(Op.BETWEEN, [self._operand(part) for part in parts])

    def membership(self, tree: exp.Expression) -> Node:
        listed = tree.expressions
        field = tree.args.get("field")
        if field is not None:
            if not isinstance(field, exp.Placeholder):
                raise SqlFault(self._parsed.at(field), "IN takes a list in brackets")
            listed = [field]
        if not listed:
            raise SqlFault(self._parsed.at(tree), "IN takes at least one value")
        return self._comparison(Op.IN, [self._operand(part) for part in (tree.this, *listed)])

    def is_null(self, tree: exp.Expression) -> Node:
        if not isinstance(tree.expression, exp.Null):
            raise SqlFault(
                self._parsed.at(tree), "IS takes NULL, NOT NULL or DISTINCT FROM", SUBSET
            )
        arg = self._operand(tree.this)
        node = Node(Op.IS_NULL, Type.BOOLEAN, (arg,), at=arg.at)
        return _negated(node) if tree.args.get("negate") else node

    def like(self, tree: exp.Expression) -> Node:
        escape = None
        if isinstance(tree, exp.Escape):
            escape, tree = self._escape_of(tree), tree.this
            if not isinstance(tree, exp.Like):
                raise self._unsupported(tree)
        text = settle(self._operand(tree.this), Node(Op.LITERAL, Type.TEXT))
        pattern = settle(self._operand(tree.expression), Node(Op.LITERAL, Type.TEXT))
        if text.type is not Type.TEXT:
            raise TypeFault(text.at, f"LIKE takes a text, not {text.type}", "LOWER() makes it one")
        if pattern.op not in {Op.LITERAL, Op.PARAM} or pattern.type is not Type.TEXT:
            raise SqlFault(pattern.at, "LIKE takes a pattern in quotes")
        node = Node(Op.LIKE, Type.BOOLEAN, (text, pattern), value=escape, at=text.at)
        return _negated(node) if tree.args.get("negate") else node

    def _escape_of(self, tree: exp.Expression) -> str:
        mark = tree.expression
        if not (isinstance(mark, exp.Literal) and mark.is_string and len(mark.this) == 1):
            raise SqlFault(self._parsed.at(mark), "ESCAPE takes one character in quotes")
        return str(mark.this)

    def case(self, tree: exp.Expression) -> Node:
        subject = None if tree.this is None else self._operand(tree.this)
        conditions: list[Node] = []
        values: list[Node] = []
        for branch in tree.args["ifs"]:
            if subject is None:
                conditions.append(self._truth(branch.this))
            else:
                operand = self._operand(branch.this)
                conditions.append(self._comparison(Op.EQ, [subject, operand]))
            values.append(self.node(branch.args["true"]))
        default = tree.args.get("default")
        values.append(literal(None, Type.NULL) if default is None else self.node(default))
        *chosen, other = self._alike(values)
        pairs = (part for pair in zip(conditions, chosen, strict=True) for part in pair)
        at = conditions[0].at
        return Node(Op.CASE, other.type, (*pairs, other), at=at, choices=other.choices,
                    label=other.label)  # fmt: skip

    def _alike(self, values: Sequence[Node]) -> list[Node]:
        _refuse_lists(values, "CASE and COALESCE")
        found = unify(values)
        if found[0].type is Type.SET:
            raise TypeFault(found[0].at, "CASE and COALESCE do not yield sets")
        return found

    def coalesce(self, tree: exp.Expression) -> Node:
        start = self._check_name(tree, "coalesce")
        args = self._alike([self.node(part) for part in (tree.this, *tree.expressions)])
        first = args[0]
        return Node(Op.COALESCE, first.type, tuple(args), at=start, choices=first.choices,
                    label=first.label)  # fmt: skip

    def arithmetic(self, tree: exp.Expression) -> Node:
        args = tuple(self._number(part) for part in (tree.this, tree.expression))
        return Node(_ARITHMETIC[type(tree)], Type.NUMBER, args, at=args[0].at)

    def negative(self, tree: exp.Expression) -> Node:
        arg = self._number(tree.this)
        return Node(Op.SUB, Type.NUMBER, (literal(0, Type.NUMBER), arg), at=arg.at)

    def _number(self, tree: exp.Expression) -> Node:
        node = self._operand(tree)
        if node.type not in {Type.NUMBER, Type.NULL}:
            raise TypeFault(node.at, f"arithmetic takes numbers, not {node.type}")
        return settle(node, Node(Op.LITERAL, Type.NUMBER))

    def case_of_letters(self, tree: exp.Expression) -> Node:
        op = _NAMED[type(tree)]
        start = self._check_name(tree, op.value)
        arg = settle(self.node(tree.this), Node(Op.LITERAL, Type.TEXT))
        if arg.type not in TEXTUAL:
            raise TypeFault(arg.at, f"{op}() takes a text, not {arg.type}")
        return Node(op, Type.TEXT, (arg,), at=start)

    def _check_name(self, tree: exp.Expression, wanted: str) -> int:
        """Refuse the other names and unknown functions that sqlglot knows; where it starts."""
        start = self._parsed.at(tree)
        name = self._parsed.name_at(start)
        if name.casefold() != wanted.casefold():
            hint = did_you_mean(name, _KNOWN_FUNCTIONS)
            raise SqlFault(start, f"unknown function {name!r}", hint, FaultKind.UNKNOWN_NAME)
        return start

    def atom(self, tree: exp.Expression) -> Node:
        return ATOMS[type(tree)](self._parsed, self._scope, tree)

    def call(self, tree: exp.Expression) -> Node:
        start = self._parsed.at(tree)
        make = FUNCTIONS.get(str(tree.this).casefold())
        if make is None:
            hint = did_you_mean(str(tree.this), _KNOWN_FUNCTIONS)
            message = f"unknown function {str(tree.this)!r}"
            raise SqlFault(start, message, hint, FaultKind.UNKNOWN_NAME)
        args = [self.node(part) for part in tree.expressions]
        holes = [arg for arg in args if arg.label == _HOLE]
        return holes[0] if holes else make(args, start)


def _refuse_lists(nodes: Sequence[Node], what: str) -> None:
    for node in nodes:
        if node.type is Type.WORDS:
            raise TypeFault(node.at, f"{what} does not take a list of texts", "ask with IN")


def _negated(node: Node) -> Node:
    return Node(Op.NOT, Type.BOOLEAN, (node,), at=node.at)


_BUILDERS: Final[dict[type[exp.Expression], Callable[[_Typer, exp.Expression], Node]]] = {
    **dict.fromkeys(_COMPARISONS, _Typer.compare),
    **dict.fromkeys(_ARITHMETIC, _Typer.arithmetic),
    **dict.fromkeys((exp.And, exp.Or), _Typer.connector),
    **dict.fromkeys((exp.Like, exp.Escape), _Typer.like),
    **dict.fromkeys((exp.Lower, exp.Upper), _Typer.case_of_letters),
    **dict.fromkeys(ATOMS, _Typer.atom),
    exp.Not: _Typer.negation,
    exp.Between: _Typer.between,
    exp.In: _Typer.membership,
    exp.Is: _Typer.is_null,
    exp.Case: _Typer.case,
    exp.Coalesce: _Typer.coalesce,
    exp.Neg: _Typer.negative,
    exp.Anonymous: _Typer.call,
}
"""The subset: what an expression may be made of, and who types it."""
