"""What findings say of routes: the texts of the hops, and how well the deciding ones are known."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import polars as pl

from auditor.addresses.locations import Basis, level_of
from auditor.enrich.hops import Hop, weakest
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.jurisdictions import codes_of, set_columns

OUTSIDE: Final = "jurisdictions_outside"
ROUTE_CODE: Final = "@route"
ROUTE_BASIS: Final = "@basis"

_CACHED: Final = 200_000
_Resolved: TypeAlias = dict[tuple[str | None, int], list[Hop]]


class NoRoutes:
    """Stands in for `Routes` where rows have none: what they say is as their log reports it."""

    def coded(
        self, rows: pl.DataFrame, _level: str | None = None
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Adds ROUTE_CODE and ROUTE_BASIS; the one code is that of no hops at all."""
        coded = rows.with_columns(
            pl.lit(0, dtype=pl.UInt32).alias(ROUTE_CODE),
            pl.lit(Basis.REPORTED.value, dtype=pl.UInt8).alias(ROUTE_BASIS),
        )
        return coded, pl.Series([[]], dtype=pl.List(pl.String))


class Routes:
    """Resolves the routes of violating rows, each distinct text once."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._hops: _Resolved = {}
        self._outside: dict[int, frozenset[str]] = {}

    def coded(self, rows: pl.DataFrame, level: str | None = None) -> tuple[pl.DataFrame, pl.Series]:
        """Adds ROUTE_CODE and ROUTE_BASIS (rank of the weakest deciding basis).

        Args:
            rows: of events.
            level: a hop that is known less surely decides nothing; None: as the sites demand.

        Returns:
            The rows, and per code the sorted texts of the route's hops.
        """
        least = self._sites.least if level is None else level_of(level)
        era = era_of(pl.col("event_at"), self._sites.boundaries).alias("@era")
        rows = rows.with_columns(era)
        key = ["route", "@era", *set_columns(OUTSIDE)[:2]]
        distinct = rows.select(key).unique()
        hops: list[str] = []
        basis: list[int] = []
        resolved_of = self._resolved(distinct.select("route", "@era").unique().rows())
        for route, at, low, high in distinct.iter_rows():
            resolved = resolved_of[route, at]
            hops.append(";".join(sorted({hop.text for hop in resolved})))
            deciding = [hop for hop in resolved if hop.basis >= least]
            basis.append(weakest(deciding, self._codes(low | high << 128)).value)
        table = distinct.with_row_index(ROUTE_CODE).with_columns(
            pl.Series(ROUTE_BASIS, basis, dtype=pl.UInt8)
        )
        joined = rows.join(table, on=key, how="left", nulls_equal=True, maintain_order="left")
        # NOTE: no hop holds a semicolon, and Polars splits far faster than it takes lists over.
        return joined.drop("@era"), pl.Series(hops, dtype=pl.String).str.split(";")

    def _resolved(self, routes: Sequence[tuple[str | None, int]]) -> _Resolved:
        new = [pair for pair in routes if pair not in self._hops]
        if len(self._hops) + len(new) > _CACHED:
            self._hops.clear()
            new = [*routes]
        self._hops |= zip(new, self._sites.resolved(new), strict=True)
        return self._hops

    def _codes(self, bits: int) -> frozenset[str]:
        known = self._outside.get(bits)
        if known is None:
            if len(self._outside) >= _CACHED:
                self._outside.clear()
            known = self._outside[bits] = frozenset(codes_of(bits))
        return known
