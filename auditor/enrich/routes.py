"""Adds `jurisdictions`: where the hops of each row's route lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from auditor.addresses.locations import LEVELS, jurisdictions_at
from auditor.enrich.interned import InternedSet, era_of
from auditor.enrich.sites import Sites
from auditor.schema import DEFAULT_HOP_ROLE, invalid


@dataclass(frozen=True, slots=True)
class Routes:
    """Resolves routes by the sites of the operator, as of `event_at`.

    Attributes:
        levels: what rules demand of evidence beyond what the sites do.
    """

    sites: Sites
    levels: Sequence[str] = ()

    provides: ClassVar[frozenset[str]] = frozenset(map(jurisdictions_at, LEVELS))
    requires: ClassVar[frozenset[str]] = frozenset()

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add the columns of sets: never missing, open where a hop is unresolved.

        `jurisdictions`, and per level the places that are known so surely.
        """
        era = era_of(pl.col("event_at"), self.sites.boundaries).fill_null(0)
        at_levels = {jurisdictions_at(label): self.sites.demanding(label) for label in self.levels}
        parsed: dict[str, pl.Expr] = {}
        columns: list[pl.Expr] = []
        for name, sites in {"jurisdictions": self.sites, **at_levels}.items():
            parsed[f"@parsed:{name}"] = sites.interned.parsed(pl.col("route"), era)
            columns += InternedSet.column(f"@parsed:{name}").members.named(name)
        return events.with_columns(**parsed).with_columns(columns).drop(*parsed)

    @classmethod
    def needed(cls, sites: Sites, needs: frozenset[str]) -> "Routes":
        """The step that provides what of it is in `needs`."""
        surer = [label for label in LEVELS if jurisdictions_at(label) != "jurisdictions"]
        return cls(sites, [label for label in surer if jurisdictions_at(label) in needs])


@dataclass(frozen=True, slots=True)
class HopRoles:
    """A row that does not say what its hops did is taken to process the media."""

    provides: ClassVar[frozenset[str]] = frozenset({"hop_role"})
    requires: ClassVar[frozenset[str]] = frozenset()

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Fill missing roles; an invalid one stays missing."""
        is_absent = pl.col("hop_role").is_null() & pl.col(invalid("hop_role")).is_null()
        return events.with_columns(
            hop_role=pl.when(is_absent).then(pl.lit(DEFAULT_HOP_ROLE)).otherwise("hop_role")
        )
