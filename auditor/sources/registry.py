"""Registries: small tables, read eagerly and refused as a whole when anything is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import polars as pl

from auditor.errors import InputError, Problem, RegistryError, did_you_mean, first_of
from auditor.findings import RegistryFile
from auditor.schema import PATH, REJECT, ROW, Field, Kind, invalid
from auditor.sources.canonical import (
    canonical_frame,
    has_fault_column,
    plan_columns,
    unread_columns,
)
from auditor.sources.columns import Columns
from auditor.sources.field_plan import FieldPlan
from auditor.sources.items import country_names
from auditor.sources.near_misses import Ignored, meaning, mistaken_for
from auditor.sources.profile_model import Profile, same_name_profile
from auditor.sources.registry_table import Fault, RegistryTable, read_table

_EXPECTED: Final = {
    Kind.TIME: "a time with a zone (ISO 8601)",
    Kind.BOOLEAN: "true or false",
    Kind.BYTES: "a whole number",
    Kind.COUNTRY: "an ISO 3166-1 alpha-2 code",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """A reference table in canonical form.

    Attributes:
        frame: the table's fields in their canonical types (sets as text, unvalidated), PATH and
            ROW (the line in a CSV file, the row in a Parquet file); rows in the file's order.
        columns: the fields that the file supplies.
        file: what a report says of it.
        ignored: the file's columns that were not read, sorted.
        source: name of the profile it was read with.
        near_misses: those of `ignored` that resemble a field that the file does not supply.
    """

    frame: pl.DataFrame
    columns: frozenset[str]
    file: RegistryFile
    ignored: tuple[str, ...]
    source: str
    near_misses: tuple[Ignored, ...] = ()


def load_registry(
    kind: str,
    path: Path | Traversable,
    fields: Sequence[Field],
    profile: Profile | None = None,
    timezone: str | None = None,
    *,
    shown: str | None = None,
) -> Registry:
    """The registry in a CSV or Parquet file.

    Args:
        kind: `accounts`, `datacentres`, …: what a report calls it.
        path: the file.
        fields: the fields of the table.
        profile: how its columns become `fields`; None: they have those names already.
        timezone: zone of times that state none.
        shown: the file's name in messages and reports, such as `shipped`; None: its path.

    Raises:
        RegistryError: every fault of the file, each with `path:line`.
    """
    table = read_table(kind, path, shown or str(path))
    return read_registry(table, profile or same_name_profile(kind, tuple(fields)), timezone)


def read_registry(
    table: RegistryTable,
    profile: Profile,
    timezone: str | None,
    params: Mapping[str, str] | None = None,
) -> Registry:
    """The canonical form of a registry's table.

    Raises:
        RegistryError: every fault of the table, each with `path:line`.
    """
    columns = Columns(table.columns, profile, table.file.path)
    try:
        plans = plan_columns(columns, timezone, params or {})
    except InputError as error:
        raise RegistryError.of(error.problems) from error
    if misspelt := list(_misspelt(columns, plans, table.file.path)):
        raise RegistryError.of(misspelt)
    # NOTE: a registry is a small file, and nothing can be planned before it is known to be sound.
    df = canonical_frame(table.lf, plans).collect()
    read = [plan.field for plan in plans if has_fault_column(plan)]
    located = [*_row_faults(df), *_value_faults(df, read), *_backward_periods(df)]
    faults = [
        Problem(text, f"{table.file.path}{table.row_mark}{row}", hint)
        for row, text, hint in sorted([*table.faults, *located])
    ]
    if faults:
        raise RegistryError.of(first_of(faults, table.file.path))
    names = [plan.field.name for plan in plans]
    supplied = frozenset(plan.field.name for plan in plans if plan.is_supplied)
    frame = df.select(*names, PATH, ROW)
    return Registry(
        frame,
        supplied,
        table.file,
        tuple(columns.ignored),
        profile.name,
        unread_columns(columns, plans),
    )


def _misspelt(columns: Columns, plans: Sequence[FieldPlan], path: str) -> Iterator[Problem]:
    known = [plan.field.name for plan in plans]
    is_open = {plan.field.name for plan in plans if not plan.is_supplied}
    for column in columns.ignored:
        name = mistaken_for(column, known)
        if name in is_open & columns.profile.fields.keys():
            message = f"column {column!r} is not known; {meaning(name)}"
            yield Problem(message, path, "rename it, also if it means something else")


def _row_faults(df: pl.DataFrame) -> Iterator[Fault]:
    if _is_empty(df[REJECT]):
        return
    rejected = df.filter(pl.col(REJECT).is_not_null()).select(ROW, REJECT)
    for row, reason in rejected.iter_rows():
        yield row, reason, ""


def _value_faults(df: pl.DataFrame, fields: Sequence[Field]) -> Iterator[Fault]:
    for field in fields:
        name = invalid(field.name)
        if _is_empty(df[name]):
            continue
        bad = df.filter(pl.col(name).is_not_null()).select(ROW, name)
        expected = _EXPECTED.get(field.kind) or f"one of {', '.join(field.choices)}"
        for row, text in bad.iter_rows():
            yield row, f"{field.name} {text!r} is not {expected}", _hint(field, text)


def _hint(field: Field, text: str) -> str:
    if field.kind is Kind.TIME:
        return "write it as 2020-05-01T00:00:00Z (without the Z where --timezone names the zone)"
    if field.kind is Kind.COUNTRY:
        code = country_names().get(text.lower())
        return f"did you mean {code!r}?" if code else ""
    if field.kind is Kind.CHOICE:
        hint = did_you_mean(text, field.choices)
        return hint if hint.startswith("did you mean") else ""
    return ""


def _backward_periods(df: pl.DataFrame) -> Iterator[Fault]:
    if {"valid_from", "valid_to"} <= set(df.columns):
        if _is_empty(df["valid_to"]):
            return
        bad = df.filter(pl.col("valid_from") >= pl.col("valid_to"))
        for (row,) in bad.select(ROW).iter_rows():
            yield row, "valid_to is not after valid_from", ""


def _is_empty(column: pl.Series) -> bool:
    # NOTE: asked before a filter, which costs far more; most registries are sound.
    return column.null_count() == len(column)
