"""Files of ranges that users name → registries and witnesses; what each file is, its bytes tell."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, FIRST, LAST, Range, Ranges, Steps, disjoint, flattened
from auditor.addresses.texts import V4, V6
from auditor.errors import RegistryError
from auditor.findings import RegistryFile
from auditor.sources.ip_ranges.cache import keep, kept
from auditor.sources.ip_ranges.mmdb import MARKER, read_mmdb
from auditor.sources.ip_ranges.places import Regions
from auditor.sources.ip_ranges.prefixes import geofeed_ranges, is_geofeed, provider_ranges
from auditor.sources.ip_ranges.store import Database
from auditor.sources.ip_ranges.tables import table_ranges

_METADATA_BYTES: Final = 128 << 10
"""How near to its end the metadata of an MMDB file begins, at most."""


@dataclass(frozen=True, slots=True)
class IpRanges:
    """All files of ranges together.

    Attributes:
        registry: of prefix lists and geofeeds, whose publisher answers for them; None without any.
        witnesses: of range tables and databases, which tell where addresses seem to be.
        files: what a report says of each, in the order given.
        limits: what some of them cannot tell.
    """

    registry: Ranges | None
    witnesses: Sequence[Ranges]
    files: Sequence[RegistryFile]
    limits: Sequence[str]


def load_ip_ranges(paths: Iterable[Path], regions: Regions, cache: Path | None) -> IpRanges:
    """Read files of ranges.

    Args:
        paths: range tables, MMDB files, prefix lists of providers, geofeeds.
        regions: where the regions of providers are.
        cache: a folder for converted databases; None: they are converted each time.

    Raises:
        RegistryError: a file is faulty.
    """
    stated: dict[str, list[Range]] = {V4: [], V6: []}
    witnesses: list[Ranges] = []
    files: list[RegistryFile] = []
    limits: list[str] = []
    has_registry = False
    first_of: dict[str, Path] = {}
    for path in paths:
        data = _bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        if digest in first_of:
            # NOTE: a copy would corroborate what the file says itself
            limits.append(f"{path} is the same as {first_of[digest]} and counts once")
            continue
        first_of[digest] = path
        if MARKER in data[-_METADATA_BYTES:]:
            found = _converted(path, digest, cache)
            limits += _limits(found.ranges, str(path))
            witnesses.append(found.ranges)
            rows, date = len(found.ranges.v4.first) + len(found.ranges.v6.first), found.date
        else:
            listed = _read(data, regions, str(path))
            rows, date = sum(map(len, listed.ranges.values())), listed.date
            has_registry |= listed.is_registry
            if listed.is_registry:
                for family, more in listed.ranges.items():
                    stated[family] += more
            else:
                witnesses.append(ranges_from(listed.ranges))
        files.append(RegistryFile("ip-ranges", str(path), rows, digest, date))
    return IpRanges(ranges_from(stated) if has_registry else None, witnesses, files, limits)


def ranges_from(found: dict[str, list[Range]]) -> Ranges:
    """Ranges that may overlap as ranges that do not."""
    return Ranges(_steps(found[V4], V4), _steps(found[V6], V6))


def _steps(ranges: list[Range], family: str) -> Steps:
    schema = {FIRST: pl.UInt128(), LAST: pl.UInt128(), "country": COUNTRY}
    df = pl.DataFrame([one[:3] for one in ranges], schema=schema, orient="row")
    if not disjoint(df):
        df = pl.DataFrame([*flattened(ranges)], schema=schema, orient="row")
    return Steps.of_disjoint(df, family)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RegistryError(f"cannot be read: {error.strerror}", location=str(path)) from error


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a file lists; of a registry, its publisher answers for it."""

    is_registry: bool
    ranges: dict[str, list[Range]]
    date: str | None = None


def _read(data: bytes, regions: Regions, shown: str) -> _Listed:
    if data.startswith(b"PAR1"):
        return _Listed(is_registry=False, ranges=table_ranges(data, shown))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "known are CSV, Parquet, MMDB and JSON files of ranges"
        raise RegistryError("is no file of address ranges", location=shown, hint=hint) from error
    if text.lstrip().startswith(("{", "[")):
        return _Listed(True, *provider_ranges(text, regions, shown))  # noqa: FBT003 - as named
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if is_geofeed(next(lines, "")):
        return _Listed(is_registry=True, ranges=geofeed_ranges(text, shown))
    return _Listed(is_registry=False, ranges=table_ranges(data, shown))


def _converted(path: Path, digest: str, cache: Path | None) -> Database:
    """A database, from the cache if it was converted before."""
    found = None if cache is None else kept(cache, digest)
    if found is None:
        found = read_mmdb(path, str(path))
        if cache is not None:
            keep(cache, digest, found)
    return found


def _limits(ranges: Ranges, shown: str) -> list[str]:
    has_six = bool(ranges.v6.held.any())
    return [] if has_six else [f"{shown} knows no IPv6 addresses"]
