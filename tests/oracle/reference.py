"""The shipped tables, read as plain CSV: sites, groups and vendor codes."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from .values import COUNTRIES, items_of

FOLDER = Path(__file__).parents[2] / "auditor" / "reference"

Span = tuple[datetime, datetime]
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def _span(row: dict[str, str]) -> Span:
    start, end = row["valid_from"], row["valid_to"]
    return (
        datetime.fromisoformat(start) if start else _EVER[0],
        datetime.fromisoformat(end) if end else _EVER[1],
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True, slots=True)
class Reference:
    """Sites by folded text, and the dated countries of opt-in tokens by folded token."""

    sites: dict[str, list[tuple[str, Span]]]
    tokens: dict[str, list[tuple[frozenset[str], Span]]]

    def country_of_site(self, text: str, instant: datetime) -> str | None:
        """The country of the site that `text` names at `instant`, if it is known."""
        entries = self.sites.get(text.casefold(), [])
        countries = {c for c, (start, end) in entries if start <= instant < end and c}
        return countries.pop() if len(countries) == 1 else None

    def is_token(self, text: str) -> bool:
        """Whether `text` may stand in an opt-in set."""
        return text.upper() in COUNTRIES or text.casefold() in self.tokens

    def countries_of(self, token: str, instant: datetime) -> frozenset[str]:
        """What an opt-in token stands for at `instant`."""
        if token.upper() in COUNTRIES:
            return frozenset({token.upper()})
        dated = self.tokens[token.casefold()]
        return frozenset().union(*(c for c, (start, end) in dated if start <= instant < end))


@cache
def shipped(operator: str = "zoom") -> Reference:
    """The tables that come with the program, for one operator."""
    reference = Reference({}, {})
    for row in _rows("datacentres.csv"):
        if row["operator"] == operator:
            for text in (row["code"], row["name"], *(items_of(row["aliases"]) or ())):
                entry = (row["country"], _span(row))
                reference.sites.setdefault(text.casefold(), []).append(entry)
    for row in _rows("groups.csv"):
        member = (frozenset({row["country"]}), _span(row))
        reference.tokens.setdefault(row["group"].casefold(), []).append(member)
    for row in _rows("vendor-codes.csv"):
        countries = (frozenset(items_of(row["countries"]) or ()), _span(row))
        token = f"{row['vendor']}:{row['code']}".casefold()
        reference.tokens.setdefault(token, []).append(countries)
    return reference
