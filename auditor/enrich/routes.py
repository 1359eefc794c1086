"""Adds `jurisdictions`: where the hops of each row's route lie."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.schema import DEFAULT_HOP_ROLE, invalid


@dataclass(frozen=True, slots=True)
class Routes:
    """Resolves routes by the sites of the operator, as of `event_at`."""

    sites: Sites

    provides: ClassVar[frozenset[str]] = frozenset({"jurisdictions"})
    requires: ClassVar[frozenset[str]] = frozenset()

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add the columns of set `jurisdictions`: never missing, open where a hop is unresolved."""
        era = era_of(pl.col("event_at"), self.sites.boundaries).fill_null(0)
        parsed = self.sites.interned.sets(pl.col("route"), era)
        return events.with_columns(*parsed.members.named("jurisdictions"))


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
