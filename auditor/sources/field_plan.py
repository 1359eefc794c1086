"""How one canonical field is read from a log's columns: one expression per field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.schema import TIME, Field, Kind, Need
from auditor.sources.columns import Column, Columns
from auditor.sources.items import has_steps, read_by_steps
from auditor.sources.profile_model import FieldSource, Part
from auditor.sources.raw_types import as_text, is_list, native_reading
from auditor.sources.set_texts import SEPARATOR
from auditor.sources.times import read_time_texts
from auditor.sources.values import VALUE, as_kernel, is_blank, trimmed, value_kernel

_ITEM_KINDS: Final = (Kind.SET, Kind.HOPS)
_TIME_TEXT: Final = "%Y-%m-%dT%H:%M:%S%.fZ"
_JOINT: Final = "@"
_UNTOLD_HOP: Final = pl.lit(SEPARATOR)


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field of one group of files.

    Attributes:
        field: the canonical field.
        expr: the canonical value or, if `is_reading`, a struct of `value` and `fault`.
        origin: where it comes from, for people; if not supplied, why.
        is_reading: whether `expr` is such a struct.
        is_supplied: whether anything supplies the field; if not, `expr` is a null literal.
        text: the text before the profile's steps, where there are steps; to count what they
            could not read.
        blank: a cheaper way to ask whether the value is missing.
    """

    field: Field
    expr: pl.Expr
    origin: str
    is_reading: bool = False
    is_supplied: bool = True
    text: pl.Expr | None = None
    blank: pl.Expr | None = None

    def constant(self, text: str) -> "FieldPlan":
        """The plan of the same field of text if it were `text` in every row."""
        return FieldPlan(self.field, pl.lit(text), self.origin)

    def unread(self) -> "FieldPlan":
        """The plan of the same field if nothing supplied it."""
        return FieldPlan(self.field, _nothing(self.field), self.origin, is_supplied=False)

    def roots(self) -> list[str]:
        """The raw columns that are read, each once."""
        exprs = [expr for expr in (self.expr, self.text, self.blank) if expr is not None]
        return list(dict.fromkeys(root for expr in exprs for root in expr.meta.root_names()))


def plan_field(
    field: Field, columns: Columns, timezone: str | None, params: Mapping[str, str]
) -> FieldPlan:
    """The plan for `field`.

    Raises:
        InputError: a column has a type that cannot be read as this kind of field.
    """
    source = columns.profile.fields.get(field.name)
    if source is None:
        return _unsupplied(field, columns.profile.never.get(field.name, "not part of this feed"))
    if source.join:
        return _plan_join(field, source, columns, timezone)
    found = list(columns.all(source.columns, is_prefixed=source.is_prefixed))
    if found:
        column = _only(field, source, found, columns)
        return _plan_column(field, source, _where(column, source, columns), columns, timezone)
    if source.param is not None and source.param in params:
        text = pl.lit(params[source.param])
        return _plan_text(field, source, text, timezone, f"--param {source.param}")
    if source.constant is not None:
        return _plan_text(field, source, pl.lit(source.constant), timezone, "always the same")
    return _unsupplied(field, f"no column {' or '.join(source.columns)}")


def _unsupplied(field: Field, why: str) -> FieldPlan:
    return FieldPlan(field, _nothing(field), why, is_supplied=False)


def _nothing(field: Field) -> pl.Expr:
    return pl.lit(None, field.kind.dtype)


def _only(field: Field, source: FieldSource, found: Sequence[Column], columns: Columns) -> Column:
    """One column for the alternatives that the log has: the first of them, but every hop."""
    if source.coalesce:
        return _merged(field, found, columns)
    if field.kind is not Kind.HOPS or len(found) == 1:
        return found[0]
    name = " and ".join(column.name for column in found)
    texts = [_items(as_text(field, column, columns.place)) for column in found]
    joined = pl.concat_str(texts, separator=SEPARATOR, ignore_nulls=True)
    return Column(name, joined, pl.String())


def _items(text: pl.Expr) -> pl.Expr:
    """The text of a set or of hops without a stray last separator; null where there is none."""
    return trimmed(text).str.strip_suffix(SEPARATOR)


def _merged(field: Field, found: Sequence[Column], columns: Columns) -> Column:
    """One column that holds, row by row, the first value of `found`."""
    if len(found) == 1:
        return found[0]
    name = ", else ".join(column.name for column in found)
    texts = [as_text(field, column, columns.place) for column in found]
    if any(is_list(column.dtype) for column in found):
        return Column(name, pl.coalesce(*texts), pl.String())
    return Column(name, pl.coalesce(*(trimmed(text) for text in texts)), pl.String())


