"""JSON read value by value from a stream, bounded in memory, with located errors."""

import json
import re
from codecs import getincrementaldecoder
from typing import BinaryIO, Final

from auditor.errors import ReportError

MOST_CHARACTERS: Final = 64 << 20
"""Of one value that is read as a whole: a finding, or a member of the report that is no list."""

_CHUNK: Final = 1 << 20
_NEAR_END: Final = 16
"""Characters of a token that a chunk may cut, so that it looks wrong."""

_DECODER: Final = json.JSONDecoder()
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PLAIN: Final = rf'[^"\[\]{{}}]++|{_STRING}'
_ENTRIES: Final = rf"(?:\{{(?:{_PLAIN}|\[(?:{_PLAIN})*+\])*+\}}[,\s]*+)++"
"""Objects of texts, numbers and lists of them: millions are passed over a chunk at a time."""

_TOKEN: Final = re.compile(rf'{_ENTRIES}|{_STRING}|[\[{{\]}}]|[^"\[\]{{}}]+', re.DOTALL)
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


class JsonStream:
    """A JSON text, from its beginning on.

    Args:
        stream: UTF-8.
        shown: its name in messages.
    """

    def __init__(self, stream: BinaryIO, shown: str) -> None:
        self._stream = stream
        self._shown = shown
        self._decode = getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_read = False

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text) or not self._fill(_CHUNK):
                return self._text[self._at : self._at + 1]

    def take(self, characters: str) -> str:
        """The next character, which must be one of `characters`."""
        found = self.peek()
        if not found or found not in characters:
            wanted = " or ".join(repr(character) for character in characters)
            raise self.error(f"{wanted} is wanted here" if found else "ends too early")
        self._at += 1
        return found

    def value(self) -> object:
        """The next value.

        Raises:
            ReportError: there is none, or it is too large or nested too deep.
        """
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = "Unterminated" in error.msg or error.pos >= len(self._text) - _NEAR_END
                if self._is_read or not is_cut:
                    raise self.error(f"is no JSON: {error.msg}", error.pos) from error
            except RecursionError as error:
                raise self.error("is nested too deep") from error
            except ValueError as error:
                raise self.error(f"holds an impossible value: {error}") from error
            else:
                # NOTE: a number at the end of a chunk may go on in the next.
                if end < len(self._text) or self._is_read:
                    self._at = end
                    return value
            self._grow()

    def skip(self) -> None:
        """Pass over the next value, whatever its size."""
        if self.peek() not in {"[", "{"}:
            self.value()
            return
        self._at += 1
        depth = 1
        while depth:
            token = _TOKEN.match(self._text, self._at)
            if token is None:
                if self._is_read:
                    raise self.error("ends too early")
                self._grow()
                continue
            self._at = token.end()
            depth += _STEPS.get(token[0], 0)

    def error(self, message: str, at: int | None = None) -> ReportError:
        """An error at the line that is being read."""
        line = self._line + self._text.count("\n", 0, self._at if at is None else at)
        return ReportError(
            message,
            location=f"{self._shown}:{line}",
            hint="give a report that `auditor audit` wrote with --format json or ndjson",
        )

    def _grow(self) -> None:
        """Read more of a value that does not end yet, if there is more."""
        held = len(self._text) - self._at
        if held > MOST_CHARACTERS:
            raise self.error(f"holds a value of more than {MOST_CHARACTERS >> 20} MB")
        self._fill(max(held, _CHUNK))

    def _fill(self, size: int) -> bool:
        """Read on, forgetting what was taken; whether there was more."""
        if self._is_read:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        try:
            content = self._stream.read(size)
            self._is_read = not content
            self._text += self._decode.decode(content, final=self._is_read)
        except UnicodeDecodeError as error:
            raise self.error("is not UTF-8") from error
        except OSError as error:
            raise self.error(f"cannot be read: {error.strerror}") from error
        return not self._is_read
