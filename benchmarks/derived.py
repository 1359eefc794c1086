"""Logs made from a generated one: its events with addresses for sites, or as a vendor has them.

python -m benchmarks.derived addresses:20000 parquet FROM TO
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl
import pyarrow.parquet as pq

from auditor.generate.parts import write_csv
from auditor.generate.places import HOPS
from benchmarks.addresses import addresses_of

Rewrite: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
"""Events of a generated log → the same events otherwise."""

_SEED: Final = 11
_GROUP_ROWS: Final = 1 << 18
_MOST_HOPS: Final = 3
_NOWHERE: Final = ""
"""Stands for the country of hops that nothing resolves."""
_MOST_PRIVATE: Final = 1 << 24
_RELAYS: Final = [f"10.{n >> 8}.{n & 255}.1" for n in range(1000)]
_PLAIN: Final = frozenset(
    {"event_at", "session_id", "meeting_started_at", "is_host", "media_bytes"}
    | {"join_time", "participant_uuid", "participant_id", "meeting_start_time", "role"}
)
"""Columns that a generated log holds without a dictionary, and what they become."""

_COUNTRY_OF: Final = {hop: country for country, hops in HOPS.items() for hop in hops}
_NAMES: Final = {
    "US": "United States", "CA": "Canada", "NL": "Netherlands", "DE": "Germany", "FR": "France",
    "IE": "Ireland", "GB": "United Kingdom", "CH": "Switzerland", "HK": "Hong Kong SAR",
    "MO": "Macao SAR", "TW": "Taiwan", "SG": "Singapore", "JP": "Japan", "AU": "Australia",
    "IN": "India", "BR": "Brazil", "MX": "Mexico", "CN": "China",
}  # fmt: skip
"""Countries as a Dashboard prints them."""


def main() -> None:
    """Writes the log that the command line names."""
    kind, suffix, source, target = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    name, _, number = kind.partition(":")
    target.mkdir()
    (target / "events").mkdir()
    for registry in source.glob("accounts.*"):
        shutil.copy(registry, target / registry.name)
    events = sorted((source / "events").iterdir())
    if name == "addresses":
        shutil.copy(source / "truth.parquet", target / "truth.parquet")
        _write(events, target / "events", _Addressed.drawn(events, int(number)), suffix)
    elif name == "private":
        _write(events, target / "events", _Addressed.private(int(number)), suffix)
    else:
        _write(events, target / "events", _FEEDS[name], suffix)


class _Addressed:
    """Puts addresses in the place of sites: each hop is any of those of its country.

    Attributes:
        pools: country → where its addresses begin in `texts`, and how many there are.
    """

    def __init__(self, addresses: dict[str, list[str]]) -> None:
        self.pools: dict[str, tuple[int, int]] = {}
        begin = 0
        for country, texts in addresses.items():
            self.pools[country] = (begin, len(texts))
            begin += len(texts)
        self.texts = pl.Series([text for texts in addresses.values() for text in texts])
        self.seen = 0

    @classmethod
    def drawn(cls, events: list[Path], number: int) -> "_Addressed":
        """So many addresses, shared among countries by how many hops are there."""
        routes = pl.concat(pl.scan_parquet(path).select("route") for path in events)
        hops = routes.select(pl.col("route").str.strip_chars_end(";").str.split(";"))
        counted = hops.explode("route").group_by("route").len().collect(engine="streaming")
        found = dict.fromkeys(HOPS, 0)
        for hop, rows in counted.iter_rows():
            if hop in _COUNTRY_OF:
                found[_COUNTRY_OF[hop]] += rows
        total = sum(found.values())
        wanted = {country: 1 + number * rows // total for country, rows in found.items()}
        return cls(addresses_of(wanted, _SEED) | {_NOWHERE: _RELAYS})

    @classmethod
    def private(cls, number: int) -> "_Addressed":
        """So many addresses that nothing resolves, any of them in the place of any hop."""
        texts = [
            f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(min(number, _MOST_PRIVATE))
        ]
        addressed = cls({_NOWHERE: texts})
        addressed.pools |= dict.fromkeys(HOPS, addressed.pools[_NOWHERE])
        return addressed

    def __call__(self, df: pl.DataFrame) -> pl.DataFrame:
        """The events with addresses."""
        table = self._table(df["route"].unique())
        rows = df.select("route").join(table, on="route", how="left", maintain_order="left")
        number = pl.int_range(self.seen, self.seen + pl.len(), dtype=pl.UInt64)
        self.seen += df.height
        hops = []
        for place in range(_MOST_HOPS):
            begin, size = pl.col(f"begin{place}"), pl.col(f"size{place}").cast(pl.UInt64)
            index = begin + (number.hash(_SEED + place) % size).cast(pl.Int64)
            hops.append(pl.lit(self.texts).gather(index))
        route = pl.concat_str(*hops, separator=";", ignore_nulls=True)
        return df.with_columns(rows.select(route.alias("route")))

    def _table(self, routes: pl.Series) -> pl.DataFrame:
        split = [route.removesuffix(";").split(";") for route in routes]
        columns: dict[str, list[int | None]] = {}
        for place in range(_MOST_HOPS):
            hops = [hops[place] if place < len(hops) else None for hops in split]
            pools = [
                (None, None) if hop is None else self.pools[_COUNTRY_OF.get(hop, _NOWHERE)]
                for hop in hops
            ]
            columns[f"begin{place}"] = [begin for begin, _ in pools]
            columns[f"size{place}"] = [size for _, size in pools]
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64)).with_columns(routes)


def _dashboard(df: pl.DataFrame) -> pl.DataFrame:
    """The first hop of each event as Zoom's Dashboard exports it."""
    role = pl.when("is_host").then(pl.lit("host")).otherwise(pl.lit("attendee"))
    return df.select(
        pl.col("event_at").alias("join_time"),
        pl.col("meeting_id").alias("meeting_uuid"),
        pl.col("session_id").alias("participant_uuid"),
        "account_id",
        _first_hop(df, _printed).alias("full_data_center"),
        pl.col("meeting_started_at").alias("meeting_start_time"),
        role.alias("role"),
        pl.format("San Jose ({})", "participant_country").alias("location"),
        pl.col("client_version").alias("version"),
        "connection_type",
    )


