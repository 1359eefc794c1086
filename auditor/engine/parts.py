"""Rows too many for memory: cut into parts on disk, by ranges of their keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from auditor.schema import ROW

PART_ROWS: Final = 150_000
"""Rows that are worked on at once: some 50 MB of notable rows, and copies of them."""

_SAMPLES_PER_PART: Final = 512
_PART: Final = "@part"


@dataclass(slots=True)
class Part:
    """Rows that are together in memory, or in files that `frames` reads one after the other."""

    held: list[pl.DataFrame] = field(default_factory=list)
    files: list[tuple[Path, int]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the part has."""
        return sum(df.height for df in self.held) + sum(rows for _, rows in self.files)

    @property
    def is_spilled(self) -> bool:
        """Whether the rows lie in files."""
        return bool(self.files)

    def frames(self, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """All rows, or some columns of them; at most `PART_ROWS` at once from files.

        Several frames are not in order among each other.
        """
        for df in self.held:
            yield df.select(columns) if columns else df
        taken: list[Path] = []
        height = 0
        for file, rows in self.files:
            if taken and height + rows > PART_ROWS:
                yield pl.read_parquet(taken, columns=columns, glob=False)
                taken, height = [], 0
            taken.append(file)
            height += rows
        if taken:
            yield pl.read_parquet(taken, columns=columns, glob=False)

    def whole(self) -> pl.DataFrame:
        """All rows at once: for keys that no two rows share."""
        return pl.concat(self.frames())

    def remove(self) -> None:
        """Delete the files."""
        for file, _ in self.files:
            file.unlink()


def parts_of(
    spooled: pl.LazyFrame, where: pl.Expr, most: int, keys: Sequence[str], folder: Path
) -> Iterator[Part]:
    """The rows of `spooled` for which `where` is true, cut into parts of some `PART_ROWS` rows.

    All rows of a part come before those of the next in the order of `keys`, missing first. Rows
    with equal keys are in one part, however many they are.

    Args:
        spooled: a scan of Parquet files, with ROW.
        where: what to keep.
        most: at least as many rows as are kept.
        keys: String columns.
        folder: an empty one, for the parts.
    """
    if most <= PART_ROWS:
        yield Part(held=[spooled.filter(where).collect(engine="streaming")])
        return
    bounds = _bounds(spooled.filter(where), -(-most // PART_ROWS), sort_key(keys))
    parts = [Part() for _ in range(len(bounds) + 1)]
    for run, df in enumerate(_runs(spooled, where)):
        index = df.select(sort_key(keys)).to_series()
        cut = df.with_columns(bounds.search_sorted(index, side="right").alias(_PART))
        for (number,), rows in cut.partition_by(_PART, as_dict=True, include_key=False).items():
            file = folder / f"{number}-{run}.parquet"
            rows.write_parquet(file, compression="lz4", statistics=False)
            parts[int(number)].files.append((file, rows.height))
    yield from (part for part in parts if part.files)


def sort_key(keys: Sequence[str]) -> pl.Expr:
    r"""One text that sorts as String columns `keys` do together, missing first.

    NOTE: NUL ends a text here, so one within a text is marked: "a" must come before "a\0b".
    """
    texts = [pl.col(key).fill_null("").str.replace_all("\0", "\0\1", literal=True) for key in keys]
    return pl.concat_str(texts, separator="\0\0").alias("@key")


def _bounds(rows: pl.LazyFrame, parts: int, key: pl.Expr) -> pl.Series:
    every = max(1, PART_ROWS // _SAMPLES_PER_PART)
    is_sampled = pl.col(ROW).hash() % every == 0
    sample = rows.filter(is_sampled).select(key).collect(engine="streaming").to_series().sort()
    places = [number * sample.len() // parts for number in range(1, parts)] if sample.len() else []
    return sample.gather(places).unique(maintain_order=True)


def _runs(spooled: pl.LazyFrame, where: pl.Expr) -> Iterator[pl.DataFrame]:
    # NOTE: a run is written while its rows and their copies are in memory, hence half of a part.
    height = spooled.select(pl.len()).collect().item()
    step = max(1, PART_ROWS // 2)
    held: list[pl.DataFrame] = []
    for at in range(0, height, step):
        held.append(spooled.slice(at, step).filter(where).collect(engine="streaming"))
        if sum(df.height for df in held) * 2 > step or at + step >= height:
            run, held = pl.concat(held), []
            yield run
