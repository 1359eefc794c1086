"""What one log yields under one profile: where each field comes from, and what was not read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from auditor.schema import REJECT, Kind, invalid, names_of
from auditor.sources import SOURCES
from auditor.sources.canonical import canonical_frame, has_fault_column, place_of, plan_columns
from auditor.sources.columns import Columns
from auditor.sources.field_plan import FieldPlan
from auditor.sources.near_misses import Ignored, meaning, resembling
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import FieldSource, Profile
from auditor.sources.set_texts import SEPARATOR

if TYPE_CHECKING:
    from auditor.sources.scan import RawGroup

SAMPLES: Final = 20
_ITEM_KINDS: Final = (Kind.SET, Kind.HOPS)
_UNREAD: Final = "@unread:"


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """Where one canonical field comes from; if it is not supplied, `origin` says why."""

    name: str
    meaning: str
    is_supplied: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Check:
    """What is known of one group of files before it is read, and what to collect for the rest.

    Attributes:
        fields: one per canonical field, in the table's order.
        ignored: columns that were not read, sorted.
        totals: one row: `rows`, `rejected`, and per supplied field the number of rows with a
            value.
        samples: `field`, `problem`, `value`, `rows`: the commonest texts, most rows first, at
            most `SAMPLES` per field and problem. The problem is `invalid` (no value of the
            field), `unread` (normal for the feed, but missing), `item` (of a set or route, to be
            resolved later) or `rejected` (then `field` is empty and `value` the reason).
    """

    fields: tuple[FieldOrigin, ...]
    ignored: tuple[Ignored, ...]
    totals: pl.LazyFrame
    samples: pl.LazyFrame


def check(
    group: "RawGroup", profile: Profile, timezone: str | None, params: Mapping[str, str]
) -> Check:
    """How `profile` reads `group`; the frames are lazy.

    Raises:
        InputError: as `canonical`.
    """
    columns = Columns(group.columns, profile, place_of(group))
    plans = plan_columns(columns, timezone, params)
    lf = canonical_frame(group.lf, plans, unread=_UNREAD)
    supplied = [plan for plan in plans if plan.is_supplied]
    known = names_of(profile.table_fields)
    return Check(
        fields=tuple(
            FieldOrigin(p.field.name, p.field.meaning, p.is_supplied, p.origin) for p in plans
        ),
        ignored=tuple(Ignored(name, meaning(resembling(name, known))) for name in columns.ignored),
        totals=lf.select(
            pl.len().alias("rows"),
            pl.col(REJECT).count().alias("rejected"),
            *(pl.col(plan.field.name).count() for plan in supplied),
        ),
        samples=_samples(lf, supplied),
    )


def _samples(lf: pl.LazyFrame, plans: Sequence[FieldPlan]) -> pl.LazyFrame:
    counted = [_counted(lf, pl.col(REJECT), "", "rejected")]
    for plan in plans:
        name = plan.field.name
        if has_fault_column(plan):
            counted.append(_counted(lf, pl.col(invalid(name)), name, "invalid"))
        if plan.text is not None:
            counted.append(_counted(lf, pl.col(_UNREAD + name), name, "unread"))
        if plan.field.kind in _ITEM_KINDS:
            items = lf.select(pl.col(name).str.split(SEPARATOR).alias(name)).explode(name)
            text = pl.col(name).str.strip_chars()
            is_open = ~text.str.to_lowercase().str.starts_with("country:") & (text != "")
            counted.append(_counted(items, pl.when(is_open).then(text), name, "item"))
    return pl.concat(counted)


def _counted(lf: pl.LazyFrame, text: pl.Expr, field: str, problem: str) -> pl.LazyFrame:
    texts = lf.select(text.alias("value")).drop_nulls()
    counts = texts.group_by("value").agg(pl.len().cast(pl.Int64).alias("rows"))
    top = counts.sort(["rows", "value"], descending=[True, False]).head(SAMPLES)
    return top.select(
        pl.lit(field).alias("field"), pl.lit(problem).alias("problem"), "value", "rows"
    )


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in a list."""

    name: str
    title: str
    table: str


def list_sources() -> list[SourceLine]:
    """The shipped sources, by name."""
    profiles = map(load_profile, SOURCES)
    return [SourceLine(p.name, p.title, p.table) for p in profiles]


def describe(profile: Profile) -> list[FieldOrigin]:
    """Where each field of the profile's table would come from, in the table's order."""
    return [
        FieldOrigin(f.name, f.meaning, source is not None, origin)
        for f in profile.table_fields
        for source in [profile.fields.get(f.name)]
        for origin in [
            _origin(source)
            if source is not None
            else profile.never.get(f.name, "not part of this feed")
        ]
    ]


def _origin(source: FieldSource) -> str:
    parts = [", ".join(part.columns) or str(part.field) for part in source.join]
    ways = [
        ("columns " if len(source.columns) > 1 else "column ") + ", ".join(source.columns)
        if source.columns
        else "",
        " and ".join(parts),
        f"--param {source.param}=…" if source.param else "",
        f"always {source.constant!r}" if source.constant else "",
    ]
    return ", else ".join(way for way in ways if way)
