"""Text → set, parsed once per distinct text: the vectorised bridge from logs to bits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import polars as pl

from auditor.jurisdictions import SetExpr, words_of

_CACHED_TEXTS: Final = 500_000
"""Texts remembered at once: bounds memory where nearly every text is different."""

_PARSED: Final = pl.Struct(
    {"lo": pl.UInt128, "hi": pl.UInt128, "open": pl.Boolean, "invalid": pl.Boolean}
)


@dataclass(frozen=True, slots=True)
class ParsedSet:
    """What a text says: known members as bits, whether others may be missing, whether it is bad."""

    bits: int = 0
    is_open: bool = False
    is_missing: bool = False
    is_invalid: bool = False


Parse: TypeAlias = Callable[[str | None, int], ParsedSet]
"""Text and number of the era → set; pure."""


def era_of(at: pl.Expr, boundaries: Sequence[datetime]) -> pl.Expr:
    """UInt32: how many of the ascending `boundaries` lie at or before `at`."""
    # NOTE: a registry of many dated entries has more boundaries than eight bits can count.
    if not boundaries:
        return pl.lit(0, dtype=pl.UInt32)
    return pl.sum_horizontal((at >= b).cast(pl.UInt32) for b in boundaries).cast(pl.UInt32)


@dataclass(frozen=True, slots=True)
class ColumnParse:
    """Parses certain texts as whole columns, none by one.

    Attributes:
        pattern: a regular expression that is found in those texts.
        parse: frame of `text` and `era` → frame of `lo`, `hi` and `open` in the same order.
    """

    pattern: str
    parse: Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class InternedSet:
    """Columns of a set parsed from text, and where that text was no set."""

    members: SetExpr
    is_invalid: pl.Expr

    @classmethod
    def column(cls, name: str) -> "InternedSet":
        """What the column `name` holds of `Interned.parsed`."""
        field = pl.col(name).struct.field
        return cls(SetExpr(field("lo"), field("hi"), field("open")), field("invalid"))


class Interned:
    """Turns batches of (text, era) into parsed sets; remembers what it has parsed.

    One for all plans of a run, so that what was parsed for one is not parsed for the next. Texts
    of `columns` are not remembered: nearly all of them are different.
    """

    def __init__(self, parse: Parse, columns: ColumnParse | None = None) -> None:
        self._parse = parse
        self._columns = columns
        self._known: dict[tuple[str | None, int], ParsedSet] = {}

    def parsed(self, text: pl.Expr, era: pl.Expr) -> pl.Expr:
        """The sets in `text` (String, may be null), each distinct text parsed once per era.

        Must be a column of its own before an `InternedSet` is made of it.
        """
        # NOTE: else Polars 2.1 asks a Python function once more for each field of what it returns
        return pl.struct(text.alias("text"), era.alias("era")).map_batches(
            self._parsed, return_dtype=_PARSED, is_elementwise=True
        )

    def _parsed(self, batch: pl.Series) -> pl.Series:
        frame = batch.struct.unnest()
        # NOTE: by one key, where that will do, because two take nearly twice as long
        keys = ["text"] if frame["era"].n_unique() == 1 else ["text", "era"]
        table = self._table(frame.unique(keys))
        joined = frame.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")
        return joined.select("lo", "hi", "open", "invalid").to_struct(batch.name)

    def _table(self, distinct: pl.DataFrame) -> pl.DataFrame:
        if self._columns is None:
            return self._remembered(distinct)
        is_column = distinct["text"].str.contains(self._columns.pattern).fill_null(value=False)
        if not is_column.any():
            return self._remembered(distinct)
        whole = distinct.filter(is_column)
        parsed = self._columns.parse(whole).with_columns(pl.lit(value=False).alias("invalid"))
        return pl.concat([whole.hstack(parsed), self._remembered(distinct.filter(~is_column))])

    def _remembered(self, distinct: pl.DataFrame) -> pl.DataFrame:
        return distinct.hstack(_columns([self._lookup(key) for key in distinct.iter_rows()]))

    def _lookup(self, key: tuple[str | None, int]) -> ParsedSet:
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _CACHED_TEXTS:
                self._known.clear()
            known = self._known[key] = self._parse(*key)
        return known


def _columns(parsed: Sequence[ParsedSet]) -> list[pl.Series]:
    words = [(None, None) if p.is_missing else words_of(p.bits) for p in parsed]
    return [
        pl.Series("lo", [lo for lo, _ in words], dtype=pl.UInt128),
        pl.Series("hi", [hi for _, hi in words], dtype=pl.UInt128),
        pl.Series("open", [p.is_open for p in parsed], dtype=pl.Boolean),
        pl.Series("invalid", [p.is_invalid for p in parsed], dtype=pl.Boolean),
    ]
