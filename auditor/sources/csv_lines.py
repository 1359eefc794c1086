"""Whether many CSV lines are clean at once, so that Polars reads them right.

Deleting every byte but separators, quotes and line ends leaves, of clean lines without quotes, the
same few bytes once per line: comparing them checks the fields of every line at the speed of memory.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from auditor.sources.csv_grammar import BOM
from auditor.sources.csv_header import Header
from auditor.sources.streams import PIECE

LONGEST_LINE: Final = PIECE
"""Bytes. Being no shorter than a piece, a longer line always reaches over the end of one."""

_ORDINARY: Final = bytes(set(range(256)) - set(b',\n"\r\0'))
_MOST_FIELDS: Final = 250  # more would make the pattern for quoted lines too large


@dataclass(frozen=True, slots=True)
class Clean:
    """Whole lines of which each is one sound record.

    Attributes:
        content: the lines, each with its end.
        rows: how many there are.
        is_quoted: whether any holds a quote.
    """

    content: bytes
    rows: int
    is_quoted: bool


def clean_lines(content: bytes, header: Header) -> Clean | None:
    """`content`, if it is whole lines without any damage, each of them one record.

    Args:
        content: must end with a line end; not empty.
        header: tells the number of fields, and what would be a repeated header.
    """
    marks = content.translate(None, _ORDINARY)
    if b"\r" in marks:
        if marks.count(b"\r") != content.count(b"\r\n"):
            return None
        marks = marks.replace(b"\r\n", b"\n")
    rows = marks.count(b"\n")
    fields = len(header.names)
    is_quoted = b'"' in marks
    if is_quoted:
        is_right = _is_quoted_right(content, fields)
    else:
        is_right = marks == (b"," * (fields - 1) + b"\n") * rows
    if not is_right or not _is_clean_text(content) or (fields == 1 and _has_blank(content)):
        return None
    if header.line in content and header.repeated.search(content):
        return None
    return Clean(content, rows, is_quoted)


def _has_blank(content: bytes) -> bool:
    return content.startswith((b"\n", b"\r\n")) or b"\n\n" in content or b"\n\r\n" in content


def _is_clean_text(content: bytes) -> bool:
    if content.isascii():
        return True
    if content.startswith(BOM) or b"\n" + BOM in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_quoted_right(content: bytes, fields: int) -> bool:
    if fields > _MOST_FIELDS:
        return False
    try:
        text = pl.Series([content.decode()])
    except UnicodeDecodeError:
        return False
    return bool(text.str.contains(_quoted_lines(fields)).item())


@lru_cache(maxsize=64)
def _quoted_lines(fields: int) -> str:
    one = r'(?:"(?:[^"\n\r\x00]|"")*"|[^",\n\r\x00]*)'
    return rf"\A(?:{one}(?:,{one}){{{fields - 1}}}\r?\n)*\z"
