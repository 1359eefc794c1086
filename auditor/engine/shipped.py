"""The registries that come with the program."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

from auditor import reference
from auditor.schema import Field
from auditor.sources.registry import Registry, load_registry


def shipped(kind: str, fields: Sequence[Field]) -> Registry:
    """The registry of a kind, with the date of its facts."""
    found = load_registry(kind, files(reference) / f"{kind}.csv", fields, shown="shipped")
    return replace(found, file=replace(found.file, date=reference.dates().get(kind)))
