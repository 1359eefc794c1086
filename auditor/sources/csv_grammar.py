"""The strict grammar of one CSV record (RFC 4180), on bytes."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

BOM: Final = b"\xef\xbb\xbf"

_QUOTED: Final = rb'"[^"]*+(?:""[^"]*+)*+"'
_FIELD: Final = rb"(?:" + _QUOTED + rb'|[^",]*+)'
_OPEN: Final = rb'"[^"]*+(?:""[^"]*+)*+'
_INSIDE: Final = rb'[^"]*+(?:""[^"]*+)*+'

_RECORD: Final = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*+")
_OPENING: Final = re.compile(rb"(?:" + _FIELD + rb",)*" + _OPEN)
_STAYING: Final = re.compile(_INSIDE)
_CLOSING: Final = re.compile(_INSIDE + rb'"(?:,' + _FIELD + rb")*+")
_REOPENING: Final = re.compile(_INSIDE + rb'"(?:,' + _FIELD + rb")*," + _OPEN)
_EACH_FIELD: Final = re.compile(rb"(?:\A|,)(" + _FIELD + rb")")


class Quotes(StrEnum):
    """What the quotes of one line do to the record that it starts or goes on with."""

    WHOLE = "whole"
    OPEN = "open"
    BROKEN = "broken"


def starting(line: bytes) -> Quotes:
    """What a line does that starts a record: is it whole, left open, or broken?"""
    if b'"' not in line or _RECORD.fullmatch(line):
        return Quotes.WHOLE
    return Quotes.OPEN if _OPENING.fullmatch(line) else Quotes.BROKEN


def continuing(line: bytes) -> Quotes:
    """The same for a line inside a quoted field that an earlier line left open."""
    if b'"' not in line or _STAYING.fullmatch(line) or _REOPENING.fullmatch(line):
        return Quotes.OPEN
    return Quotes.WHOLE if _CLOSING.fullmatch(line) else Quotes.BROKEN


def quote_fault(line: bytes) -> str | None:
    """Why a line is no whole record, if it is none."""
    return {
        Quotes.WHOLE: None,
        Quotes.OPEN: "unclosed quote",
        Quotes.BROKEN: "stray quote",
    }[starting(line)]


def fields_of(record: bytes) -> list[bytes]:
    """The values of a whole record, unquoted."""
    if b'"' not in record:
        return record.split(b",")
    return [_unquoted(field) for field in _fields(record)]


def count_fields(record: bytes) -> int:
    """Number of fields of a whole record."""
    if b'"' not in record:
        return record.count(b",") + 1
    return sum(1 for _ in _fields(record))


def has_stray_return(record: bytes) -> bool:
    """Whether a carriage return stands outside the quotes of a whole record."""
    if b"\r" not in record:
        return False
    return any(b"\r" in field for field in _fields(record) if not field.startswith(b'"'))


def _fields(record: bytes) -> Iterator[bytes]:
    return (match[1] for match in _EACH_FIELD.finditer(record))


def _unquoted(field: bytes) -> bytes:
    return field[1:-1].replace(b'""', b'"') if field.startswith(b'"') else field
