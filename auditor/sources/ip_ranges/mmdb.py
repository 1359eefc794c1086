"""MaxMind DB files → ranges, by the official reader."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, FIRST, LAST, Ranges, Steps
from auditor.addresses.texts import V4, V6
from auditor.errors import RegistryError
from auditor.sources.ip_ranges.places import country_of
from auditor.sources.ip_ranges.store import Database

MARKER: Final = b"\xab\xcd\xefMaxMind.com"
"""Stands before the metadata at the end of each such file."""

_SIX: Final = 6
_LATEST: Final = 1 << 36
"""Seconds since 1970 that are still a date."""


def read_mmdb(path: Path, shown: str) -> Database:
    """The ranges of a database, and when it was built.

    `registered_country` is the holder of a network and not its place: it is never read.

    Raises:
        RegistryError: the reader is not installed, the file is damaged, or its records have no
            country.
    """
    try:
        import maxminddb  # noqa: PLC0415  # an extra, needed by these files alone
    except ImportError as error:
        hint = "install auditor[mmdb]"
        raise RegistryError("needs the MMDB reader", location=shown, hint=hint) from error
    broken = (maxminddb.InvalidDatabaseError, ValueError, LookupError, OSError, RuntimeError)
    try:
        with maxminddb.open_database(path) as reader:
            found, date = list(_networks(reader)), _date(reader.metadata().build_epoch)
    except broken as error:
        raise RegistryError(f"is no sound MMDB file: {error}", location=shown) from error
    if found and all(record[3] is None for record in found):
        raise RegistryError(
            "has records without a country",
            location=shown,
            hint="they must have country.iso_code, country_code, or country",
        )
    return Database(Ranges(_steps(found, V4), _steps(found, V6)), date)


def _date(seconds: object) -> str | None:
    """The day of an instant that a file states; a file may state anything."""
    if not isinstance(seconds, int) or not 0 < seconds < _LATEST:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _networks(reader: Any) -> Iterator[tuple[str, int, int, str | None]]:
    for network, record in reader:
        family = V6 if network.version == _SIX else V4
        first, last = int(network.network_address), int(network.broadcast_address)
        yield family, first, last, _country(record)


def _country(record: object) -> str | None:
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    code = code if isinstance(code, str) else record.get("country_code")
    return country_of(code) if isinstance(code, str) else None


def _steps(found: list[tuple[str, int, int, str | None]], family: str) -> Steps:
    rows = [(first, last, country) for one, first, last, country in found if one == family]
    schema = {FIRST: pl.UInt128(), LAST: pl.UInt128(), "country": COUNTRY}
    return Steps.of_disjoint(pl.DataFrame(rows, schema=schema, orient="row"), family)
