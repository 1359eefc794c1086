"""Whether a whole CSV file is clean: one cheap pass over its bytes.

Polars loses, cuts or merges damaged records in silence, so only files without any damage are given
to it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final

from auditor.sources.csv_header import Header, header_of
from auditor.sources.csv_lines import LONGEST_LINE, clean_lines
from auditor.sources.log_file import LogFile
from auditor.sources.streams import pieces_of

_BLOCK: Final = 1 << 18
"""Bytes looked through at once: larger ones may be handed out in fresh pages each time."""

_BLANK_TAIL: Final = re.compile(rb"(?:\r?\n)?((?:\r?\n)*)")


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
    sweep = _Sweep(header, is_quoted=b'"' in header.line)
    blocks = _blocks(chain([start[header.size :]], pieces))
    if not (all(sweep.feed(block) for block in blocks) and sweep.finish()):
        return Preflight(header, Shape.DAMAGED, 0, 0)
    shape = Shape.QUOTED if sweep.is_quoted else Shape.PLAIN
    return Preflight(header, shape, sweep.rows, sweep.blank_tail)


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[at : at + _BLOCK] for at in range(0, len(piece), _BLOCK))


@dataclass(slots=True)
class _Sweep:
    header: Header
    is_quoted: bool
    rows: int = 0
    blank_tail: int = 0
    waiting: bytes = b""

    def feed(self, piece: bytes) -> bool:
        """Takes the next bytes; False at damage. The last line waits: the file may end there."""
        data = self.waiting + piece
        cut = data.rstrip(b"\r\n").rfind(b"\n") + 1
        self.waiting = data[cut:]
        first_line = data.find(b"\n")
        if max(first_line, 0 if cut else len(data)) > LONGEST_LINE:
            return False
        return not cut or self._take(data[:cut])

    def finish(self) -> bool:
        """Takes the last line and the blank ones after it."""
        last = self.waiting.rstrip(b"\r\n")
        tail = _BLANK_TAIL.fullmatch(self.waiting, len(last))
        if tail is None or len(last) > LONGEST_LINE:
            return False
        self.blank_tail = tail[1].count(b"\n")
        return not last or self._take(last + b"\n")

    def _take(self, content: bytes) -> bool:
        clean = clean_lines(content, self.header)
        if clean is None:
            return False
        self.rows += clean.rows
        self.is_quoted = self.is_quoted or clean.is_quoted
        return True
