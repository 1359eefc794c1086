"""Raw groups of files as the scan would deliver them, made in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from auditor.schema import PATH, REJECT, ROW


@dataclass(frozen=True, slots=True)
class FakeFile:
    shown: str


@dataclass(frozen=True, slots=True)
class FakeGroup:
    lf: pl.LazyFrame
    columns: dict[str, pl.DataType]
    files: list[FakeFile] = field(default_factory=list)


def raw_group(
    data: Mapping[str, Sequence[object] | pl.Series],
    reject: Sequence[str | None] | None = None,
    shown: str = "night.csv",
) -> Any:
    """A group with these columns; Any, because the scan's own class is not needed here."""
    df = pl.DataFrame(data)
    lf = df.with_columns(
        pl.lit(shown).alias(PATH),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.Series(REJECT, reject or [None] * df.height, dtype=pl.String),
    ).lazy()
    return FakeGroup(lf, dict(df.schema), [FakeFile(shown)])
