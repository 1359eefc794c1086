"""Countries, dated groups of them, and sets held as bits in two 128-bit columns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import iso3166
import polars as pl

COUNTRIES: Final[dict[str, str]] = {
    **{c.alpha2: c.apolitical_name for c in iso3166.countries},
    "XK": "Kosovo",
}
"""ISO 3166-1 alpha-2 code → English short name; XK is user-assigned and in wide use."""

_CODES: Final = tuple(sorted(COUNTRIES))
_BIT: Final = {code: i for i, code in enumerate(_CODES)}
_WORD: Final = (1 << 128) - 1

_FAR_PAST: Final = datetime(1, 1, 1, tzinfo=UTC)

LO, HI, OPEN = ".lo", ".hi", ".open"


def bits_of(codes: Iterable[str]) -> int:
    """The set of `codes` as one integer, bit i for the i-th code in sorted order.

    Raises:
        KeyError: a code is not a country.
    """
    bits = 0
    for code in codes:
        bits |= 1 << _BIT[code]
    return bits


def codes_of(bits: int) -> list[str]:
    """The codes in `bits`, sorted."""
    return [code for i, code in enumerate(_CODES) if bits >> i & 1]


def words_of(bits: int) -> tuple[int, int]:
    """`bits` as its low and high 128-bit word."""
    return bits & _WORD, bits >> 128


def set_columns(name: str) -> tuple[str, str, str]:
    """Names of the columns that hold set `name`: low word, high word, open flag."""
    return name + LO, name + HI, name + OPEN


@dataclass(frozen=True, slots=True)
class SetExpr:
    """A set-valued expression: known members as bits, and whether others may be missing.

    Attributes:
        lo, hi: UInt128; null where the whole set is missing.
        open: Boolean, never null: true where at least one member is not known.
    """

    lo: pl.Expr
    hi: pl.Expr
    open: pl.Expr

    @classmethod
    def column(cls, name: str) -> "SetExpr":
        """The set held in the columns of `name`."""
        lo, hi, is_open = set_columns(name)
        return cls(pl.col(lo), pl.col(hi), pl.col(is_open))

    @classmethod
    def literal(cls, codes: Iterable[str]) -> "SetExpr":
        """A closed set of known `codes`."""
        lo, hi = words_of(bits_of(codes))
        return cls(pl.lit(lo, dtype=pl.UInt128), pl.lit(hi, dtype=pl.UInt128), pl.lit(value=False))

    def named(self, name: str) -> list[pl.Expr]:
        """The three columns of this set under `name`."""
        lo, hi, is_open = set_columns(name)
        return [self.lo.alias(lo), self.hi.alias(hi), self.open.alias(is_open)]

    def is_missing(self) -> pl.Expr:
        """Boolean, never null: the whole set is missing."""
        return self.lo.is_null()

    def union(self, other: "SetExpr") -> "SetExpr":
        """Both sets together; missing where either is."""
        return SetExpr(self.lo | other.lo, self.hi | other.hi, self.open | other.open)

    def or_empty(self) -> "SetExpr":
        """The same set, empty where it was missing."""
        zero = pl.lit(0, dtype=pl.UInt128)
        return SetExpr(self.lo.fill_null(zero), self.hi.fill_null(zero), self.open)

    def minus(self, other: "SetExpr") -> "SetExpr":
        """Known members of this set that are not known members of `other`."""
        return SetExpr(self.lo & ~other.lo, self.hi & ~other.hi, self.open)

    def within(self, other: "SetExpr") -> pl.Expr:
        """Three-valued "every member lies in `other`".

        FALSE where a known member is outside a closed `other`; NULL where either set is missing,
        where this one is open, or where a member is outside what is known of an open `other`.
        """
        outside = self.minus(other)
        is_outside = (outside.lo != 0) | (outside.hi != 0)
        return (
            pl.when(is_outside)
            .then(pl.when(other.open).then(None).otherwise(pl.lit(value=False)))
            .when(is_outside.is_null() | self.open)
            .then(None)
            .otherwise(pl.lit(value=True))
        )

    def touches(self, other: "SetExpr") -> pl.Expr:
        """Three-valued "some member lies in `other`".

        TRUE where a known member is in both; NULL where either is missing or open; else FALSE.
        """
        is_common = ((self.lo & other.lo) != 0) | ((self.hi & other.hi) != 0)
        return (
            pl.when(is_common)
            .then(pl.lit(value=True))
            .when(is_common.is_null() | self.open | other.open)
            .then(None)
            .otherwise(pl.lit(value=False))
        )


def country_set(country: pl.Expr) -> SetExpr:
    """The set that holds just `country` (String, ISO codes); missing where it is."""
    index = country.cast(pl.Enum(_CODES)).to_physical()
    words = [words_of(1 << i) for i in range(len(_CODES))]
    lo = pl.Series([lo for lo, _ in words], dtype=pl.UInt128)
    hi = pl.Series([hi for _, hi in words], dtype=pl.UInt128)
    return SetExpr(pl.lit(lo).gather(index), pl.lit(hi).gather(index), pl.lit(value=False))


@dataclass(frozen=True, slots=True)
class Membership:
    """One country's membership of a group; `valid_to` is the first instant after it."""

    group: str
    country: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds_at(self, instant: datetime) -> bool:
        """Whether the country is a member at `instant`."""
        return (self.valid_from is None or self.valid_from <= instant) and (
            self.valid_to is None or instant < self.valid_to
        )


class Groups:
    """Dated groups of countries. Names are matched without regard to case."""

    def __init__(self, memberships: Iterable[Membership]) -> None:
        self._by_name: dict[str, list[Membership]] = {}
        for membership in memberships:
            self._by_name.setdefault(membership.group.casefold(), []).append(membership)

    @property
    def names(self) -> list[str]:
        """The names as spelled in the registry, sorted."""
        return sorted({m[0].group for m in self._by_name.values()})

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._by_name

    def boundaries(self, name: str) -> list[datetime]:
        """The instants at which membership changes, ascending."""
        members = self._by_name[name.casefold()]
        return sorted({t for m in members for t in (m.valid_from, m.valid_to) if t is not None})

    def members_at(self, name: str, instant: datetime) -> frozenset[str]:
        """The members at `instant`."""
        return frozenset(m.country for m in self._by_name[name.casefold()] if m.holds_at(instant))

    def __iter__(self) -> Iterator[Membership]:
        return (m for members in self._by_name.values() for m in members)


def era_starts(boundaries: Iterable[datetime]) -> list[datetime]:
    """One instant inside each span between `boundaries`: the far past, then each boundary."""
    return [_FAR_PAST, *sorted(set(boundaries))]
