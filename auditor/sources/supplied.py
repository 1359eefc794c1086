"""Which fields a log supplies, told by headers and footers; JSON is read through for its keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from auditor.sources.canonical import plan_columns
from auditor.sources.columns import Columns
from auditor.sources.csv_header import header_of
from auditor.sources.json_exact import read_json
from auditor.sources.log_file import LogFile
from auditor.sources.parquet import parquet_facts, plain
from auditor.sources.profile_model import Profile
from auditor.sources.streams import pieces_of


@dataclass(frozen=True, slots=True)
class Supplied:
    """Files that supply the same fields of their table.

    Attributes:
        files: as the user knows them.
    """

    files: Sequence[str]
    fields: frozenset[str]

    @property
    def shown(self) -> str:
        """The files in a few words."""
        first, *others = self.files
        return f"{first} (and {len(others)} more)" if others else first


def supplied_fields(files: Sequence[LogFile], profile: Profile, spool: Path) -> list[Supplied]:
    """What `profile` finds in each file, by the fields found.

    Args:
        files: as found.
        profile: says which column is which field.
        spool: folder for the records of JSON files.

    Raises:
        InputError: a file cannot be read, or lacks a column that every log needs.
    """
    found: dict[frozenset[str], list[str]] = {}
    for names, raw in _columns(files, spool):
        columns = Columns(raw, profile, names[0])
        plans = plan_columns(columns, None, {})
        fields = frozenset(plan.field.name for plan in plans if plan.is_supplied)
        found.setdefault(fields, []).extend(names)
    return [Supplied(names, fields) for fields, names in found.items()]


def _columns(
    files: Sequence[LogFile], spool: Path
) -> Iterator[tuple[list[str], dict[str, pl.DataType]]]:
    """Files that are read alike, and their columns; all of JSON are, whatever their keys."""
    keyed = [file for file in files if file.format not in {"csv", "parquet"}]
    for file in files:
        if file not in keyed:
            yield [file.shown], dict.fromkeys(file.hive, pl.String()) | _own(file)
    if keyed:
        names = {name for file in keyed for name in read_json(file, spool).names}
        yield [file.shown for file in keyed], dict.fromkeys(sorted(names), pl.String())


def _own(file: LogFile) -> dict[str, pl.DataType]:
    if file.format == "parquet":
        return {name: plain(dtype) for name, dtype in parquet_facts(file).columns.items()}
    return dict.fromkeys(header_of(file, next(pieces_of(file), b"")).names, pl.String())
