"""MaxMind DB files → ranges; metadata and records by the official reader, in Python."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, Ranges, Steps
from auditor.addresses.texts import V4, V6
from auditor.errors import RegistryError
from auditor.sources.ip_ranges.places import country_of
from auditor.sources.ip_ranges.store import Database

MARKER: Final = b"\xab\xcd\xefMaxMind.com"
"""Stands before the metadata at the end of each such file."""

_SEPARATOR_BYTES: Final = 16
_PUBLISHERS: Final = ("dbip",)
"""Of databases that also come with the program."""

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
        from maxminddb.decoder import Decoder  # noqa: PLC0415  # as above

        # NOTE: it takes numpy, which takes time to load.
        from auditor.sources.ip_ranges.mmdb_tree import RECORD, networks_of  # noqa: PLC0415
    except ImportError as error:
        hint = "install auditor[mmdb]"
        raise RegistryError("needs the MMDB reader", location=shown, hint=hint) from error
    broken = (
        maxminddb.InvalidDatabaseError, ArithmeticError, AttributeError, LookupError, OSError,
        RuntimeError, TypeError, ValueError,
    )  # fmt: skip
    try:
        # NOTE: a damaged file can crash the reader that is written in C.
        with maxminddb.open_database(path, maxminddb.MODE_MEMORY) as reader:
            about = reader.metadata()
        data = path.read_bytes()
        found = networks_of(data, about.node_count, about.record_size, about.ip_version)
        records = pl.concat([df[RECORD] for df in found.values()]).unique()
        decoder = Decoder(data, about.node_count * about.record_size // 4 + _SEPARATOR_BYTES)
        countries = [_country(decoder.decode(place)[0]) for place in records]
    except broken as error:
        raise RegistryError(f"is no sound MMDB file: {error}", location=shown) from error
    if countries and not any(countries):
        raise RegistryError(
            "has records without a country",
            location=shown,
            hint="they must have country.iso_code, country_code, or country",
        )
    table = pl.DataFrame([records, pl.Series("country", countries, dtype=COUNTRY)])
    four, six = (found[family].join(table, on=RECORD) for family in (V4, V6))
    return Database(
        Ranges(Steps.of_disjoint(four, V4), Steps.of_disjoint(six, V6)),
        four.height + six.height,
        _date(about.build_epoch),
        _publisher(about.database_type),
    )


def _publisher(kind: object) -> str:
    name = re.sub(r"[^a-z]", "", str(kind).lower())
    return next((one for one in _PUBLISHERS if name.startswith(one)), "")


def _date(seconds: object) -> str | None:
    """The day of an instant that a file states; a file may state anything."""
    if not isinstance(seconds, int) or not 0 < seconds < _LATEST:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _country(record: object) -> str | None:
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    code = code if isinstance(code, str) else record.get("country_code")
    return country_of(code) if isinstance(code, str) else None
