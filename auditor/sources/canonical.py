"""Raw columns → the canonical table of a profile, lazily, with what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from auditor.errors import InputError, Problem
from auditor.schema import PATH, REJECT, ROW, Field, Kind, Need, invalid
from auditor.sources.absent import absent_columns
from auditor.sources.columns import Columns
from auditor.sources.field_plan import FieldPlan, plan_field
from auditor.sources.json_values import ATTRIBUTE
from auditor.sources.near_misses import Ignored, bare, meaning, resembling
from auditor.sources.profile_model import Profile
from auditor.sources.times import IS_MISSING
from auditor.sources.values import FAULT, VALUE

if TYPE_CHECKING:
    from auditor.sources.scan import RawGroup

_FAULT_KINDS: Final = (Kind.TIME, Kind.BOOLEAN, Kind.BYTES, Kind.COUNTRY, Kind.CHOICE)


@dataclass(frozen=True, slots=True)
class Canonical:
    """One group of files in canonical form.

    Attributes:
        group: the files and their raw frame.
        plans: how each field of the profile's table is read from it.
        ignored: columns that were not read and resemble a field that is not supplied, sorted.
        misnamed: columns that were not read and can only mean a field, and that field.
    """

    group: "RawGroup"
    plans: Sequence[FieldPlan]
    ignored: tuple[Ignored, ...] = ()
    misnamed: tuple[tuple[str, str], ...] = ()

    @property
    def lf(self) -> pl.LazyFrame:
        """All rows with the canonical columns; see `canonical_frame`."""
        return canonical_frame(self.group.lf, self.plans)

    @property
    def supplied(self) -> frozenset[str]:
        """The fields that a column, a parameter or a constant gives; all others are null."""
        return frozenset(plan.field.name for plan in self.plans if plan.is_supplied)


def canonical(
    group: "RawGroup", profile: Profile, timezone: str | None, params: Mapping[str, str]
) -> Canonical:
    """The canonical form of one group of files.

    A row is rejected for the scan's reason, else for the first of the table's keys that is
    missing or impossible; for a text in any other column see `schema.invalid`.

    Args:
        group: the raw frame and its columns.
        profile: says which column is which field.
        timezone: zone of times that state none.
        params: values that stand in for columns, by parameter name.

    Raises:
        InputError: needed columns are absent or columns have a type that cannot be read; all of
            them at once.
    """
    columns = Columns(group.columns, profile, place_of(group))
    plans = plan_columns(columns, timezone, params)
    return Canonical(group, plans, unread_columns(columns, plans), misnamed_columns(columns, plans))


def misnamed_columns(columns: Columns, plans: Sequence[FieldPlan]) -> tuple[tuple[str, str], ...]:
    """The columns that no plan reads but for a hyphen, a capital and the like, and their fields."""
    profile = columns.profile
    is_open = {plan.field.name for plan in plans if not plan.is_supplied} - profile.never.keys()
    fields = {bare(name): name for name in is_open}
    for field, source in profile.fields.items():
        fields |= {bare(name): field for name in source.names()}
    meant = ((column, fields.get(bare(column))) for column in columns.ignored)
    return tuple((column, field) for column, field in meant if field is not None)


def unread_columns(columns: Columns, plans: Sequence[FieldPlan]) -> tuple[Ignored, ...]:
    """The columns that no plan reads and that resemble a field without one, sorted."""
    known = [plan.field.name for plan in plans]
    is_open = {plan.field.name for plan in plans if not plan.is_supplied}
    is_open -= columns.profile.never.keys()
    meant = (
        (column, resembling(column, known))
        for column in columns.ignored
        if not column.startswith(ATTRIBUTE)
    )
    return tuple(Ignored(column, meaning(name)) for column, name in meant if name in is_open)


def plan_columns(
    columns: Columns, timezone: str | None, params: Mapping[str, str]
) -> list[FieldPlan]:
    """How each field of the profile's table is read from `columns`.

    Raises:
        InputError: as `canonical`.
    """
    plans: list[FieldPlan] = []
    problems: list[Problem] = []
    absent: list[FieldPlan] = []
    for field in columns.profile.table_fields:
        try:
            plans.append(plan_field(field, columns, timezone, params))
        except InputError as error:
            problems.extend(error.problems)
    for plan in plans:
        field = plan.field
        if names := columns.strays(field, is_supplied=plan.is_supplied):
            problems.append(_stray(field, columns, names))
        elif not plan.is_supplied and _needs_column(field, columns.profile):
            absent.append(plan)
    if absent:
        problems.append(absent_columns(absent, columns))
    if problems:
        raise InputError.of(problems)
    return plans


def canonical_frame(
    lf: pl.LazyFrame, plans: Sequence[FieldPlan], *, unread: str | None = None
) -> pl.LazyFrame:
    """The raw frame's rows, in their order, with exactly the canonical columns.

    These are every planned field in its canonical type (sets and hops as text with `;`,
    unvalidated), an `invalid:<field>` text per field of a closed kind, and PATH, ROW, REJECT.
    With `unread`, also a column of that prefix per field with steps of its own: the text where
    there is one, but neither a value nor a fault.
    """
    # NOTE: with_columns before select, so that a plan which keeps only constants keeps its height.
    staged = lf.with_columns(
        *(plan.expr.alias(_staged(plan)) for plan in plans),
        *(plan.blank.alias(_blank(plan)) for plan in plans if plan.blank is not None),
        *(plan.text.alias(_text(plan)) for plan in plans if unread and plan.text is not None),
    )
    return staged.select(
        *(_value(plan) for plan in plans),
        *(_fault(plan) for plan in plans if has_fault_column(plan)),
        *(_unread(plan, unread) for plan in plans if unread and plan.text is not None),
        PATH,
        ROW,
        _rejects(plans).alias(REJECT),
    )


def has_fault_column(plan: FieldPlan) -> bool:
    """Whether the canonical frame has an `invalid:` column for the field."""
    is_reason = _is_key(plan) and plan.field.kind is Kind.TIME
    return plan.field.kind in _FAULT_KINDS and not is_reason


def _is_key(plan: FieldPlan) -> bool:
    return plan.field.need is Need.VALUE


def _staged(plan: FieldPlan) -> str:
    return f"@staged:{plan.field.name}"


def _blank(plan: FieldPlan) -> str:
    return f"@blank:{plan.field.name}"


def _text(plan: FieldPlan) -> str:
    return f"@text:{plan.field.name}"


def _unread(plan: FieldPlan, prefix: str) -> pl.Expr:
    text = pl.col(_text(plan)).str.strip_chars()
    return pl.when(_is_missing(plan) & (text != "")).then(text).alias(prefix + plan.field.name)


def _value(plan: FieldPlan) -> pl.Expr:
    column = pl.col(_staged(plan))
    return (column.struct.field(VALUE) if plan.is_reading else column).alias(plan.field.name)


def _fault(plan: FieldPlan) -> pl.Expr:
    name = invalid(plan.field.name)
    if plan.is_reading:
        return pl.col(_staged(plan)).struct.field(FAULT).alias(name)
    return pl.lit(None, pl.String).alias(name)


def _rejects(plans: Sequence[FieldPlan]) -> pl.Expr:
    """The scan's reason, else that of the first key that is missing or impossible."""
    tests: list[pl.Expr] = []
    texts: list[str | None] = []
    for plan in filter(_is_key, plans):
        if plan.is_reading and plan.field.kind is Kind.TIME:
            tests.append(pl.col(_staged(plan)).struct.field(FAULT))
            texts.append(None)
        tests.append(_is_missing(plan))
        texts.append(f"{plan.field.name} {IS_MISSING}")
    return pl.map_batches(
        [pl.col(REJECT), *tests],
        lambda columns: _first_reasons(columns[0], columns[1:], texts),
        return_dtype=pl.String(),
        is_elementwise=True,
    )


