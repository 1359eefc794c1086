"""A profile's reading steps on texts, sets and hops: each distinct text is read once per batch."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

import polars as pl

from auditor.sources.profile_model import FieldSource, Step
from auditor.sources.set_texts import SEPARATOR

_BLANKS: Final = r"\s+"


@cache
def country_names() -> dict[str, str]:
    """Country names as logs print them (lower case) → ISO 3166-1 alpha-2 code."""
    place = files("auditor.reference") / "country-names.csv"
    rows = csv.DictReader(place.read_text(encoding="utf-8").splitlines())
    return {row["name"].lower(): row["code"] for row in rows}


def has_steps(source: FieldSource) -> bool:
    """Whether texts of this field are read by steps of their own."""
    return bool(source.steps or source.separators or source.trim)


def read_by_steps(texts: pl.Expr, source: FieldSource, *, has_items: bool) -> pl.Expr:
    """`texts` after the profile's steps; with `has_items` each item by itself.

    A text (or item) that no step reads stays as it is or, with `otherwise: missing`, is null.
    """

    def read(distinct: pl.Expr) -> pl.Expr:
        if not has_items:
            return _read_text(distinct, source)
        whole = distinct.str.strip_chars(source.trim) if source.trim else distinct
        for character in source.separators:
            whole = whole.str.replace_all(character, SEPARATOR, literal=True)
        items = whole.str.split(SEPARATOR).list.eval(_read_text(pl.element(), source))
        return items.list.join(SEPARATOR)

    return texts.map_batches(
        lambda batch: _by_distinct(batch, read), return_dtype=pl.String(), is_elementwise=True
    )


def _by_distinct(texts: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    distinct = texts.unique().drop_nulls().to_frame("text")
    known = distinct.with_columns(read(pl.col("text")).alias("read"))
    rows = texts.to_frame("text")
    return rows.join(known, on="text", how="left", maintain_order="left")["read"]


def _read_text(text: pl.Expr, source: FieldSource) -> pl.Expr:
    item = text.str.strip_chars()
    if source.trim:
        item = item.str.strip_chars(source.trim).str.strip_chars()
    if not source.steps:
        return item
    readings = [_read_by_step(item, step) for step in source.steps]
    return pl.coalesce(*readings) if source.otherwise == "missing" else pl.coalesce(*readings, item)


def _read_by_step(item: pl.Expr, step: Step) -> pl.Expr:
    read = item
    if step.extract is not None:
        read = read.str.extract(step.extract, 1)
    for table in (step.values, country_names() if step.names else None):
        if table is not None:
            key = read.str.strip_chars().str.replace_all(_BLANKS, " ").str.to_lowercase()
            read = key.replace_strict(
                list(table), list(table.values()), default=None, return_dtype=pl.String
            )
    read = read.str.strip_chars()
    before, _, after = step.template.partition("{}")
    if "{}" not in step.template:
        return pl.when(read.is_not_null()).then(pl.lit(step.template))
    filled = pl.lit(before) + read + pl.lit(after)
    return pl.when(read != "").then(filled)
