"""Where addresses are, and how surely: registries of ranges before witnesses."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from threading import Lock
from typing import Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, HELD, Ranges
from auditor.addresses.special import special
from auditor.addresses.texts import V4, V6, numbers


class Basis(IntEnum):
    """How a hop's jurisdiction is known, weakest first; from SINGLE_SOURCE on there is one."""

    UNRESOLVED = 0
    MALFORMED = 1
    SPECIAL = 2
    UNPLACED = 3
    CONFLICTING = 4
    SINGLE_SOURCE = 5
    CORROBORATED = 6
    REPORTED = 7
    REGISTRY = 8

    @property
    def label(self) -> str:
        """As reports spell it."""
        return self.name.lower().replace("_", "-")


LEVELS: Final = [b.label for b in Basis if b >= Basis.SINGLE_SOURCE]
"""What may be demanded of evidence, weakest first."""


def level_of(label: str) -> Basis:
    """The basis of one of LEVELS."""
    return next(basis for basis in Basis if basis.label == label)


def jurisdictions_at(label: str | None) -> str:
    """The fact that holds the places known as surely as one of LEVELS demands."""
    is_any = label is None or level_of(label) is Basis.SINGLE_SOURCE
    return "jurisdictions" if is_any else f"jurisdictions@{label}"


class Locations:
    """What is known of addresses.

    Args:
        registry: ranges whose country somebody answers for; None without any.
        witnesses: gives the databases that tell where addresses seem to be; asked at most once,
            when the first address is.
    """

    def __init__(
        self, registry: Ranges | None = None, witnesses: Callable[[], Sequence[Ranges]] = tuple
    ) -> None:
        self._registry = registry
        self._open = witnesses
        self._opened: Sequence[Ranges] | None = None
        self._opening = Lock()

    def of(self, texts: pl.Series) -> pl.DataFrame:
        """Columns `country` (COUNTRY, null where not known) and `basis` (UInt8) of address texts.

        Special addresses have no country, whoever names one. A registry whose range states no
        country leaves the address without one (UNPLACED), because it is known to be an odd one.
        """
        places = numbers(texts)
        stated = self._stated(places)
        df = self._seen(places).with_columns(
            (places[V4].is_null() & places[V6].is_null()).alias("malformed"),
            special(places).alias("special"),
            stated["country"].alias("stated"),
            stated[HELD],
        )
        is_nowhere = pl.col("malformed") | pl.col("special")
        return df.select(
            pl.when(is_nowhere)
            .then(None)
            .when(HELD)
            .then("stated")
            .otherwise("country")
            .alias("country"),
            pl.when("malformed")
            .then(Basis.MALFORMED.value)
            .when("special")
            .then(Basis.SPECIAL.value)
            .when(pl.col("stated").is_not_null())
            .then(Basis.REGISTRY.value)
            .when(HELD)
            .then(Basis.UNPLACED.value)
            .otherwise("basis")
            .cast(pl.UInt8)
            .alias("basis"),
        )

    def named(self, texts: pl.Series) -> pl.Series:
        """List(COUNTRY): the countries that witnesses name for each address, sorted."""
        df = self._told(numbers(texts))
        # NOTE: few countries are named together, and lists are slow to make row by row.
        sets = df.unique()
        named = [sorted({one for one in row if one is not None}) for row in sets.iter_rows()]
        table = sets.with_columns(pl.Series("named", named, dtype=pl.List(COUNTRY)))
        joined = df.join(table, on=df.columns, how="left", nulls_equal=True, maintain_order="left")
        return joined["named"]

    def _stated(self, places: pl.DataFrame) -> pl.DataFrame:
        if self._registry is not None:
            return self._registry.at(places)
        nothing = pl.Series("country", [None], dtype=COUNTRY).new_from_index(0, places.height)
        return nothing.to_frame().with_columns(pl.lit(value=False).alias(HELD))

    def _seen(self, places: pl.DataFrame) -> pl.DataFrame:
        """What witnesses say: `country` where those that know one agree, and `basis`."""
        df = self._told(places)
        known = pl.sum_horizontal(pl.all().is_not_null())
        codes = pl.all().to_physical()
        is_agreed = pl.min_horizontal(codes) == pl.max_horizontal(codes)
        df = df.select(
            pl.coalesce(pl.all()).alias("country"),
            known.alias("known"),
            is_agreed.fill_null(value=False).alias("agreed"),
        )
        return df.select(
            pl.when("agreed").then("country").alias("country"),
            pl.when(pl.col("known") == 0)
            .then(Basis.UNRESOLVED.value)
            .when(~pl.col("agreed"))
            .then(Basis.CONFLICTING.value)
            .when(pl.col("known") == 1)
            .then(Basis.SINGLE_SOURCE.value)
            .otherwise(Basis.CORROBORATED.value)
            .alias("basis"),
        )

    def _told(self, places: pl.DataFrame) -> pl.DataFrame:
        """What each witness says, a column each, and one of nobody."""
        nobody = pl.Series("none", [None], dtype=COUNTRY).new_from_index(0, places.height)
        told = [w.at(places)["country"].alias(str(i)) for i, w in enumerate(self._witnesses())]
        return pl.DataFrame([nobody, *told])

    def _witnesses(self) -> Sequence[Ranges]:
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened
