"""The instants at which a predicate may change its mind about a row, all else being equal."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from auditor.jurisdictions import Groups
from auditor.rules.ir import Node, Op, Type

_COMPARISONS: Final = frozenset(
    {Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.SAME, Op.DIFFERS, Op.IN, Op.IS_NULL}
)
_GROUPED: Final = frozenset({Op.GROUP, Op.IN_GROUP})
_TICK: Final = timedelta(microseconds=1)

Instants = Mapping[str, frozenset[datetime] | None]
"""Field of a time → the instants between which its value makes no difference; None: every value may
make one."""


def instants_of(nodes: Iterable[Node], row_time: str, groups: Groups) -> Instants:
    """The instants of all times that bound predicates read; `row_time` also dates groups."""
    found: dict[str, frozenset[datetime] | None] = {}
    for root in nodes:
        for name, instants in _uses(root, row_time, groups):
            before = found.get(name, frozenset())
            found[name] = None if before is None or instants is None else before | instants
    return found


def _uses(
    root: Node, row_time: str, groups: Groups
) -> Iterator[tuple[str, frozenset[datetime] | None]]:
    for node in root.walk():
        if node.op in _GROUPED:
            yield row_time, frozenset(groups.boundaries(str(node.value)))
        times = [arg for arg in node.args if arg.op is Op.FIELD and arg.type is Type.TIME]
        for time in times:
            others = [arg for arg in node.args if arg is not time]
            is_plain = node.op in _COMPARISONS and all(arg.is_literal for arg in others)
            yield str(time.value), _around(others) if is_plain else None


def _around(literals: Iterable[Node]) -> frozenset[datetime]:
    """Each literal and the tick after it: `=` and `>` tell the two apart."""
    at = [node.value for node in literals if isinstance(node.value, datetime)]
    return frozenset([*at, *(instant + _TICK for instant in at)])
