"""The field's own functions: what they take, what they yield."""

from collections.abc import Callable, Sequence
from typing import Final

from auditor.rules.ir import Node, Op, Type
from auditor.rules.names import name_keys
from auditor.rules.parse import SqlFault, TypeFault
from auditor.rules.version import parts_of
from auditor.rules.vocabulary import settle, settle_any

_COUNTRY: Final = Node(Op.LITERAL, Type.COUNTRY, label="country")
_PAIR: Final = 2
_TEXT: Final = Node(Op.LITERAL, Type.TEXT, label="text")


def _set_test(op: Op, args: Sequence[Node], at: int) -> Node:
    if len(args) < _PAIR:
        raise SqlFault(at, f"{op}() takes a set and what it is compared with")
    if args[0].type is not Type.SET:
        raise TypeFault(args[0].at, f"{op}() takes a set first, not {args[0].type}")
    return Node(op, Type.BOOLEAN, tuple(_member_of(op, arg) for arg in args), at=at)


def _member_of(op: Op, arg: Node) -> Node:
    if arg.type is Type.SET:
        return arg
    is_plain = arg.op in {Op.LITERAL, Op.PARAM} and arg.type in {Type.WORD, Type.WORDS}
    if not is_plain:
        raise TypeFault(
            arg.at, f"{op}() takes sets, quoted countries and group('…'), not {arg.type}"
        )
    return settle_any(arg, _COUNTRY)


def _within(args: Sequence[Node], at: int) -> Node:
    return _set_test(Op.WITHIN, args, at)


def _touches(args: Sequence[Node], at: int) -> Node:
    return _set_test(Op.TOUCHES, args, at)


def _group(args: Sequence[Node], at: int) -> Node:
    if len(args) != 1:
        raise SqlFault(at, "group() takes the name of one group")
    return Node(Op.GROUP, Type.SET, value=_quoted("group", args[0]), at=args[0].at)


def _in_group(args: Sequence[Node], at: int) -> Node:
    if len(args) != _PAIR:
        raise SqlFault(at, "in_group() takes a country and the name of a group")
    country = settle(args[0], _COUNTRY)
    if country.type is not Type.COUNTRY:
        raise TypeFault(country.at, f"in_group() takes a country first, not {country.type}")
    name = _quoted("in_group", args[1])
    return Node(Op.IN_GROUP, Type.BOOLEAN, (country,), value=name, at=args[1].at)


def _version_at_least(args: Sequence[Node], at: int) -> Node:
    if len(args) != _PAIR:
        raise SqlFault(at, "version_at_least() takes a text and a version")
    text, wanted = settle(args[0], _TEXT), settle(args[1], _TEXT)
    if text.type is not Type.TEXT:
        raise TypeFault(text.at, f"version_at_least() takes a text first, not {text.type}")
    if wanted.op not in {Op.LITERAL, Op.PARAM} or wanted.type is not Type.TEXT:
        raise SqlFault(wanted.at, "version_at_least() takes a quoted version, as in '5.0'")
    if wanted.is_literal and parts_of(str(wanted.value)) is None:
        raise SqlFault(wanted.at, f"{wanted.value!r} is not a version", "write it as in '5.0'")
    return Node(Op.VERSION_AT_LEAST, Type.BOOLEAN, (text, wanted), at=at)


def _named_like(args: Sequence[Node], at: int) -> Node:
    if len(args) < _PAIR:
        raise SqlFault(at, "named_like() takes a text and the names it may be like")
    text, *names = [settle(args[0], _TEXT), *(settle_any(arg, _TEXT) for arg in args[1:])]
    if text.type is not Type.TEXT:
        raise TypeFault(text.at, f"named_like() takes a text first, not {text.type}")
    for name in names:
        if name.op not in {Op.LITERAL, Op.PARAM} or name.type is not Type.TEXT:
            raise TypeFault(name.at, "named_like() takes quoted names or a parameter of names")
    check_names(names)
    return Node(Op.NAMED_LIKE, Type.BOOLEAN, (text, *names), at=at)


def check_names(names: Sequence[Node]) -> None:
    """Refuse names of which nothing would be compared; parameters are passed over.

    Raises:
        SqlFault: at the first of them.
    """
    known = [name for name in names if name.is_literal]
    for name, key in zip(known, name_keys([str(name.value) for name in known]), strict=True):
        if key is None or name.is_null:
            raise SqlFault(name.at, f"{name.value!r} is not a name", "write it as in 'Acme'")


def _quoted(function: str, arg: Node) -> str:
    if not arg.is_literal or arg.type is not Type.WORD:
        raise SqlFault(arg.at, f"{function}() takes the group's name in quotes, as in 'EEA'")
    return str(arg.value)


FUNCTIONS: Final[dict[str, Callable[[Sequence[Node], int], Node]]] = {
    Op.WITHIN.value: _within,
    Op.TOUCHES.value: _touches,
    Op.GROUP.value: _group,
    Op.IN_GROUP.value: _in_group,
    Op.VERSION_AT_LEAST.value: _version_at_least,
    Op.NAMED_LIKE.value: _named_like,
}
"""Name → what makes a typed call of its arguments; raises `SqlFault` where they do not fit."""
