"""What files of ranges call places → countries: codes that are not ISO's, and cloud regions."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import polars as pl

from auditor.addresses.ranges import COUNTRY
from auditor.jurisdictions import COUNTRIES

Regions: TypeAlias = Mapping[tuple[str, str], str | None]
"""Operator and region, both in lower case → country."""

_ALIASES: Final = {"UK": "GB", "FX": "FR"}
"""Codes in use for countries that have another one; all that are no countries (EU, AP, ZZ, A1, …)
are places that nobody knows."""

_SUBDIVISIONS: Final = {"CN-HK": "HK", "CN-MO": "MO", "CN-TW": "TW"}
"""Places with a code of their own that feeds of RFC 8805 may write as parts of another country."""


def country_of(code: str | None, subdivision: str | None = None) -> str | None:
    """The country that a code stands for; None where it stands for none."""
    if subdivision and subdivision.strip().upper() in _SUBDIVISIONS:
        return _SUBDIVISIONS[subdivision.strip().upper()]
    upper = (code or "").strip().upper()
    upper = _ALIASES.get(upper, upper)
    return upper if upper in COUNTRIES else None


def countries_of(codes: pl.Expr) -> pl.Expr:
    """COUNTRY: the same of a whole column."""
    upper = codes.str.strip_chars().str.to_uppercase().replace(_ALIASES)
    return upper.cast(COUNTRY, strict=False)