def _canonical(df: pl.DataFrame) -> pl.DataFrame:
    """The same in canonical form."""
    time = pl.col("event_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    return df.select(
        "event_at",
        "meeting_id",
        pl.concat_str("session_id", time, separator="@").alias("session_id"),
        "account_id",
        _first_hop(df, _stated).alias("route"),
        "meeting_started_at",
        "is_host",
        pl.col("session_id").alias("participant_id"),
        "participant_country",
        "client_version",
        "connection_type",
    )


_FEEDS: Final[dict[str, Rewrite]] = {"dashboard": _dashboard, "canonical": _canonical}


def _first_hop(df: pl.DataFrame, spelled: Callable[[str], str]) -> pl.Series:
    first = df["route"].str.split(";").list.first()
    hops = first.unique()
    return first.replace_strict(hops, pl.Series([spelled(hop) for hop in hops]))


def _printed(hop: str) -> str:
    country = _COUNTRY_OF.get(hop)
    if country is None:
        return hop
    return _NAMES[country] if ":" in hop else f"{_NAMES[country]} ({hop} Top)"


def _stated(hop: str) -> str:
    return f"country:{_COUNTRY_OF[hop]}" if hop in _COUNTRY_OF else hop


def _write(sources: list[Path], folder: Path, rewrite: Rewrite, suffix: str) -> None:
    """Writes the events as they lay: in such row groups, and with such dictionaries."""
    writer: pq.ParquetWriter | None = None
    with (folder / f"part-0001.{suffix}").open("wb") as file:
        for df in map(rewrite, _chunks(sources)):
            if suffix == "csv":
                write_csv(df, file, has_header=not file.tell())
                continue
            table = df.to_arrow(compat_level=pl.CompatLevel.newest())
            writer = writer or pq.ParquetWriter(
                file, table.schema, compression="zstd", compression_level=1, store_schema=False,
                use_dictionary=[name for name in df.columns if name not in _PLAIN],
            )  # fmt: skip
            writer.write_table(table, row_group_size=_GROUP_ROWS)
        if writer is not None:
            writer.close()


def _chunks(sources: list[Path]) -> Iterator[pl.DataFrame]:
    for source in sources:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(_GROUP_ROWS):
                found = pl.from_arrow(batch)
                if isinstance(found, pl.DataFrame):
                    yield found


if __name__ == "__main__":
    main()
