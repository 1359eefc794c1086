"""Files of ranges that users name → registries and witnesses; what each file is, its bytes tell."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
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

_RANGES: Final = {FIRST: pl.UInt128(), LAST: pl.UInt128(), "country": COUNTRY}
_KEPT_BYTES: Final = 1 << 20
"""Smaller tables are read as fast as what would be kept of them."""

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
        publishers: of databases, as `Database` has them.
    """

    registry: Ranges | None
    witnesses: Sequence[Ranges]
    files: Sequence[RegistryFile]
    limits: Sequence[str]
    publishers: frozenset[str]


def load_ip_ranges(paths: Iterable[Path], regions: Regions, cache: Path | None) -> IpRanges:
    """Read files of ranges.

    Args:
        paths: range tables, MMDB files, prefix lists of providers, geofeeds.
        regions: where the regions of providers are.
        cache: a folder for converted databases; None: they are converted each time.

    Raises:
        RegistryError: a file is faulty.
    """
    found: dict[str, _File] = {}
    limits: list[str] = []
    for path in paths:
        data = _bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        if digest in found:
            # NOTE: else a database would corroborate itself
            limits.append(f"{path} is the same as {found[digest].shown} and counts once")
            continue
        found[digest] = _read(data, path, digest, regions, cache)
        limits += _limits(found[digest])
    listed = [file.listed for file in found.values() if file.listed is not None]
    stated = {family: [one for file in listed for one in file[family]] for family in (V4, V6)}
    return IpRanges(
        registry=ranges_from(stated) if listed else None,
        witnesses=[file.witness for file in found.values() if file.witness is not None],
        files=[
            RegistryFile("ip-ranges", file.shown, file.rows, digest, file.date)
            for digest, file in found.items()
        ],
        limits=limits,
        publishers=frozenset(file.publisher for file in found.values()),
    )


def ranges_from(found: dict[str, list[Range]]) -> Ranges:
    """Ranges that may overlap as ranges that do not."""
    return Ranges(_steps_of_list(found[V4], V4), _steps_of_list(found[V6], V6))


def _steps_of_list(ranges: Iterable[Range], family: str) -> Steps:
    held = list(ranges)
    df = pl.DataFrame([one[:3] for one in held], schema=_RANGES, orient="row")
    if not disjoint(df):
        df = pl.DataFrame([*flattened(held)], schema=_RANGES, orient="row")
    return Steps.of_disjoint(df, family)


def _steps_of_table(ranges: pl.DataFrame, family: str) -> Steps:
    """The narrowest of ranges that overlap ranks first."""
    if disjoint(ranges):
        return Steps.of_disjoint(ranges, family)
    texts = ranges.with_columns(pl.col("country").cast(pl.String))
    return _steps_of_list(
        ((first, last, country, last - first) for first, last, country in texts.iter_rows()),
        family,
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RegistryError(f"cannot be read: {error.strerror}", location=str(path)) from error


@dataclass(frozen=True, slots=True)
class _File:
    """What one file says.

    Attributes:
        listed: the ranges of a registry, by family; None of a witness.
        witness: the ranges of a witness; None of a registry.
        publisher, has_overlaps: of a database, as `Database` has it.
    """

    shown: str
    rows: int
    listed: dict[str, list[Range]] | None = None
    witness: Ranges | None = None
    date: str | None = None
    publisher: str = ""
    has_overlaps: bool = False


def _read(data: bytes, path: Path, digest: str, regions: Regions, cache: Path | None) -> _File:
    shown = str(path)
    if MARKER in data[-_METADATA_BYTES:]:
        return _witness(shown, _converted(digest, cache, lambda: read_mmdb(path, shown)))
    text = None if data.startswith(b"PAR1") else _text(data, shown)
    if text is not None and text.lstrip().startswith(("{", "[")):
        return _registry(*provider_ranges(text, regions, shown), shown)
    lines = (one for one in (text or "").splitlines() if one.strip() and not one.startswith("#"))
    if is_geofeed(next(lines, "")):
        return _registry(geofeed_ranges(text or "", shown), None, shown)
    folder = cache if len(data) > _KEPT_BYTES else None
    return _witness(shown, _converted(digest, folder, lambda: _table(data, shown)))


def _text(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "known are CSV, Parquet, MMDB and JSON files of ranges"
        raise RegistryError("is no file of address ranges", location=shown, hint=hint) from error


def _registry(listed: dict[str, list[Range]], date: str | None, shown: str) -> _File:
    return _File(shown, sum(map(len, listed.values())), listed, date=date)


def _witness(shown: str, made: Database) -> _File:
    return _File(shown, made.rows, None, made.ranges, made.date, made.publisher, made.has_overlaps)


def _table(data: bytes, shown: str) -> Database:
    found = table_ranges(data, shown)
    ranges = Ranges(*(_steps_of_table(found[family], family) for family in (V4, V6)))
    has_overlaps = not all(disjoint(df) for df in found.values())
    rows = sum(df.height for df in found.values())
    return Database(ranges, rows, has_overlaps=has_overlaps)


def _converted(digest: str, cache: Path | None, convert: Callable[[], Database]) -> Database:
    """A database, from the cache if it was converted before."""
    found = None if cache is None else kept(cache, digest)
    if found is None:
        found = convert()
        if cache is not None:
            keep(cache, digest, found)
    return found


def _limits(file: _File) -> list[str]:
    """What a file cannot tell."""
    if not file.rows:
        return [f"{file.shown} holds no range of addresses"]
    if file.witness is None:
        return []
    texts = {
        "has ranges that overlap: the narrowest counts": file.has_overlaps,
        "knows no IPv6 addresses": not file.witness.v6.held.any(),
    }
    return [f"{file.shown} {text}" for text, holds in texts.items() if holds]
