"""What an audit knows of addresses: the user's files, and the databases that are shipped."""

import hashlib
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files as resources
from pathlib import Path
from typing import Final

import polars as pl

from auditor import reference
from auditor.addresses.locations import Locations
from auditor.addresses.ranges import Ranges
from auditor.engine.request import Request
from auditor.engine.shipped import shipped
from auditor.findings import RegistryFile
from auditor.schema import DATACENTRES
from auditor.sources.ip_ranges.load import load_ip_ranges
from auditor.sources.ip_ranges.places import Regions
from auditor.sources.ip_ranges.store import ranges_of
from auditor.sources.registry import Registry

_SHIPPED: Final = resources(reference)
_DATABASES: Final = ("dbip", "ipfire")


@dataclass(slots=True)
class Witnesses:
    """Databases that tell where addresses seem to be; the shipped ones are read when asked.

    Attributes:
        own: of the user.
        replaced: names of shipped ones for which the user's own stand in.
        read: the shipped ones that were read, as a report speaks of them.
    """

    own: Sequence[Ranges] = ()
    replaced: Collection[str] = ()
    read: list[RegistryFile] = field(default_factory=list)

    def __call__(self) -> Sequence[Ranges]:
        """All of them."""
        shipped: list[Ranges] = []
        for file, table in self._shipped(_DATABASES):
            shipped.append(ranges_of(table))
            self.read.append(file)
        return [*self.own, *shipped]

    def files(self, kinds: Collection[str]) -> list[RegistryFile]:
        """The shipped ones of some `kinds`, as a report speaks of them."""
        names = [name for name in _DATABASES if _kind(name) in kinds]
        return [file for file, _ in self._shipped(names)]

    def _shipped(self, names: Iterable[str]) -> Iterator[tuple[RegistryFile, pl.DataFrame]]:
        # NOTE: two issues of one database would corroborate each other
        for name in (one for one in names if one not in self.replaced):
            data = (_SHIPPED / "ip" / f"{name}.parquet").read_bytes()
            table = pl.read_parquet(io.BytesIO(data))
            digest, date = hashlib.sha256(data).hexdigest(), reference.dates()[name]
            yield RegistryFile(_kind(name), "shipped", table.height, digest, date), table


def _kind(name: str) -> str:
    return f"ip-ranges:{name}"


@dataclass(frozen=True, slots=True)
class AddressKnowledge:
    """What is known of addresses.

    Attributes:
        files: the user's files.
        limits: what some of them cannot tell.
    """

    locations: Locations
    witnesses: Witnesses
    files: Sequence[RegistryFile]
    limits: Sequence[str]


def address_knowledge(request: Request) -> AddressKnowledge:
    """The user's files of ranges beside the shipped databases.

    Raises:
        RegistryError: a file is faulty.
    """
    if not request.ip_ranges:
        witnesses = Witnesses()
        return AddressKnowledge(Locations(None, witnesses), witnesses, (), ())
    table = shipped("cloud-regions", DATACENTRES)
    paths = [Path(p) for p in request.ip_ranges]
    found = load_ip_ranges(paths, _regions(table), request.cache)
    witnesses = Witnesses(found.witnesses, found.publishers)
    files = found.files if found.registry is None else [*found.files, table.file]
    return AddressKnowledge(Locations(found.registry, witnesses), witnesses, files, found.limits)


def _regions(table: Registry) -> Regions:
    columns = table.frame.select(
        pl.col("operator").str.to_lowercase(), pl.col("code").str.to_lowercase(), "country"
    )
    return {(operator, code): country for operator, code, country in columns.iter_rows()}
