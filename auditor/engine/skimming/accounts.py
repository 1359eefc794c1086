"""Accounts by number: those whose policies give the same facts at a time share a class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.engine.skimming.codebook import UNKNOWN, Codebook
from auditor.enrich.policies import TILE_FROM, Policies
from auditor.schema import POLICY_STATE, PolicyState

ALWAYS: Final = -(2**63)
_NEVER: Final = 2**63 - 1
_CLASS: Final = "@class"
_IN_FORCE: Final = "@in_force"

HashTexts = Callable[[pl.Series], pl.Series]
"""Texts → UInt64; the same function for all texts of a run."""


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Spans of policies, those of one account in a row; position 0 is nobody's.

    Attributes:
        class_of: UInt32; equal for spans whose facts no rule can tell apart.
        next_from: Int64 microseconds at which the next span of the same account begins.
    """

    class_of: pl.Series
    next_from: pl.Series

    @property
    def size(self) -> int:
        """One more than the highest class."""
        return int(self.class_of.max() or 0) + 1  # type: ignore[arg-type] # a number

    def at(self, tiles: pl.Series, instants: pl.Series) -> pl.Series:
        """The spans in force at `instants`, from `tiles` of the same accounts or earlier ones."""
        while True:
            is_over = self.next_from.gather(tiles) <= instants
            if not is_over.any():
                return tiles
            tiles = tiles + is_over.cast(pl.UInt32)

    def with_strangers(self, number: int) -> "_Tiles":
        """The spans with `number` more, each of an account of its own that no policy covers."""
        least = self.size
        classes = pl.int_range(least, least + number, dtype=pl.UInt32, eager=True)
        never = pl.Series([_NEVER], dtype=pl.Int64).new_from_index(0, number)
        return _Tiles(pl.concat([self.class_of, classes]), pl.concat([self.next_from, never]))


@dataclass(frozen=True, slots=True)
class AccountClasses:
    """Immutable; what it learns makes a new one.

    Attributes:
        ids: canonical account id → position of its first span.
        hashes: of the texts of account ids as the log writes them.
        first: per text the position of the account's first span.
        since: instant in microseconds; only later ones may be asked about.
        book: texts → the class from `since` on or, from `tiles.size` on, a position in `dated`.
        dated: positions of the spans at `since` of accounts whose policy changes after it.
    """

    ids: pl.DataFrame
    tiles: _Tiles
    hashes: pl.Series
    first: pl.Series
    since: int
    book: Codebook
    dated: pl.Series

    @classmethod
    def of(
        cls, policies: Policies, facts: frozenset[str], since: int, hashed: HashTexts
    ) -> "AccountClasses":
        """The accounts of a registry, by the `facts` that can matter."""
        tiles = policies.tiles.sort("account_id", TILE_FROM, nulls_last=False)
        is_first = pl.col("account_id").ne_missing(pl.col("account_id").shift(1))
        ids = tiles.select(
            "account_id", tile=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
        ).filter(tiles.select(is_first)["account_id"])
        spans = _Tiles(
            pl.concat([pl.Series([UNKNOWN], dtype=pl.UInt32), _classes(tiles, facts)]),
            pl.concat([pl.Series([_NEVER], dtype=pl.Int64), _next_from(tiles)]),
        )
        return cls._of(ids, spans, hashed(ids["account_id"]), ids["tile"], since)

    @classmethod
    def _of(
        cls, ids: pl.DataFrame, tiles: _Tiles, hashes: pl.Series, first: pl.Series, since: int
    ) -> "AccountClasses":
        then = tiles.at(first, pl.Series([since]).new_from_index(0, len(first)))
        dated = (tiles.next_from.gather(then) != _NEVER).arg_true()
        places = pl.int_range(tiles.size, tiles.size + len(dated), dtype=pl.UInt32, eager=True)
        numbers = tiles.class_of.gather(then).scatter(dated, places)
        return cls(ids, tiles, hashes, first, since, Codebook(hashes, numbers), then.gather(dated))

    @property
    def size(self) -> int:
        """One more than the highest class."""
        return self.tiles.size

    def from_instant(self, since: int) -> "AccountClasses":
        """The same, to be asked about instants from `since` on."""
        return self._of(self.ids, self.tiles, self.hashes, self.first, since)

    def classes(self, hashes: pl.Series, instants: pl.Series) -> pl.Series:
        """UInt32: the class of each account at each instant (Int64); 0 for an unknown text."""
        numbers = self.book.lookup(hashes)
        if not len(self.dated):
            return numbers
        rows = (numbers >= self.size).arg_true()
        spans = self.dated.gather(numbers.gather(rows) - self.size)
        return numbers.scatter(
            rows, self.tiles.class_of.gather(self.tiles.at(spans, instants.gather(rows)))
        )

    def with_texts(self, hashes: pl.Series, ids: pl.Series) -> "AccountClasses":
        """The same, with texts that are not in the book yet and the account ids they mean."""
        known = ids.to_frame("account_id").join(
            self.ids, on="account_id", how="left", maintain_order="left"
        )["tile"]
        strangers = known.is_null().arg_true()
        least = len(self.tiles.class_of)
        own = pl.int_range(least, least + len(strangers), dtype=pl.UInt32, eager=True)
        first = pl.concat([self.first, known.scatter(strangers, own)])
        tiles = self.tiles.with_strangers(len(strangers))
        return self._of(self.ids, tiles, pl.concat([self.hashes, hashes]), first, self.since)


def _classes(tiles: pl.DataFrame, facts: frozenset[str]) -> pl.Series:
    """UInt32 from 1 per span; one that no policy covers has a class of its own."""
    told = [c for c in tiles.columns if c.partition("@")[0] in facts]
    in_force = tiles[POLICY_STATE] == PolicyState.IN_FORCE.value
    keys = tiles.select(pl.lit(value=True).alias(_IN_FORCE), *told)
    distinct = keys.filter(in_force).unique()
    numbered = distinct.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(_CLASS))
    classes = keys.join(
        numbered, on=keys.columns, how="left", nulls_equal=True, maintain_order="left"
    )[_CLASS]
    gaps = (~in_force).arg_true()
    own = pl.int_range(1, len(gaps) + 1, dtype=pl.UInt32, eager=True) + distinct.height
    return classes.scatter(gaps, own)


def _next_from(tiles: pl.DataFrame) -> pl.Series:
    account, start = pl.col("account_id"), pl.col(TILE_FROM).to_physical()
    is_same = account.shift(-1) == account
    following = pl.when(is_same).then(start.shift(-1)).otherwise(_NEVER)
    return tiles.select(following.fill_null(_NEVER).alias(TILE_FROM))[TILE_FROM]
