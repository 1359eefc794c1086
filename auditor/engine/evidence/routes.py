"""What findings say of routes: the texts of the hops, and how well the deciding ones are known."""

from collections.abc import Sequence
from functools import lru_cache
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

_Key: TypeAlias = tuple[str | None, int, int, int, Basis]
"""Text of a route, era, words of what lies outside, and the least basis that decides."""

_Told: TypeAlias = tuple[str, int]
"""The sorted texts of the hops, joined by `;`, and the rank of the weakest deciding basis."""


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
        self._told: dict[_Key, _Told] = {}

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
        told = self._telling([(*row, least) for row in distinct.iter_rows()])
        table = distinct.with_row_index(ROUTE_CODE).with_columns(
            pl.Series(ROUTE_BASIS, [basis for _, basis in told], dtype=pl.UInt8)
        )
        joined = rows.join(table, on=key, how="left", nulls_equal=True, maintain_order="left")
        # NOTE: no hop holds a semicolon, and Polars splits far faster than it takes lists over.
        hops = pl.Series([texts for texts, _ in told], dtype=pl.String).str.split(";")
        return joined.drop("@era"), hops

    def _telling(self, keys: Sequence[_Key]) -> list[_Told]:
        new = [key for key in keys if key not in self._told]
        if len(self._told) + len(new) > _CACHED:
            self._told.clear()
            new = [*keys]
        routes = list(dict.fromkeys(key[:2] for key in new))
        resolved = dict(zip(routes, self._sites.resolved(routes), strict=True))
        self._told |= {key: _told(key, resolved[key[:2]]) for key in new}
        return [self._told[key] for key in keys]


def _told(key: _Key, hops: Sequence[Hop]) -> _Told:
    _, _, low, high, least = key
    deciding = [hop for hop in hops if hop.basis >= least]
    basis = weakest(deciding, _countries(low | high << 128))
    return ";".join(sorted({hop.text for hop in hops})), basis.value


@lru_cache(_CACHED)
def _countries(bits: int) -> frozenset[str]:
    return frozenset(codes_of(bits))
