"""Which fields a log supplies, told by the headers and footers of its files alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from auditor.sources.canonical import plan_columns
from auditor.sources.columns import Columns
from auditor.sources.csv_header import header_of
from auditor.sources.discover import LogFile
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


def supplied_fields(files: Sequence[LogFile], profile: Profile) -> list[Supplied]:
    """What `profile` finds in each file, by the fields found; no row is read.

    Raises:
        InputError: a file cannot be read, or lacks a column that every log needs.
    """
    found: dict[frozenset[str], list[str]] = {}
    for file in files:
        columns = Columns(_columns(file), profile, file.shown)
        plans = plan_columns(columns, None, {})
        fields = frozenset(plan.field.name for plan in plans if plan.is_supplied)
        found.setdefault(fields, []).append(file.shown)
    return [Supplied(names, fields) for fields, names in found.items()]


def _columns(file: LogFile) -> dict[str, pl.DataType]:
    folders: dict[str, pl.DataType] = dict.fromkeys(file.hive, pl.String())
    if file.format == "parquet":
        return folders | {name: plain(t) for name, t in parquet_facts(file).columns.items()}
    header = header_of(file, next(pieces_of(file), b""))
    return folders | dict.fromkeys(header.names, pl.String())
