"""What findings say of routes: the texts of the hops, and how well the deciding ones are known."""

from typing import Final

import polars as pl

from auditor.enrich.interned import era_of
from auditor.enrich.sites import Basis, Hop, Sites, weakest
from auditor.jurisdictions import codes_of, set_columns

OUTSIDE: Final = "jurisdictions_outside"
ROUTE_CODE: Final = "@route"
ROUTE_BASIS: Final = "@basis"

_CACHED: Final = 200_000


class NoRoutes:
    """Stands in for `Routes` where rows have none: what they say is as their log reports it."""

    def coded(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
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
        self._hops: dict[tuple[str | None, int], list[Hop]] = {}
        self._outside: dict[int, frozenset[str]] = {}

    def coded(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """Adds ROUTE_CODE and ROUTE_BASIS (rank of the weakest deciding basis).

        Returns:
            The rows, and per code the sorted texts of the route's hops.
        """
        era = era_of(pl.col("event_at"), self._sites.boundaries).alias("@era")
        rows = rows.with_columns(era)
        key = ["route", "@era", *set_columns(OUTSIDE)[:2]]
        distinct = rows.select(key).unique()
        hops: list[str] = []
        basis: list[int] = []
        for route, at, low, high in distinct.iter_rows():
            resolved = self._resolved(route, at)
            hops.append(";".join(sorted({hop.text for hop in resolved})))
            basis.append(weakest(resolved, self._codes(low | high << 128)).value)
        table = distinct.with_row_index(ROUTE_CODE).with_columns(
            pl.Series(ROUTE_BASIS, basis, dtype=pl.UInt8)
        )
        joined = rows.join(table, on=key, how="left", nulls_equal=True, maintain_order="left")
        # NOTE: no hop holds a semicolon, and Polars splits far faster than it takes lists over.
        return joined.drop("@era"), pl.Series(hops, dtype=pl.String).str.split(";")

    def _resolved(self, route: str | None, era: int) -> list[Hop]:
        known = self._hops.get((route, era))
        if known is None:
            if len(self._hops) >= _CACHED:
                self._hops.clear()
            known = self._hops[route, era] = self._sites.hops(route, era)
        return known

    def _codes(self, bits: int) -> frozenset[str]:
        known = self._outside.get(bits)
        if known is None:
            if len(self._outside) >= _CACHED:
                self._outside.clear()
            known = self._outside[bits] = frozenset(codes_of(bits))
        return known
