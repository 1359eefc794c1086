"""The records of a damaged CSV file, one by one: none is lost, none swallows another."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from auditor.sources.csv_grammar import (
    BOM,
    Quotes,
    continuing,
    count_fields,
    has_stray_return,
    starting,
)
from auditor.sources.csv_header import Header, header_of
from auditor.sources.csv_preflight import LONGEST_LINE
from auditor.sources.discover import LogFile
from auditor.sources.streams import pieces_of

_MOST_LINES: Final = 64


class Record(NamedTuple):
    """One record as it stands in the file.

    Attributes:
        line: its first line, counted from 1, the header included.
        raw: its bytes without the last line end; of an overlong line only the start. A byte-order
            mark, left where files were joined, is dropped.
        fault: why it is broken, or None.
    """

    line: int
    raw: bytes
    fault: str | None


def records_of(file: LogFile) -> tuple[Header, Iterator[Record]]:
    """The header of `file` and its records, read as they are asked for in bounded memory.

    A record that spans lines is believed only if none of its later lines is a whole record by
    itself; otherwise its first line alone is broken, and reading resumes at the next.
    Blank lines at the very end are no records.

    Raises:
        InputError: its header is broken. While iterating: its stream is cut or damaged.
    """
    pieces = pieces_of(file)
    start = next(pieces, b"")
    header = header_of(file, start)
    return header, _records(_lines(chain([start[header.size :]], pieces)), header)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting = b""
    for piece in pieces:
        first, *others = piece.split(b"\n")
        # NOTE: of an overlong line only enough is kept to see that it is overlong.
        waiting += first[: LONGEST_LINE + 2 - len(waiting)]
        for other in others:
            yield waiting
            waiting = other
    if waiting:
        yield waiting


def _records(lines: Iterator[bytes], header: Header) -> Iterator[Record]:
    ahead = _Ahead(lines)
    number, blanks = 2, 0
    while (first := ahead.line(0)) is not None:
        if not first.strip(b"\r"):
            ahead.take(1)
            blanks += 1
            continue
        for _ in range(blanks):
            yield Record(number, b"", "blank line")
            number += 1
        blanks = 0
        first = first.removeprefix(BOM).removesuffix(b"\r")
        is_open = b'"' in first and starting(first) is Quotes.OPEN
        length = _length(ahead, len(header.names)) if is_open else 1
        raw = b"\n".join(ahead.take(length)).removeprefix(BOM).removesuffix(b"\r")
        yield Record(number, raw, _fault(raw, header))
        number += length


def _length(ahead: "_Ahead", fields: int) -> int:
    """Number of lines of the record that the first line leaves open; 1 if it never closes."""
    size = 0
    for at in range(1, _MOST_LINES):
        line = ahead.line(at)
        size += len(ahead.line(at - 1) or b"")
        if line is None or size + len(line) > LONGEST_LINE:
            return 1
        line = line.removesuffix(b"\r")
        if starting(line) is Quotes.WHOLE and count_fields(line) == fields:
            return 1
        quotes = continuing(line)
        if quotes is not Quotes.OPEN:
            whole = quotes is Quotes.WHOLE
            return at + 1 if whole and count_fields(ahead.joined(at + 1)) == fields else 1
    return 1


def _fault(raw: bytes, header: Header) -> str | None:
    if len(raw) > LONGEST_LINE:
        return "line over 1 MiB"
    if raw == header.line:
        return "repeated header"
    quotes = starting(raw) if b'"' in raw else Quotes.WHOLE
    if quotes is not Quotes.WHOLE:
        return "unclosed quote" if quotes is Quotes.OPEN else "stray quote"
    surplus = count_fields(raw) - len(header.names)
    if surplus:
        return "too few fields" if surplus < 0 else "too many fields"
    return _text_fault(raw)


def _text_fault(raw: bytes) -> str | None:
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return "invalid UTF-8"
    if b"\0" in raw:
        return "NUL byte"
    return "stray carriage return" if has_stray_return(raw) else None


class _Ahead:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._seen: deque[bytes] = deque()

    def line(self, at: int) -> bytes | None:
        while len(self._seen) <= at:
            line = next(self._lines, None)
            if line is None:
                return None
            self._seen.append(line)
        return self._seen[at]

    def take(self, count: int) -> list[bytes]:
        return [self._seen.popleft() for _ in range(count)]

    def joined(self, count: int) -> bytes:
        return (
            b"\n".join(self._seen[at] for at in range(count)).removeprefix(BOM).removesuffix(b"\r")
        )
