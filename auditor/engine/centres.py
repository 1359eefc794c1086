"""Where the operator's sites are: the shipped tables of sites, and the user's own."""

from pathlib import Path
from typing import Final

from auditor.addresses.locations import Locations, level_of
from auditor.engine.request import Request
from auditor.engine.shipped import shipped
from auditor.enrich.registries import sites_of
from auditor.enrich.sites import Sites
from auditor.errors import UsageError, did_you_mean
from auditor.findings import RegistryFile
from auditor.schema import DATACENTRES
from auditor.sources.profile_model import Profile
from auditor.sources.registry import Registry, load_registry

_TABLES: Final = ("datacentres", "cloud-regions", "vendor-regions")
"""Shipped tables of sites; all but the first are read only where their operators are asked for."""


def load_sites(
    request: Request, profile: Profile, locations: Locations
) -> tuple[Sites, list[RegistryFile]]:
    """The sites of the operator, and the registries that state them, the user's own first.

    Raises:
        RegistryError: a registry is faulty.
        UsageError: no registry knows the operator.
    """
    name = request.operator or profile.operator
    own = None
    if request.datacentres is not None:
        own = load_registry("datacentres", Path(request.datacentres), DATACENTRES)
    ours = _shipped_sites(name)
    given = [registry for registry in (own, ours) if registry is not None]
    if name and not any(_knows(registry, name) for registry in given):
        known = [
            n for registry in (own, *map(_shipped_table, _TABLES)) for n in _operators(registry)
        ]
        raise UsageError(
            f"no data centres of operator {name!r} are known",
            location="--operator",
            hint=f"{did_you_mean(name, known)} or give its sites with --datacentres FILE",
        )
    own_sites = () if own is None else sites_of(own.frame, name)
    sites = Sites(
        sites_of(ours.frame, name), own_sites, locations, level_of(request.evidence_level)
    )
    return sites, [registry.file for registry in given]


def _shipped_sites(operator: str) -> Registry:
    """The shipped table that knows the operator, else the first."""
    first = _shipped_table(_TABLES[0])
    others = () if _knows(first, operator) else map(_shipped_table, _TABLES[1:])
    return next((table for table in others if _knows(table, operator)), first)


def _shipped_table(name: str) -> Registry:
    return shipped(name, DATACENTRES)


def _knows(registry: Registry, operator: str) -> bool:
    return operator.casefold() in {name.casefold() for name in _operators(registry)}


def _operators(registry: Registry | None) -> list[str]:
    return [] if registry is None else registry.frame["operator"].unique().to_list()
