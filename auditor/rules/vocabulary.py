"""Quoted texts take on the type of what they are compared with, or are faults."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from auditor.errors import did_you_mean
from auditor.jurisdictions import COUNTRIES
from auditor.rules.faults import FaultKind
from auditor.rules.ir import TEXTUAL, Node, Op, Type
from auditor.rules.parse import SqlFault, TypeFault

_QUOTED: Final = frozenset({Type.WORD, Type.WORDS})
_NOT_CODES: Final = {"UK": "GB", "EL": "GR", "EU": ""}
_HINTS: Final = {
    Type.TIME: "write an instant as TIMESTAMP '2020-05-01T00:00:00Z'",
    Type.BOOLEAN: "write TRUE or FALSE",
    Type.NUMBER: "write numbers without quotes",
    Type.SET: "sets are asked with within(), touches() and IS NULL",
}


def unify(nodes: Sequence[Node]) -> list[Node]:
    """The same expressions, all of one type: quoted texts and NULLs follow the others.

    Raises:
        SqlFault: two of them can never be compared, or a text is outside a vocabulary.
    """
    settled = [n for n in nodes if n.type not in _QUOTED and n.type is not Type.NULL]
    if not settled:
        is_text = any(n.type in _QUOTED for n in nodes)
        wanted = Node(Op.LITERAL, Type.WORD if is_text else Type.NULL)
    else:
        wanted = settled[0]
    for node in settled[1:]:
        if node.type is not wanted.type:
            raise _mismatch(wanted, node)
        if node.choices != wanted.choices:
            raise TypeFault(
                node.at, f"{wanted.label} and {node.label} have no values in common by meaning"
            )
    return [settle_any(node, wanted) for node in nodes]


def settle(node: Node, wanted: Node) -> Node:
    """`node` as the type of `wanted`, where it is one quoted text or NULL.

    Raises:
        SqlFault: the text is not a value of that type, or a list stands where one is wanted.
    """
    if node.type is Type.WORDS:
        raise TypeFault(node.at, f"one {wanted.type} is wanted here, not a list of texts")
    return settle_any(node, wanted)


def settle_any(node: Node, wanted: Node) -> Node:
    """As `settle`, but a parameter that lists texts fits too; its type is then that of one."""
    if node.type is Type.NULL:
        label = node.label or wanted.label
        return replace(node, type=wanted.type, choices=wanted.choices, label=label)
    if node.type not in _QUOTED or wanted.type in _QUOTED:
        return node
    if wanted.type not in TEXTUAL:
        raise _mismatch(wanted, node)
    if node.is_literal:
        check_word(str(node.value), wanted.type, wanted.choices, wanted.label, node.at)
    return replace(
        node,
        type=wanted.type,
        args=tuple(_settled_args(node, wanted)),
        choices=wanted.choices,
        label=_label(wanted),
    )


def _label(wanted: Node) -> str:
    return wanted.label or wanted.type.value


def _settled_args(node: Node, wanted: Node) -> list[Node]:
    """Values inside a CASE or COALESCE of quoted texts; its conditions stay as they are."""
    if node.op is Op.CASE:
        last = len(node.args) - 1
        return [
            settle(arg, wanted) if i % 2 or i == last else arg for i, arg in enumerate(node.args)
        ]
    if node.op is Op.COALESCE:
        return [settle(arg, wanted) for arg in node.args]
    return list(node.args)


def check_word(word: str, type_: Type, choices: Sequence[str], label: str, at: int) -> None:
    """Refuse a text that a closed vocabulary does not hold: it would never be equal.

    Raises:
        SqlFault: with the closest known value.
    """
    if type_ is Type.CHOICE and word not in choices:
        hint = did_you_mean(word, choices)
        raise SqlFault(at, f"unknown value {word!r} of {label}", hint, FaultKind.UNKNOWN_VALUE)
    if type_ is Type.COUNTRY and word not in COUNTRIES:
        kind = FaultKind.UNKNOWN_JURISDICTION
        raise SqlFault(at, f"unknown country {word!r}", country_hint(word), kind)


def country_hint(word: str) -> str:
    """What someone who wrote `word` for a country may have meant."""
    code = _NOT_CODES.get(word.upper(), word.upper())
    if code in COUNTRIES:
        return f"did you mean {code!r}?"
    by_name = {name.casefold(): code for code, name in COUNTRIES.items()}
    found = by_name.get(word.casefold())
    return f"did you mean {found!r}?" if found else "countries are ISO 3166-1 alpha-2, as in 'CN'"


def _mismatch(one: Node, other: Node) -> TypeFault:
    hint = _HINTS.get(one.type) or _HINTS.get(other.type, "")
    if {one.type, other.type} == {Type.TEXT, Type.NUMBER}:
        hint = "quote what a text is compared with; versions are asked with version_at_least()"
    if {one.type, other.type} <= TEXTUAL:
        hint = "LOWER() or UPPER() makes a text of a country or choice"
    return TypeFault(other.at, f"wrong types: {one.type} and {other.type} do not compare", hint)
