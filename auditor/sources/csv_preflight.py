"""Whether a CSV file is clean, so that Polars reads it right: one cheap pass over its bytes.

Polars loses, cuts or merges damaged records in silence, so only files without any damage are given
to it. Deleting every byte but separators, quotes and line ends leaves, for a clean file without
quotes, the same few bytes once per line: comparing them checks the fields of every line at the
speed of memory.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

import polars as pl

from auditor.sources.csv_grammar import BOM
from auditor.sources.csv_header import Header, header_of
from auditor.sources.discover import LogFile
from auditor.sources.streams import PIECE, pieces_of

LONGEST_LINE: Final = PIECE
"""Bytes. Being no shorter than a piece, a longer line always reaches over the end of one."""

_ORDINARY: Final = bytes(set(range(256)) - set(b',\n"\r\0'))
_BLANK_TAIL: Final = re.compile(rb"(?:\r?\n)?((?:\r?\n)*)")
_MOST_FIELDS: Final = 250  # more would make the pattern for quoted lines too large


class Shape(StrEnum):
    """What a CSV file needs to be read right."""

    PLAIN = "plain"
    QUOTED = "quoted"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What one pass over a CSV file told.

    Attributes:
        header: its first line.
        shape: how it must be read.
        rows: number of records; of a damaged file meaningless.
        blank_tail: blank lines after the last record: they are no rows, but Polars reads them.
    """

    header: Header
    shape: Shape
    rows: int
    blank_tail: int


def preflight(file: LogFile) -> Preflight:
    """Reads `file` up to its first damage.

    Raises:
        InputError: its header or its compressed stream is broken, or it cannot be read.
    """
    pieces = pieces_of(file)
    start = next(pieces, b"")
    header = header_of(file, start)
    sweep = _Sweep(header, quoted=b'"' in header.line)
    sound = sweep.feed(start[header.size :])
    while sound and (piece := next(pieces, None)) is not None:
        sound = sweep.feed(piece)
    if not (sound and sweep.finish()):
        return Preflight(header, Shape.DAMAGED, 0, 0)
    shape = Shape.QUOTED if sweep.quoted else Shape.PLAIN
    return Preflight(header, shape, sweep.rows, sweep.blank_tail)


@dataclass(slots=True)
class _Sweep:
    header: Header
    quoted: bool
    rows: int = 0
    blank_tail: int = 0
    waiting: bytes = field(default=b"")

    def feed(self, piece: bytes) -> bool:
        """Takes the next bytes; False at damage. The last line waits: the file may end there."""
        data = self.waiting + piece
        cut = data.rstrip(b"\r\n").rfind(b"\n") + 1
        self.waiting = data[cut:]
        first_line = data.find(b"\n")
        if max(first_line, 0 if cut else len(data)) > LONGEST_LINE:
            return False
        return not cut or self._is_clean(data[:cut])

    def finish(self) -> bool:
        """Takes the last line and the blank ones after it."""
        last = self.waiting.rstrip(b"\r\n")
        tail = _BLANK_TAIL.fullmatch(self.waiting, len(last))
        if tail is None or len(last) > LONGEST_LINE:
            return False
        self.blank_tail = tail[1].count(b"\n")
        return not last or self._is_clean(last + b"\n")

    def _is_clean(self, lines: bytes) -> bool:
        marks = lines.translate(None, _ORDINARY)
        if b"\r" in marks:
            if marks.count(b"\r") != lines.count(b"\r\n"):
                return False
            marks = marks.replace(b"\r\n", b"\n")
        count = marks.count(b"\n")
        self.rows += count
        fields = len(self.header.names)
        if fields == 1 and _has_blank_line(lines):
            return False
        if not lines.isascii() and not _is_clean_utf8(lines):
            return False
        if marks != (b"," * (fields - 1) + b"\n") * count:
            self.quoted = self.quoted or b'"' in marks
            if b'"' not in marks or not _is_quoted_right(lines, fields):
                return False
        return self.header.line not in lines or not self.header.repeated.search(lines)


def _has_blank_line(lines: bytes) -> bool:
    return lines.startswith((b"\n", b"\r\n")) or b"\n\n" in lines or b"\n\r\n" in lines


def _is_clean_utf8(lines: bytes) -> bool:
    if lines.startswith(BOM) or b"\n" + BOM in lines:
        return False
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_quoted_right(lines: bytes, fields: int) -> bool:
    if fields > _MOST_FIELDS:
        return False
    return bool(pl.Series([lines.decode()]).str.contains(_quoted_lines(fields)).item())


@lru_cache(maxsize=64)
def _quoted_lines(fields: int) -> str:
    one = r'(?:"(?:[^"\n\r\x00]|"")*"|[^",\n\r\x00]*)'
    return rf"\A(?:{one}(?:,{one}){{{fields - 1}}}\r?\n)*\z"
