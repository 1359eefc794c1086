"""Files of ranges that users name → registries and witnesses; what each file is, its bytes tell."""

import contextlib
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
from auditor.sources.ip_ranges.mmdb import MARKER, mmdb_ranges
from auditor.sources.ip_ranges.places import Regions
from auditor.sources.ip_ranges.prefixes import geofeed_ranges, is_geofeed, provider_ranges
from auditor.sources.ip_ranges.store import ranges_of, write_table
from auditor.sources.ip_ranges.tables import table_ranges

_FORMAT: Final = 1
"""Of converted databases; raised when conversion changes."""


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
    for path in paths:
        data = _bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        if MARKER in data[-(128 << 10) :]:
            ranges, remarks = _converted(path, digest, cache)
            limits += remarks
            witnesses.append(ranges)
            rows = len(ranges.v4.first) + len(ranges.v6.first)
        else:
            is_registry, found = _read(data, regions, str(path))
            rows = sum(map(len, found.values()))
            if is_registry:
                has_registry = True
                for family, more in found.items():
                    stated[family] += more
            else:
                witnesses.append(ranges_from(found))
        files.append(RegistryFile("ip-ranges", str(path), rows, digest))
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


def _read(data: bytes, regions: Regions, shown: str) -> tuple[bool, dict[str, list[Range]]]:
    """Whether a file is a registry, and its ranges."""
    if data.startswith(b"PAR1"):
        return False, table_ranges(data, shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "known are CSV, Parquet, MMDB and JSON files of ranges"
        raise RegistryError("is no file of address ranges", location=shown, hint=hint) from error
    if text.lstrip().startswith(("{", "[")):
        return True, provider_ranges(text, regions, shown)
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if is_geofeed(next(lines, "")):
        return True, geofeed_ranges(text, shown)
    return False, table_ranges(data, shown)


def _converted(path: Path, digest: str, cache: Path | None) -> tuple[Ranges, list[str]]:
    """The ranges of a database, from the cache if it was converted before."""
    kept = None if cache is None else cache / f"{digest}.{_FORMAT}.parquet"
    if kept is not None and kept.is_file():
        try:
            ranges = ranges_of(pl.read_parquet(kept))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            # NOTE: a damaged copy is as good as none
            kept.unlink(missing_ok=True)
        else:
            return ranges, _limits(ranges, str(path))
    ranges = mmdb_ranges(path, str(path))
    if kept is not None:
        # NOTE: the copy only saves time
        with contextlib.suppress(OSError):
            write_table(ranges, kept)
    return ranges, _limits(ranges, str(path))


def _limits(ranges: Ranges, shown: str) -> list[str]:
    has_six = bool(ranges.v6.held.any())
    return [] if has_six else [f"{shown} knows no IPv6 addresses"]
