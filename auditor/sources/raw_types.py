"""Which physical types a field can be read from, and how."""

from typing import Final

import polars as pl

from auditor.errors import InputError
from auditor.schema import TIME, Field, Kind, Need
from auditor.sources.columns import Column
from auditor.sources.profile_model import FieldSource
from auditor.sources.set_texts import list_text
from auditor.sources.times import read_epochs, read_native_times
from auditor.sources.values import FAULT, VALUE, as_kernel, read_counts

_WANTED: Final = {
    Kind.TEXT: "text or whole numbers",
    Kind.TIME: "a timestamp or text",
    Kind.BOOLEAN: "Boolean, text or whole numbers",
    Kind.BYTES: "whole numbers or text",
    Kind.COUNTRY: "text",
    Kind.CHOICE: "text",
    Kind.SET: "text or a list of texts",
    Kind.HOPS: "text or a list of texts",
}
_NUMBER_KINDS: Final = (Kind.TEXT, Kind.BOOLEAN, Kind.BYTES)
_ITEM_KINDS: Final = (Kind.SET, Kind.HOPS)


def is_list(dtype: pl.DataType) -> bool:
    """Whether a column holds lists."""
    return isinstance(dtype, pl.List | pl.Array)


def as_text(field: Field, column: Column, place: str) -> pl.Expr:
    """The column as untrimmed text; lists of texts as their items, each with a `;` after it.

    Raises:
        InputError: the column's type cannot be read as text of this kind of field.
    """
    dtype = column.dtype
    if isinstance(dtype, pl.String):
        return column.expr
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null):
        return column.expr.cast(pl.String)
    if isinstance(dtype, pl.List | pl.Array) and field.kind in _ITEM_KINDS:
        inner = dtype.inner
        if inner in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            lists = column.expr.arr.to_list() if isinstance(dtype, pl.Array) else column.expr
            return list_text(lists)
    is_number = dtype.is_integer() and field.kind in _NUMBER_KINDS
    if is_number or (isinstance(dtype, pl.Boolean) and field.kind is Kind.BOOLEAN):
        return column.expr.cast(pl.String)
    raise _wrong_type(field, column, place)


def native_reading(
    field: Field, source: FieldSource, column: Column, timezone: str | None, place: str
) -> pl.Expr | None:
    """A struct of `value` and `fault` from a column that holds such values; None: read it as text.

    Raises:
        InputError: a time column lacks a zone, or holds numbers of an unknown unit, or days.
    """
    if field.kind is Kind.TIME:
        return _time_reading(field, source, column, timezone, place)
    if field.kind is Kind.BOOLEAN and isinstance(column.dtype, pl.Boolean):
        no_fault = pl.lit(None, pl.String).alias(FAULT)
        return pl.struct(column.expr.alias(VALUE), no_fault)
    if field.kind is Kind.BYTES and column.dtype.is_integer():
        return as_kernel(column.expr, read_counts, pl.UInt64())
    return None


def _time_reading(
    field: Field, source: FieldSource, column: Column, timezone: str | None, place: str
) -> pl.Expr | None:
    key = field.name if field.need is Need.VALUE else None
    if isinstance(column.dtype, pl.Datetime):
        if column.dtype.time_zone is None and timezone is None:
            raise InputError(
                f"column {column.name!r} holds times without a zone",
                location=place,
                hint="name the log's zone with --timezone",
            )
        return as_kernel(
            column.expr,
            lambda times: read_native_times(times, timezone, key=key),
            TIME,
        )
    units = [unit for unit in source.times if unit.startswith("epoch")]
    if column.dtype.is_integer() and units:
        return as_kernel(
            column.expr,
            lambda numbers: read_epochs(numbers, units[0], key=key),
            TIME,
        )
    if not isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
        raise _wrong_type(field, column, place)
    return None


def _wrong_type(field: Field, column: Column, place: str) -> InputError:
    return InputError(
        f"column {column.name!r} is of type {column.dtype}, but {field.name} is read from "
        f"{_WANTED[field.kind]}",
        location=place,
        hint="write the column with another type, or name the feed with --source",
    )
