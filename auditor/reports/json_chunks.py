"""JSON written piece by piece: plain values, and lists of objects too long for one text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.reports import records
from auditor.reports.escape import json_bytes, json_text

_STEP: Final = 2
_LOT: Final = "@lot"
_LOT_BYTES: Final = 4 << 20
"""Texts of one slice, unless a single one is longer: JSON may take six times as many bytes."""


@dataclass(frozen=True, slots=True)
class ObjectLines:
    """A list of objects, as lines of JSON.

    Attributes:
        lines: each of one or more whole lines; read once.
    """

    lines: Iterable[bytes]

    @classmethod
    def of_frame(cls, entries: pl.DataFrame) -> "ObjectLines":
        """Each row an object, its columns the members."""
        return cls(json_bytes(some.write_ndjson().encode()) for some in _slices(entries))


def json_chunks(value: object, *, is_indented: bool = False, depth: int = 0) -> Iterator[bytes]:
    """`value` as JSON that is safe to print.

    Args:
        value: what JSON has; also a frame or ObjectLines, whose text is never held as a whole,
            within mappings.
        is_indented: two blanks a level, each object of such a list in one line; else without any.
        depth: how deep it is in the document.
    """
    start, end = _margins(depth) if is_indented else (b"", b"")
    if isinstance(value, pl.DataFrame):
        value = ObjectLines.of_frame(value)
    if isinstance(value, ObjectLines):
        yield from _listed(value, start, end)
    elif isinstance(value, Mapping) and value:
        separator = b"{"
        for name, member in value.items():
            yield separator + start + json_text(name).encode() + (b": " if is_indented else b":")
            yield from json_chunks(member, is_indented=is_indented, depth=depth + 1)
            separator = b","
        yield end + b"}"
    else:
        text = json_text(value, indent=_STEP if is_indented else None)
        # NOTE: a line end within a text is escaped, so each that is left begins a line.
        yield text.encode().replace(b"\n", end)


def _slices(entries: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """`entries` in their order, each slice of so few rows and bytes that its text is small."""
    for some in entries.iter_slices(records.BATCH_ROWS):
        if not some.height:
            return
        texts = some.select(pl.col(pl.String).str.len_bytes().cast(pl.Int64))
        lot = texts.sum_horizontal().cum_sum() // _LOT_BYTES
        lots = some.with_columns(lot.alias(_LOT))
        yield from lots.partition_by(_LOT, maintain_order=True, include_key=False)


def _margins(depth: int) -> tuple[bytes, bytes]:
    """The line end before each item of a list or object, and that before its closing bracket."""
    end = b"\n" + b" " * (_STEP * depth)
    return end + b" " * _STEP, end


def _listed(objects: ObjectLines, start: bytes, end: bytes) -> Iterator[bytes]:
    separator = b"["
    for lines in objects.lines:
        yield separator + start + lines.removesuffix(b"\n").replace(b"\n", b"," + start)
        separator = b","
    yield b"[]" if separator == b"[" else end + b"]"
