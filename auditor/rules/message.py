"""Messages: texts with `{placeholders}` → an expression over a finding's columns."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.errors import did_you_mean
from auditor.findings import FINDING_SCHEMA
from auditor.rules.faults import FaultKind
from auditor.rules.parse import SqlFault
from auditor.schema import FACTS, SUBJECT_KEYS, TIME, Kind

MAX_CHARACTERS: Final = 4_000

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]")
_SUMS: Final = (
    "events", "first_at", "last_at", "media_bytes", "jurisdictions", "jurisdictions_outside",
    "opted_in", "route", "basis", "start_basis", "boundary",
)  # fmt: skip
"""What a finding sums up and a message may show."""

_MADE_FROM: Final = {
    "jurisdictions_outside": frozenset({"jurisdictions", "opted_in"}),
    "first_at": frozenset({"event_at"}),
    "last_at": frozenset({"event_at"}),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, or the name of what stands in its place; `at` is its character."""

    text: str
    is_name: bool
    at: int


def pieces_of(message: str) -> list[Piece]:
    """The texts and placeholders of a message; `{{` and `}}` mean the brackets themselves.

    Raises:
        SqlFault: a bracket has no partner.
    """
    return list(_pieces(message))


def _pieces(message: str) -> Iterator[Piece]:
    for found in _PIECE.finditer(message):
        text, at = found.group(), found.start()
        if text in {"{{", "}}"}:
            yield Piece(text[0], is_name=False, at=at)
        elif text in {"{", "}"}:
            raise SqlFault(at, f"{text!r} has no partner", "write it twice to show it")
        elif found.group(1) is not None:
            yield Piece(found.group(1), is_name=True, at=at)
        else:
            yield Piece(text, is_name=False, at=at)


def placeholder_types(
    table: str, subject: str, evidence: Mapping[str, object]
) -> Mapping[str, pl.DataType]:
    """What a message may show, and the dtype in which the finding holds it.

    Facts that no finding sums up come as text (all values of the violating rows), times as the
    earliest, sets as lists of codes.
    """
    facts = {
        name: TIME if field.kind is Kind.TIME else _dtype_of(field.kind)
        for name, field in FACTS[table].items()
    }
    keys = dict.fromkeys(SUBJECT_KEYS[subject], pl.String())
    sums = {name: FINDING_SCHEMA[name] for name in _SUMS}
    return {**facts, **keys, **sums, **dict.fromkeys(evidence, pl.String())}


def _dtype_of(kind: Kind) -> pl.DataType:
    return pl.List(pl.String()) if kind is Kind.SET else pl.String()


def check_message(message: str, known: Mapping[str, pl.DataType]) -> list[SqlFault]:
    """What is wrong with a message's length, brackets and names."""
    if len(message) > MAX_CHARACTERS:
        too_long = f"longer than {MAX_CHARACTERS} characters"
        return [SqlFault(MAX_CHARACTERS, too_long, kind=FaultKind.TOO_LARGE)]
    try:
        pieces = pieces_of(message)
    except SqlFault as fault:
        return [fault]
    return [
        SqlFault(
            piece.at,
            f"unknown placeholder {piece.text!r}",
            did_you_mean(piece.text, known),
            FaultKind.UNKNOWN_NAME,
        )
        for piece in pieces
        if piece.is_name and piece.text not in known
    ]


def names_in(message: str) -> list[str]:
    """The placeholders in order, each once."""
    return list(dict.fromkeys(piece.text for piece in pieces_of(message) if piece.is_name))


def facts_behind(name: str, table: str) -> frozenset[str]:
    """The facts that a placeholder is made from."""
    made_from = _MADE_FROM.get(name, frozenset({name}))
    return made_from & FACTS[table].keys()


def message_expr(message: str, known: Mapping[str, pl.DataType]) -> pl.Expr:
    """The message over a frame whose columns are named as the placeholders; String, never null."""
    parts = [
        _shown(piece.text, known[piece.text]) if piece.is_name else pl.lit(piece.text)
        for piece in pieces_of(message)
    ]
    return pl.concat_str(parts) if parts else pl.lit("")


def _shown(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == TIME:
        text = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").str.replace(
            ".000000Z", "Z", literal=True
        )
    elif isinstance(dtype, pl.List):
        joined = column.list.join(", ")
        text = pl.when(column.list.len() == 0).then(pl.lit("nothing")).otherwise(joined)
    else:
        text = column.cast(pl.String)
    return text.fill_null("unknown")
