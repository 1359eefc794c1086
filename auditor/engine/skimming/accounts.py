"""Accounts by number: those whose policies give the same facts at a time share a class."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from auditor.engine.skimming.codebook import UNKNOWN, Codebook, Hashes, Numbers
from auditor.enrich.policies import TILE_FROM, Policies
from auditor.schema import POLICY_STATE, PolicyState

_NEVER: Final = 2**63 - 1
_CLASS: Final = "@class"
_IN_FORCE: Final = "@in_force"

HashTexts = Callable[[pl.Series], Hashes]
"""Texts → their hashes; the same function for all texts of a run."""


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Spans of policies, those of one account in a row; position 0 is nobody's.

    Attributes:
        class_of: equal for spans whose facts no rule can tell apart.
        next_from: microseconds at which the next span of the same account begins.
        size: one more than the highest class.
    """

    class_of: Numbers
    next_from: Numbers
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", int(self.class_of.max()) + 1)

    def at(self, tiles: Numbers, instants: Numbers | int) -> Numbers:
        """The spans in force at `instants`, from `tiles` of the same accounts or earlier ones."""
        while True:
            is_over = self.next_from.take(tiles) <= instants
            if not is_over.any():
                return tiles
            tiles = tiles + is_over

    def with_strangers(self, number: int) -> "_Tiles":
        """The spans with `number` more, each of an account of its own that no policy covers."""
        classes = np.arange(self.size, self.size + number, dtype=np.int64)
        never = np.full(number, _NEVER, dtype=np.int64)
        return _Tiles(
            np.concatenate([self.class_of, classes]), np.concatenate([self.next_from, never])
        )


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
    hashes: Hashes
    first: Numbers
    since: int
    book: Codebook
    dated: Numbers

    @classmethod
    def of(
        cls, policies: Policies, facts: frozenset[str], since: int, hashed: HashTexts
    ) -> "AccountClasses":
        """The accounts of a registry, by the `facts` that can matter."""
        tiles = policies.tiles.sort("account_id", TILE_FROM, nulls_last=False)
        is_first = pl.col("account_id").ne_missing(pl.col("account_id").shift(1))
        ids = tiles.select("account_id", tile=pl.int_range(1, pl.len() + 1)).filter(
            tiles.select(is_first)["account_id"]
        )
        spans = _Tiles(
            np.concatenate([[UNKNOWN], _classes(tiles, facts).to_numpy()]),
            np.concatenate([[_NEVER], _next_from(tiles).to_numpy()]),
        )
        return cls._of(ids, spans, hashed(ids["account_id"]), ids["tile"].to_numpy(), since)

    @classmethod
    def _of(
        cls, ids: pl.DataFrame, tiles: _Tiles, hashes: Hashes, first: Numbers, since: int
    ) -> "AccountClasses":
        then = tiles.at(first, since)
        numbers = tiles.class_of.take(then)
        is_dated = tiles.next_from.take(then) != _NEVER
        dated = then[is_dated]
        numbers[is_dated] = np.arange(tiles.size, tiles.size + len(dated))
        return cls(ids, tiles, hashes, first, since, Codebook(hashes, numbers), dated)

    @property
    def size(self) -> int:
        """One more than the highest class."""
        return self.tiles.size

    def from_instant(self, since: int) -> "AccountClasses":
        """The same, to be asked about instants from `since` on."""
        return self._of(self.ids, self.tiles, self.hashes, self.first, since)

    def classes(self, hashes: Hashes, instants: Numbers) -> Numbers:
        """The class of each account at each instant; 0 for an unknown text."""
        numbers = self.book.lookup(hashes)
        if len(self.dated):
            rows = np.flatnonzero(numbers >= self.size)
            # NOTE: rows with impossible times are asked about too
            times = np.minimum(instants.take(rows), _NEVER - 1)
            spans = self.tiles.at(self.dated.take(numbers.take(rows) - self.size), times)
            numbers[rows] = self.tiles.class_of.take(spans)
        return numbers

    def with_texts(self, hashes: Hashes, ids: pl.Series) -> "AccountClasses":
        """The same, with texts that are not in the book yet and the account ids they mean."""
        known = ids.to_frame("account_id").join(
            self.ids, on="account_id", how="left", maintain_order="left"
        )["tile"]
        is_strange = known.is_null().to_numpy()
        number = int(is_strange.sum())
        places = known.fill_null(UNKNOWN).to_numpy().copy()
        places[is_strange] = np.arange(number) + len(self.tiles.class_of)
        return self._of(
            self.ids,
            self.tiles.with_strangers(number),
            np.concatenate([self.hashes, hashes]),
            np.concatenate([self.first, places]),
            self.since,
        )


def _classes(tiles: pl.DataFrame, facts: frozenset[str]) -> pl.Series:
    """From 1 per span; one that no policy covers has a class of its own."""
    told = [c for c in tiles.columns if c.partition("@")[0] in facts]
    in_force = tiles[POLICY_STATE] == PolicyState.IN_FORCE.value
    # NOTE: repeated, because the registry may have none of the facts
    keys = tiles.select(pl.repeat(value=True, n=pl.len()).alias(_IN_FORCE), *told)
    distinct = keys.filter(in_force).unique()
    numbered = distinct.with_columns(pl.int_range(1, pl.len() + 1).alias(_CLASS))
    classes = keys.join(
        numbered, on=keys.columns, how="left", nulls_equal=True, maintain_order="left"
    )[_CLASS]
    gaps = (~in_force).arg_true()
    own = pl.int_range(1, len(gaps) + 1, eager=True) + distinct.height
    return classes.scatter(gaps, own)


def _next_from(tiles: pl.DataFrame) -> pl.Series:
    account, start = pl.col("account_id"), pl.col(TILE_FROM).to_physical()
    is_same = account.shift(-1) == account
    following = pl.when(is_same).then(start.shift(-1)).otherwise(_NEVER)
    return tiles.select(following.fill_null(_NEVER).alias(TILE_FROM))[TILE_FROM]
