"""Routes that hold addresses, resolved as whole columns: hardly two of them are alike."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

import polars as pl

from auditor.addresses.locations import Basis, Locations
from auditor.addresses.ranges import COUNTRY
from auditor.addresses.texts import ADDRESS_LIKE
from auditor.enrich.hops import WHY, Hop, why_unresolved
from auditor.jurisdictions import country_set

BLANKS: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` takes off."""

_ROW: Final = "row"

_FEW_HOPS: Final = 20_000
"""So many at a time are remembered: to look up a few takes as long as thousands."""

_REMEMBERED_HOPS: Final = 100_000

HopOf = Callable[[str, int], Hop]
"""Text of a hop that is no address, and number of the era → the hop, resolved or not."""


class AddressedRoutes:
    """Resolves routes of addresses and of other hops.

    Args:
        locations: what is known of addresses.
        labels: texts of sites, in lower case; a site's label is no address, whatever it looks like.
        hop_of: resolves hops that are no addresses.
        least: an address that is known less surely is not resolved.
    """

    def __init__(
        self,
        locations: Locations,
        labels: Collection[str],
        hop_of: HopOf,
        least: Basis,
    ) -> None:
        self._locations = locations
        self._labels = pl.Series(sorted(labels), dtype=pl.String)
        self._hop_of = hop_of
        self._least = least
        self._known: dict[str, Sequence[object]] = {}

    def hops(self, routes: pl.DataFrame) -> pl.DataFrame:
        """The hops of routes (`text`, `era`), each in the order reported.

        Returns:
            `row` (of the route among `routes`), `hop` (trimmed), `country` (COUNTRY), `basis`
            (UInt8) and `why` (WHY), null where there is a country.
        """
        why = why_unresolved(pl.col("country"), pl.col("basis"))
        hops = self._hops(routes).with_columns(pl.coalesce("why", why).alias("why"))
        return hops.select(_ROW, "hop", "country", "basis", "why")

    def sets(self, routes: pl.DataFrame) -> pl.DataFrame:
        """The sets of routes: `text` and `era` → `lo`, `hi`, `open`, in the same order."""
        return self._grouped(self._hops(routes)).drop(_ROW)

    def signatures(self, routes: pl.Series, eras: int) -> list[tuple[object, ...]]:
        """What tells each route from others: its set and its unresolved hops, in every era."""
        unresolved = pl.col("hop").filter(pl.col("country").is_null()).unique().sort().str.join(";")
        open_count = pl.col("country").is_null().sum().alias("unresolved_hops")
        every = [
            routes.alias("text").to_frame().with_columns(pl.lit(era).alias("era"))
            for era in range(eras)
        ]
        told = self._grouped(
            self._hops(pl.concat(every)), unresolved.alias("unresolved"), open_count
        )
        of_eras = [
            frame.drop(_ROW).select(pl.all().name.suffix(str(era)))
            for era, frame in enumerate(told.iter_slices(len(routes)))
        ]
        return pl.concat(of_eras, how="horizontal").rows()

    def countries(self, hops: pl.Series, eras: int) -> pl.DataFrame:
        """The country of each hop, one column per era."""
        df = hops.str.strip_chars(BLANKS).alias("hop").to_frame()
        df = df.with_columns(self._is_address().alias("is_address"))
        found = self._located(df.filter("is_address").select("hop"))["country"]
        place = pl.when("is_address").then(pl.col("is_address").cum_sum().cast(pl.Int64) - 1)
        at = found.gather(df.select(place).to_series()).alias("country")
        others = df["is_address"].not_().arg_true()
        texts = df["hop"].gather(others)
        return pl.DataFrame(
            at.scatter(others, [self._hop_of(text, era).country for text in texts]).alias(str(era))
            for era in range(eras)
        )

    def located(self, texts: Collection[str]) -> dict[str, tuple[str | None, Basis]]:
        """Country and basis of address-like texts."""
        series = pl.Series(sorted(texts), dtype=pl.String)
        found = self._located(series.alias("hop").to_frame())
        return {text: (country, Basis(basis)) for text, country, basis in found.iter_rows()}

    def named(self, addresses: pl.Series) -> pl.Series:
        """The countries that databases name for each address, sorted."""
        return self._locations.named(addresses)

    def _grouped(self, hops: pl.DataFrame, *more: pl.Expr) -> pl.DataFrame:
        """One row per route, in order: its set and what `more` makes of its hops."""
        words = country_set(pl.col("country"))
        with_words = hops.with_columns(
            words.lo.fill_null(0).alias("lo"), words.hi.fill_null(0).alias("hi")
        )
        grouped = with_words.group_by(_ROW).agg(
            pl.col("lo").bitwise_or(),
            pl.col("hi").bitwise_or(),
            pl.col("country").is_null().any().alias("open"),
            *more,
        )
        return grouped.sort(_ROW)

    def _hops(self, routes: pl.DataFrame) -> pl.DataFrame:
        """The hops of routes; `why` of those that are no addresses."""
        items = pl.col("text").fill_null("").str.split(";")
        listed = routes.with_row_index(_ROW).select(_ROW, "era", items.alias("hop"))
        length = pl.col("hop").list.len()
        last = pl.col("hop").list.last().str.strip_chars(BLANKS)
        kept = pl.when((length > 1) & (last == "")).then(length - 1).otherwise(length)
        hops = listed.with_columns(pl.col("hop").list.head(kept)).explode("hop")
        hops = hops.with_columns(pl.col("hop").str.strip_chars(BLANKS))
        hops = hops.with_columns(self._is_address().alias("is_address"))
        addresses = self._located(hops.filter("is_address").select("hop").unique())
        joined = hops.join(addresses, on="hop", how="left", maintain_order="left")
        others = hops.filter(~pl.col("is_address")).select("hop", "era").unique()
        if others.is_empty():
            return joined.with_columns(pl.lit(None, dtype=WHY).alias("why"))
        found = [self._hop_of(hop, era) for hop, era in others.iter_rows()]
        table = others.with_columns(
            pl.Series("other", [hop.country for hop in found], dtype=COUNTRY),
            pl.Series("known", [hop.basis.value for hop in found], dtype=pl.UInt8),
            pl.Series("why", [hop.why for hop in found], dtype=WHY),
        )
        both = joined.join(table, on=["hop", "era"], how="left", maintain_order="left")
        return both.with_columns(pl.coalesce("country", "other"), pl.coalesce("basis", "known"))

    def _is_address(self) -> pl.Expr:
        is_like = pl.col("hop").str.contains(f"^{ADDRESS_LIKE}$")
        if not len(self._labels):
            return is_like
        return is_like & ~pl.col("hop").str.to_lowercase().is_in(self._labels.implode())

    def _located(self, hops: pl.DataFrame) -> pl.DataFrame:
        """Column `hop` with `country` and `basis`."""
        if hops.height > _FEW_HOPS:
            return self._looked_up(hops)
        texts = hops["hop"].to_list()
        # NOTE: other threads may put another in its place meanwhile
        before = self._known
        known = {text: before[text] for text in texts if text in before}
        new = [text for text in texts if text not in known]
        if new:
            found = self._looked_up(pl.DataFrame({"hop": new}))
            known |= {text: told for text, *told in found.iter_rows()}
            self._known = before | known if len(before) <= _REMEMBERED_HOPS else known
        countries, bases = zip(*(known[text] for text in texts), strict=True) if texts else ((), ())
        return hops.with_columns(
            pl.Series("country", countries, dtype=COUNTRY),
            pl.Series("basis", bases, dtype=pl.UInt8),
        )

    def _looked_up(self, hops: pl.DataFrame) -> pl.DataFrame:
        found = hops.hstack(self._locations.of(hops["hop"]))
        is_sure = pl.col("basis") >= self._least.value
        return found.with_columns(pl.when(is_sure).then("country").alias("country"))
