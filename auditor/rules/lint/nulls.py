"""Which expressions may be NULL, and which must be."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from auditor.rules.ir import Node, Op
from auditor.schema import Field, Need

_STRICT: Final = frozenset(
    {
        Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.LIKE, Op.LOWER, Op.UPPER, Op.NOT,
        Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.IN_GROUP, Op.VERSION_AT_LEAST,
    }
)  # fmt: skip
"""NULL as soon as one operand is."""

_SET_TESTS: Final = frozenset({Op.WITHIN, Op.TOUCHES})
_PAIR: Final = 2
_EXACT: Final = _STRICT - {Op.DIV, Op.MOD, Op.VERSION_AT_LEAST}
"""NULL only if some operand is: a quotient by zero and a version without digits are NULL too."""

_NEVER: Final = frozenset({Op.IS_NULL, Op.SAME, Op.DIFFERS, Op.PARAM, Op.DAY, Op.GROUP})


class Nulls:
    """Answers for the expressions of one rule.

    Args:
        fields: the fields of its table.
        missing: fields that are NULL on every row.
    """

    def __init__(self, fields: Mapping[str, Field], missing: Iterable[str] = ()) -> None:
        self._fields = fields
        self._missing = frozenset(missing)

    def strict_args(self, node: Node) -> Sequence[Node]:
        """The operands of which none may be NULL where `node` is not."""
        if node.op in _STRICT:
            return node.args
        if node.op not in _SET_TESTS:
            return ()
        # NOTE: of several sets to compare with, one may decide though another is missing.
        return node.args if len(node.args) == _PAIR else node.args[:1]

    def may_be(self, node: Node) -> bool:
        """Whether `node` may be NULL; in doubt, yes."""
        if node.op is Op.LITERAL:
            return node.value is None
        if node.op in _NEVER:
            return False
        if node.op is Op.FIELD:
            name = str(node.value)
            return name in self._missing or self._fields[name].need is not Need.VALUE
        if node.op is Op.COALESCE:
            return all(self.may_be(arg) for arg in node.args)
        if node.op is Op.CASE:
            return any(self.may_be(arg) for arg in (*node.args[1::2], node.args[-1]))
        is_told = node.op in _EXACT or node.op in {Op.AND, Op.OR, Op.IN, Op.BETWEEN}
        return not is_told or any(self.may_be(arg) for arg in node.args)

    def must_be(self, node: Node) -> bool:
        """Whether `node` is NULL on every row; in doubt, no."""
        if node.op is Op.LITERAL:
            return node.value is None
        if node.op is Op.FIELD:
            return str(node.value) in self._missing
        if node.op is Op.COALESCE:
            return all(self.must_be(arg) for arg in node.args)
        if node.op is Op.CASE:
            return all(self.must_be(arg) for arg in (*node.args[1::2], node.args[-1]))
        return any(self.must_be(arg) for arg in self.strict_args(node))