def _where(column: Column, source: FieldSource, columns: Columns) -> Column:
    """The column, missing where the source's condition does not hold."""
    if source.only_if is None:
        return column
    values = list(source.only_if.values)
    tests = [
        other.expr.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(values)
        for other in columns.all(source.only_if.columns, is_prefixed=source.is_prefixed)
    ]
    if not tests:
        return Column(column.name, pl.lit(None, pl.String), pl.String())
    return Column(
        f"{column.name}, where {source.only_if.columns[0]} is {' or '.join(values)}",
        pl.when(pl.any_horizontal(tests)).then(column.expr),
        column.dtype,
    )


def _plan_column(
    field: Field, source: FieldSource, column: Column, columns: Columns, timezone: str | None
) -> FieldPlan:
    origin = f"column {column.name}"
    native = native_reading(field, source, column, timezone, columns.place)
    if native is not None:
        return FieldPlan(field, native, origin, is_reading=True)
    text = as_text(field, column, columns.place)
    if is_list(column.dtype) and not has_steps(source):
        return FieldPlan(field, text, origin)
    return _plan_text(field, source, text, timezone, origin)


def _plan_text(
    field: Field, source: FieldSource, text: pl.Expr, timezone: str | None, origin: str
) -> FieldPlan:
    """The plan for a field that is read from text."""
    read = text
    if has_steps(source):
        read = read_by_steps(text, source, has_items=field.kind in _ITEM_KINDS)
    before = text if has_steps(source) else None
    if field.kind in _ITEM_KINDS or field.kind is Kind.TEXT:
        blank = is_blank(text) if before is None else None
        return FieldPlan(field, trimmed(read), origin, text=before, blank=blank)
    if field.kind is not Kind.TIME:
        expr = as_kernel(read, value_kernel(field), field.kind.dtype)
        return FieldPlan(field, expr, origin, is_reading=True, text=before)
    key = field.name if field.need is Need.VALUE else None
    expr = as_kernel(
        read, lambda texts: read_time_texts(texts, source.times, timezone, key=key), TIME
    )
    return FieldPlan(field, expr, origin, is_reading=True)


def _plan_join(
    field: Field, source: FieldSource, columns: Columns, timezone: str | None
) -> FieldPlan:
    parts = [_part(field, source, part, columns, timezone) for part in source.join]
    present = [part for part in parts if part.is_supplied]
    if not present or (field.kind is Kind.TEXT and len(present) < len(parts)):
        return next(part for part in parts if not part.is_supplied)
    origin = " and ".join(part.origin for part in parts)
    if field.kind is not Kind.TEXT:
        # NOTE: hops of a column that the log lacks are not known; without them routes look sound
        untold = [_UNTOLD_HOP] if field.kind is Kind.HOPS and len(present) < len(parts) else []
        exprs = [*(_items(part.expr) for part in present), *untold]
        joined = pl.concat_str(exprs, separator=SEPARATOR, ignore_nulls=True)
        return _plan_text(field, source, joined, timezone, origin)
    text = pl.concat_str([part.expr for part in present], separator=_JOINT)
    plan = _plan_text(field, source, text, timezone, origin)
    blanks = [part.blank for part in present if part.blank is not None]
    return FieldPlan(field, plan.expr, origin, text=plan.text, blank=pl.any_horizontal(blanks))


def _part(
    field: Field, source: FieldSource, part: Part, columns: Columns, timezone: str | None
) -> FieldPlan:
    """One part of a joined field; its `blank` is left out for a key that has its own reason."""
    if part.field is not None:
        other = next(f for f in columns.profile.table_fields if f.name == part.field)
        plan = plan_field(other, columns, timezone, {})
        text = plan.expr.struct.field(VALUE).dt.strftime(_TIME_TEXT)
        return FieldPlan(field, text, other.name, is_supplied=plan.is_supplied)
    found = list(columns.all(part.columns, is_prefixed=source.is_prefixed))
    if not found:
        return _unsupplied(field, f"no column {' or '.join(part.columns)}")
    merged = _merged(field, found, columns)
    text = trimmed(as_text(field, merged, columns.place))
    blanks = [is_blank(as_text(field, column, columns.place)) for column in found]
    return FieldPlan(field, text, f"column {merged.name}", blank=pl.all_horizontal(blanks))
