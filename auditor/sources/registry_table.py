"""Registry files → text columns with exact line numbers (CSV) or row numbers (Parquet, JSON)."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Protocol

import polars as pl

from auditor.errors import InputError, RegistryError
from auditor.findings import RegistryFile
from auditor.schema import PATH, REJECT, ROW
from auditor.sources.csv_header import other_delimiter
from auditor.sources.formats import COMPRESSION_MAGIC
from auditor.sources.json_records import json_records_of_bytes

_PARQUET_MAGIC: Final = b"PAR1"
_JSON_STARTS: Final = (b"{", b"[")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_SPANS_LINES: Final = "a quoted field spans several lines"
_CHECK: Final = "check the spelling, and the rights to it"
_UNQUOTE: Final = "close its quote, or put the text on one line"

Fault = tuple[int, str, str]
"""Row, what is wrong with it, and a hint."""


@dataclass(frozen=True, slots=True)
class RegistryTable:
    """A registry as it was written.

    Attributes:
        lf: its columns, PATH, ROW (line in a CSV file, else the row), REJECT (null).
        columns: names and types of its own columns.
        file: what a report says of it.
        faults: records that are broken.
        row_mark: what stands before a row's number in a location.
    """

    lf: pl.LazyFrame
    columns: dict[str, pl.DataType]
    file: RegistryFile
    faults: tuple[Fault, ...]
    row_mark: str


def read_table(kind: str, path: Path | Traversable, shown: str) -> RegistryTable:
    """The table in a CSV, Parquet or JSON file; `shown` is its name in messages and reports.

    Raises:
        RegistryError: the file cannot be read, or it has no header, or columns of equal names.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RegistryError(
            f"cannot be read: {error.strerror}", location=shown, hint=_CHECK
        ) from error
    if compression := next(
        (c for magic, c in COMPRESSION_MAGIC.items() if data.startswith(magic)), None
    ):
        hint = "registries are read as they are: unpack it first"
        raise RegistryError(f"is compressed ({compression})", location=shown, hint=hint)
    if data.startswith(_PARQUET_MAGIC):
        df, mark = _parquet(data, shown), ":row "
        faults: tuple[Fault, ...] = ()
    elif data.lstrip(_BLANKS).startswith(_JSON_STARTS):
        (df, faults), mark = _json(data, shown), ":row "
    else:
        df, faults = _csv(data, shown)
        mark = ":"
    staged = df.lazy().with_columns(
        pl.lit(shown).alias(PATH), pl.lit(None, dtype=pl.String).alias(REJECT)
    )
    file = RegistryFile(kind, shown, df.height, hashlib.sha256(data).hexdigest())
    columns = {name: dtype for name, dtype in df.schema.items() if name != ROW}
    return RegistryTable(staged, columns, file, faults, mark)


def _parquet(data: bytes, shown: str) -> pl.DataFrame:
    try:
        df = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        message = str(error).partition("\n")[0]
        raise RegistryError(f"is not sound Parquet: {message}", location=shown) from error
    return df.with_columns(pl.int_range(1, df.height + 1, dtype=pl.Int64, eager=True).alias(ROW))


def _json(data: bytes, shown: str) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    try:
        records = list(json_records_of_bytes(data, shown))
    except InputError as error:
        raise RegistryError.of(error.problems) from error
    names = dict.fromkeys(name for record in records for name in record.texts)
    if not names:
        raise RegistryError("holds no record", location=shown, hint="one object per account")
    texts = {name: _column(name, [r.texts.get(name) or "" for r in records]) for name in names}
    rows = pl.Series(range(1, len(records) + 1), dtype=pl.Int64)
    faults = [(row, r.fault, "") for row, r in enumerate(records, start=1) if r.fault is not None]
    return pl.DataFrame({**texts, ROW: rows}), tuple(faults)


def _csv(data: bytes, shown: str) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "convert it, for instance with iconv -t UTF-8"
        raise RegistryError("is not UTF-8", location=f"{shown}:{line}", hint=hint) from error
    if other := other_delimiter(data.split(b"\n", 1)[0]):
        message, hint = other
        raise RegistryError(message, location=f"{shown}:1", hint=hint)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if reader.line_num > 1:
            raise RegistryError(_SPANS_LINES, location=f"{shown}:1", hint=_UNQUOTE)
        _check_header(header, shown)
        cells, lines, faults = _records(reader, len(header))
    except csv.Error as error:
        place = f"{shown}:{reader.line_num}"
        raise RegistryError(f"is not CSV: {error}", location=place) from error
    columns = {name: _column(name, cells[i :: len(header)]) for i, name in enumerate(header)}
    return pl.DataFrame({**columns, ROW: pl.Series(lines, dtype=pl.Int64)}), faults


def _column(name: str, cells: Sequence[str]) -> pl.Series:
    # NOTE: an empty field is missing whether it is "" or null, and null spares the exact reading
    # of times and words: most of what a small registry cost.
    texts = pl.Series(name, cells, dtype=pl.String)
    return texts.set(texts == "", None) if "" in cells else texts


class _Reader(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _records(reader: _Reader, width: int) -> tuple[list[str], list[int], tuple[Fault, ...]]:
    """All fields one after the other, the line of each record, and the records of other widths.

    A blank line is no record. Two stray quotes that pair would swallow the records between them,
    and nobody would miss them: so a field that spans lines is a fault.
    """
    # NOTE: one flat list; a list kept per record costs more in garbage collection than in reading.
    cells: list[str] = []
    lines: list[int] = []
    faults: list[Fault] = []
    line = reader.line_num + 1
    for record in reader:
        if reader.line_num > line:
            faults.append((line, f"{_SPANS_LINES}, up to line {reader.line_num}", _UNQUOTE))
        elif len(record) == width:
            cells += record
            lines.append(line)
        elif record:
            faults.append((line, f"has {len(record)} fields instead of {width}", ""))
        line = reader.line_num + 1
    return cells, lines, tuple(faults)


def _check_header(header: Sequence[str], shown: str) -> None:
    if not header:
        hint = "the first line must name the columns"
        raise RegistryError("is empty", location=f"{shown}:1", hint=hint)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        names = ", ".join(repr(name) for name in twice)
        raise RegistryError(f"names the column {names} twice", location=f"{shown}:1")
