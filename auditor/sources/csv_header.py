"""The header of a CSV file, read exactly: what cannot be told apart is an error."""

import re
from dataclasses import dataclass
from typing import Final

from auditor.errors import InputError
from auditor.sources.column_names import check_names
from auditor.sources.csv_grammar import BOM, fields_of, quote_fault
from auditor.sources.formats import no_text
from auditor.sources.log_file import LogFile
from auditor.sources.streams import PIECE

_DELIMITERS: Final = {b";": "semicolon", b"\t": "tab", b"|": "pipe"}
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a CSV file.

    Attributes:
        names: the columns, stripped of surrounding blanks.
        line: the line as it is, without byte-order mark and line end.
        size: bytes it takes in the file, byte-order mark and line end included.
    """

    names: tuple[str, ...]
    line: bytes
    size: int

    @property
    def repeated(self) -> re.Pattern[bytes]:
        """Matches where the same line stands again."""
        return re.compile(rb"(?m)^%b\r?$" % re.escape(self.line))


def header_of(file: LogFile, start: bytes) -> Header:
    """The header of `file`, whose first `PIECE` bytes are `start`.

    Raises:
        InputError: the file is empty, is not UTF-8 text with line ends, or its header is broken.
    """
    if not start.removeprefix(BOM):
        raise _error(file, "is empty", "have it delivered again; a log has at least a header")
    if packed := no_text(start):
        raise _error(file, *packed)
    if start.startswith(_UTF16_BOMS) or b"\0" in start.split(b"\n", 1)[0]:
        raise _error(
            file, "is UTF-16, or is no text at all", "convert it: iconv -f UTF-16 -t UTF-8"
        )
    end = start.find(b"\n")
    if end < 0 and len(start) >= PIECE:
        raise _error(file, "has no line end in its first MiB", "check that it is a CSV file")
    whole = start if end < 0 else start[: end + 1]
    line = whole.removeprefix(BOM).removesuffix(b"\n").removesuffix(b"\r")
    names = _names(file, line)
    return Header(names, line, len(whole))


def _names(file: LogFile, line: bytes) -> tuple[str, ...]:
    if b"\r" in line:
        raise _error(file, "ends its lines with CR alone", r"convert it: tr '\r' '\n' < FILE > NEW")
    if not line.strip():
        raise _error(file, "starts with a blank line", "the first line must name the columns")
    if other := other_delimiter(line):
        raise _error(file, *other)
    if fault := quote_fault(line):
        raise _error(file, f"has a broken header: {fault}", "the first line must name the columns")
    try:
        names = tuple(name.decode().strip() for name in fields_of(line))
    except UnicodeDecodeError:
        hint = "convert the file: iconv -f WINDOWS-1252 -t UTF-8"
        raise _error(file, "has a header that is not UTF-8", hint) from None
    check_names(file, names)
    return names


def other_delimiter(line: bytes) -> tuple[str, str] | None:
    """What to say of a header whose names are separated by something else than commas."""
    for delimiter, name in _DELIMITERS.items():
        if delimiter in line.strip() and b"," not in line:
            message = f"looks {name}-separated; auditor reads comma-separated files"
            return message, f"convert it: mlr --icsv --ifs {name} --ocsv cat FILE > NEW"
    return None


def _error(file: LogFile, message: str, hint: str) -> InputError:
    return InputError(message, location=file.shown, hint=hint)