def _first_reasons(
    scanned: pl.Series, tests: Sequence[pl.Series], texts: Sequence[str | None]
) -> pl.Series:
    """`scanned`, filled from `tests`: reasons where the text is None, else where the text holds."""
    reasons = scanned
    for test, text in zip(tests, texts, strict=True):
        if text is None and test.null_count() < len(test):
            reasons = reasons.zip_with(reasons.is_not_null(), test)
        elif text is not None and test.any():
            shown = pl.Series([text]).new_from_index(0, len(test))
            reasons = reasons.zip_with(reasons.is_not_null() | ~test, shown)
    return reasons


def _is_missing(plan: FieldPlan) -> pl.Expr:
    if plan.blank is not None:
        return pl.col(_blank(plan))
    column = pl.col(_staged(plan))
    if not plan.is_reading:
        return column.is_null()
    return column.struct.field(VALUE).is_null() & column.struct.field(FAULT).is_null()


def _needs_column(field: Field, profile: Profile) -> bool:
    return field.need is not Need.OPTIONAL and field.name not in profile.never


def _stray(field: Field, columns: Columns, names: Sequence[str]) -> Problem:
    first, *others = (repr(name) for name in names)
    return Problem(
        f"{', '.join(others)} could be {field.name} but is not prefixed as {first} is",
        columns.place,
        f"give it the prefix of {first} if it belongs to the same records, else drop it or give "
        "it another name",
    )


def place_of(group: "RawGroup") -> str:
    """The files of a group, for messages."""
    shown = [file.shown for file in group.files]
    if not shown:
        return ""
    return f"{shown[0]} (and {len(shown) - 1} more)" if len(shown) > 1 else shown[0]
