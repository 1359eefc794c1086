"""Shipped registries: data centres, groups of countries, vendors' opt-in codes."""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

_TABLES: Final = ("dates.csv", "ip-witnesses.csv")


@cache
def dates() -> dict[str, str]:
    """Shipped table → the day, or month, on which its facts were gathered."""
    found: dict[str, str] = {}
    for table in _TABLES:
        lines = (files(__name__) / table).read_text(encoding="utf-8").splitlines()
        found |= {row["name"]: row["date"] for row in csv.DictReader(lines)}
    return found
