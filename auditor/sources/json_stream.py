"""JSON files, value by value in bounded memory: one per line, or documents of any layout."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError
from pathlib import Path
from typing import Final, NamedTuple

from auditor.errors import InputError
from auditor.sources.formats import no_text
from auditor.sources.json_values import DECODER, Json
from auditor.sources.log_file import LogFile
from auditor.sources.streams import pieces_of

LONGEST_VALUE: Final = 16 << 20
"""Bytes of one line, characters of one value of a document."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_BLANK_BYTES: Final = b" \t\r\n"
_SPLIT_HINT: Final = "write one record per line: jq -c '.[]' FILE > NEW.ndjson"
_AGAIN_HINT: Final = "have it delivered again; nothing of it was audited"


class Value(NamedTuple):
    """One value of a file as it stands there.

    Attributes:
        raw: its text, or its bytes where it is a line; of an overlong line only the start.
        line: number of the line, from 1, where values stand on lines; else None.
        value: what it says; None where it is broken.
        fault: why it is broken, or None.
    """

    raw: str | bytes
    line: int | None
    value: Json
    fault: str | None


def values_of(file: LogFile) -> Iterator[Value]:
    """The values of a JSON file in their order; blank lines hold none.

    In a file of lines a broken one is a value with a fault. A document that is broken anywhere is
    an error, because nobody knows what the rest of it belongs to.

    Raises:
        InputError: the file is empty, is no UTF-8 text, is a broken document, has a value that is
            too large, or cannot be read.
    """
    return _values(file, pieces_of(file))


def values_of_bytes(data: bytes, shown: str) -> Iterator[Value]:
    """The same of a JSON file that is in memory already; `shown` is its name in messages."""
    return _values(LogFile(Path(shown), shown, "json", None, len(data), {}), iter([data]))


def _values(file: LogFile, pieces: Iterator[bytes]) -> Iterator[Value]:
    start = next(pieces, b"")
    if packed := no_text(start):
        raise InputError(packed[0], location=file.shown, hint=packed[1])
    if start.startswith(_UTF16_BOMS) or b"\0" in start[:4]:
        hint = "convert it: iconv -f UTF-16 -t UTF-8"
        raise InputError("is UTF-16, or is no text at all", location=file.shown, hint=hint)
    if not start:
        hint = "have it delivered again; an empty list of records is []"
        raise InputError("is empty", location=file.shown, hint=hint)
    content = start.removeprefix(_BOM)
    if file.format == "ndjson" or _is_lines(content):
        yield from _line_values(_chained(content, pieces))
    else:
        yield from _Document(file, _chained(content, pieces)).values()


def _chained(start: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from pieces


def _is_lines(start: bytes) -> bool:
    """Whether the first line is an object by itself and another one begins below it."""
    first, end, rest = start.lstrip(_BLANK_BYTES).partition(b"\n")
    if not end or not rest.lstrip(_BLANK_BYTES).startswith(b"{"):
        return False
    return isinstance(_judged(first, 1).value, dict)


def _line_values(pieces: Iterator[bytes]) -> Iterator[Value]:
    for number, line in enumerate(_lines(pieces), start=1):
        if line.strip(_BLANK_BYTES):
            yield _judged(line.removesuffix(b"\r"), number)


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    waiting = b""
    for piece in pieces:
        first, *others = piece.split(b"\n")
        # NOTE: of an overlong line only enough is kept to see that it is overlong.
        waiting += first[: LONGEST_VALUE + 1 - len(waiting)]
        if others:
            yield waiting
            yield from others[:-1]
            waiting = others[-1]
    yield waiting


def _judged(line: bytes, number: int) -> Value:
    if len(line) > LONGEST_VALUE:
        return Value(line, number, None, "line over 16 MiB")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return Value(line, number, None, "invalid UTF-8")
    try:
        return Value(line, number, DECODER.decode(text), None)
    except RecursionError:
        return Value(line, number, None, "nested too deeply")
    except ValueError:
        return Value(line, number, None, "not JSON")


@dataclass(slots=True)
class _Document:
    """Reads values one after the other; the items of an outer array are values too."""

    file: LogFile
    pieces: Iterator[bytes]
    text: str = ""
    at: int = 0
    lines: int = 0
    is_whole: bool = False
    decoder: codecs.IncrementalDecoder = field(
        default_factory=codecs.getincrementaldecoder("utf-8")
    )

    def values(self) -> Iterator[Value]:
        while self._next():
            if self._next() != "[":
                yield self._value()
                continue
            self.at += 1
            yield from self._items()

    def _items(self) -> Iterator[Value]:
        if self._next() == "]":
            self.at += 1
            return
        while True:
            yield self._value()
            mark = self._next()
            self.at += 1
            if mark == "]":
                return
            if mark != ",":
                raise self._broken("expected ',' or ']'", self.at - 1)

    def _next(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            self.at = _BLANKS.match(self.text, self.at).end()  # type: ignore[union-attr]  # matches nothing, too
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def _value(self) -> Value:
        self._next()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except JSONDecodeError as error:
                if not self._more():
                    raise self._broken(error.msg, error.pos) from None
            except RecursionError:
                raise self._broken("nested too deeply", self.at) from None
            except ValueError as error:
                raise self._broken(f"{error} is no number", self.at) from None
            else:
                # NOTE: a number may go on in the next piece.
                if end < len(self.text) or isinstance(value, list | dict) or not self._more():
                    raw = self.text[self.at : end]
                    self.at = end
                    return Value(raw, None, value, None)

    def _more(self) -> bool:
        """Takes more text, as much as there is waiting already; False at the end."""
        if self.is_whole:
            return False
        if len(self.text) - self.at > LONGEST_VALUE:
            message = f"has a value over {LONGEST_VALUE >> 20} MiB, or a broken one"
            raise InputError(message, location=self._place(self.at), hint=_SPLIT_HINT)
        self.lines += self.text.count("\n", 0, self.at)
        parts = [self.text[self.at :]]
        self.text, self.at = "", 0
        wanted = size = len(parts[0])
        while size <= 2 * wanted and not self.is_whole:
            piece = next(self.pieces, b"")
            self.is_whole = not piece
            try:
                parts.append(self.decoder.decode(piece, final=self.is_whole))
            except UnicodeDecodeError:
                raise InputError(
                    "is not UTF-8",
                    location=self.file.shown,
                    hint="convert it: iconv -f WINDOWS-1252 -t UTF-8",
                ) from None
            size += len(parts[-1])
        self.text = "".join(parts)
        return True

    def _broken(self, why: str, at: int) -> InputError:
        return InputError(f"is not JSON: {why}", location=self._place(at), hint=_AGAIN_HINT)

    def _place(self, at: int) -> str:
        line = self.lines + self.text.count("\n", 0, at) + 1
        return f"{self.file.shown}:{line}"
