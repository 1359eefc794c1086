"""One hop: its text, where it is, how surely that is known, and if it is not, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

from auditor.addresses.locations import Basis


class Unresolved(StrEnum):
    """Why nothing resolves a hop, as reports spell it."""

    EMPTY = "empty hop"
    UNKNOWN = "unknown site or name"
    NO_COUNTRY_CODE = "not a country code"
    BARE_COUNTRY_CODE = "country code without country:"
    NOT_IN_USE = "site not in use at that time"
    UNKNOWN_COUNTRY = "country of the site unknown"
    SEVERAL_COUNTRIES = "name of sites in several countries"
    MALFORMED = "malformed address"
    SPECIAL = "special address"
    UNPLACED = "address of a prefix without a place"
    IN_NO_DATABASE = "address in no database"
    CONFLICTING = "databases disagree"
    LESS_SURE = "known less surely than demanded"


_OF_ADDRESSES: Final = {
    Basis.UNRESOLVED: Unresolved.IN_NO_DATABASE,
    Basis.MALFORMED: Unresolved.MALFORMED,
    Basis.SPECIAL: Unresolved.SPECIAL,
    Basis.UNPLACED: Unresolved.UNPLACED,
    Basis.CONFLICTING: Unresolved.CONFLICTING,
}


WHY: Final = pl.Enum([why.value for why in Unresolved])
"""Of columns that hold an `Unresolved`."""


def why_unresolved(country: pl.Expr, basis: pl.Expr) -> pl.Expr:
    """WHY nothing resolves a hop that is an address; null where its `country` is known."""
    told = {basis.value: why.value for basis, why in _OF_ADDRESSES.items()}
    less_sure = Unresolved.LESS_SURE.value
    why = basis.replace_strict(told, default=less_sure, return_dtype=WHY)
    return pl.when(country.is_null()).then(why)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop as reported, and where it is.

    Attributes:
        country: None where nothing resolves it.
        why: why it is unresolved; None where it is not.
    """

    text: str
    country: str | None
    basis: Basis
    why: Unresolved | None = None

    @classmethod
    def of_address(cls, text: str, country: str | None, basis: Basis) -> "Hop":
        """A hop that is an address."""
        why = None if country else _OF_ADDRESSES.get(basis, Unresolved.LESS_SURE)
        return cls(text, country, basis, why)

    @classmethod
    def nowhere(cls, text: str, why: Unresolved) -> "Hop":
        """A hop that is no address and that nothing resolves."""
        return cls(text, None, Basis.UNRESOLVED, why)

    def demanded(self, least: Basis) -> "Hop":
        """The same hop, unresolved if it is known less surely than `least`."""
        if self.country is None or self.basis >= least:
            return self
        return Hop(self.text, None, self.basis, Unresolved.LESS_SURE)


def hops_of(route: str | None) -> list[str]:
    """The hops of a route's canonical text, trimmed; a missing route is one hop without text."""
    items = [item.strip() for item in (route or "").split(";")]
    if len(items) > 1 and not items[-1]:
        items.pop()
    return items


def weakest(hops: Sequence[Hop], outside: frozenset[str]) -> Basis:
    """The weakest basis among the hops that lie `outside`, else among all resolved ones."""
    deciding = [h.basis for h in hops if h.country in outside] or [
        h.basis for h in hops if h.country
    ]
    return min(deciding, default=Basis.UNRESOLVED)
