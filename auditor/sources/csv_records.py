"""The records of a damaged CSV file: none is lost, none swallows another."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

from auditor.sources.csv_grammar import (
    BOM,
    Quotes,
    continuing,
    count_fields,
    fields_of,
    has_stray_return,
    starting,
)
from auditor.sources.csv_header import Header, header_of
from auditor.sources.csv_lines import LONGEST_LINE, Clean, clean_lines
from auditor.sources.log_file import LogFile
from auditor.sources.streams import pieces_of

_MOST_LINES: Final = 64
_LONGEST_CSV_FIELD: Final = csv.field_size_limit()


class Record(NamedTuple):
    """One record as it stands in the file.

    Attributes:
        raw: its bytes without the last line end; of an overlong line only the start. A byte-order
            mark, left where files were joined, is dropped.
        lines: number of lines it takes.
        fault: why it is broken, or None.
        values: its fields, unquoted; none where it is broken.
    """

    raw: bytes
    lines: int
    fault: str | None
    values: list[str]


_BLANK: Final = Record(b"", 1, "blank line", [])


def records_of(file: LogFile) -> tuple[Header, Iterator[Clean | Record]]:
    """The header of `file` and its records, read as they are asked for in bounded memory.

    Stretches of clean lines come as one. A record that spans lines is believed only if none of its
    later lines is a whole record by itself; otherwise its first line alone is broken, and reading
    resumes at the next. Blank lines at the very end are no records.

    Raises:
        InputError: its header is broken. While iterating: its stream is cut or damaged.
    """
    pieces = pieces_of(file)
    start = next(pieces, b"")
    header = header_of(file, start)
    blocks = _blocks(chain([start[header.size :]], pieces))
    return header, _Reader(header, blocks).records()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines with their ends; the file's last line may have none."""
    waiting = b""
    for piece in pieces:
        lines, end, rest = piece.rpartition(b"\n")
        if end:
            yield waiting + lines + end
            waiting = rest
        else:
            # NOTE: of an overlong line only enough is kept to see that it is overlong.
            waiting += rest[: LONGEST_LINE + 2 - len(waiting)]
    if waiting:
        yield waiting


@dataclass(slots=True)
class _Reader:
    header: Header
    blocks: Iterator[bytes]

    def records(self) -> Iterator[Clean | Record]:
        ahead = _Ahead(self.blocks)
        blanks = 0
        while (block := next(self.blocks, None)) is not None:
            clean = self._clean(block)
            if clean:
                yield from (_BLANK for _ in range(blanks))
                blanks = 0
                yield clean
                continue
            ahead.add(block)
            while ahead:
                if not ahead.line(0).strip(b"\r"):
                    ahead.take(1)
                    blanks += 1
                    continue
                yield from (_BLANK for _ in range(blanks))
                blanks = 0
                yield self._record(ahead)

    def _clean(self, block: bytes) -> Clean | None:
        is_long = block.find(b"\n") > LONGEST_LINE
        return None if is_long or block[-1:] != b"\n" else clean_lines(block, self.header)

    def _record(self, ahead: "_Ahead") -> Record:
        first = ahead.line(0).removeprefix(BOM).removesuffix(b"\r")
        quotes = starting(first)
        length = self._length(ahead) if quotes is Quotes.OPEN else 1
        if length == 1:
            ahead.take(1)
            return self._judged(first, 1, quotes)
        raw = ahead.joined(length)
        ahead.take(length)
        return self._judged(raw, length, Quotes.WHOLE)

    def _length(self, ahead: "_Ahead") -> int:
        """Lines of the record that the first line leaves open; 1 if it is not to be believed."""
        fields = len(self.header.names)
        size = len(ahead.line(0))
        for at in range(1, _MOST_LINES):
            if not ahead.reaches(at):
                return 1
            line = ahead.line(at).removesuffix(b"\r")
            size += len(line)
            if size > LONGEST_LINE:
                return 1
            if starting(line) is Quotes.WHOLE and count_fields(line) == fields:
                return 1
            quotes = continuing(line)
            if quotes is not Quotes.OPEN:
                is_whole = quotes is Quotes.WHOLE and count_fields(ahead.joined(at + 1)) == fields
                return at + 1 if is_whole else 1
        return 1

    def _judged(self, raw: bytes, lines: int, quotes: Quotes) -> Record:
        if len(raw) > LONGEST_LINE:
            return Record(raw, lines, "line over 1 MiB", [])
        if raw == self.header.line:
            return Record(raw, lines, "repeated header", [])
        if quotes is not Quotes.WHOLE:
            fault = "unclosed quote" if quotes is Quotes.OPEN else "stray quote"
            return Record(raw, lines, fault, [])
        try:
            values = _values(raw.decode())
            count = len(values)
        except UnicodeDecodeError:
            values, count = [], count_fields(raw)
        fields = len(self.header.names)
        if count != fields:
            fault = "too few fields" if count < fields else "too many fields"
            return Record(raw, lines, fault, [])
        text_fault = _text_fault(raw, is_text=bool(values))
        return Record(raw, lines, text_fault, [] if text_fault else values)


def _values(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    if len(text) > _LONGEST_CSV_FIELD or "\r" in text:
        return [value.decode() for value in fields_of(text.encode())]
    return next(csv.reader([text], strict=True))


def _text_fault(raw: bytes, *, is_text: bool) -> str | None:
    if not is_text:
        return "invalid UTF-8"
    if b"\0" in raw:
        return "NUL byte"
    return "stray carriage return" if has_stray_return(raw) else None


class _Ahead:
    """Lines that can be looked at before they are taken."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._lines: deque[bytes] = deque()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, block: bytes) -> None:
        self._lines.extend(block.removesuffix(b"\n").split(b"\n"))

    def reaches(self, at: int) -> bool:
        while len(self._lines) <= at:
            block = next(self._blocks, None)
            if block is None:
                return False
            self.add(block)
        return True

    def line(self, at: int) -> bytes:
        return self._lines[at]

    def take(self, count: int) -> None:
        for _ in range(count):
            self._lines.popleft()

    def joined(self, count: int) -> bytes:
        lines = b"\n".join(self._lines[at] for at in range(count))
        return lines.removeprefix(BOM).removesuffix(b"\r")
