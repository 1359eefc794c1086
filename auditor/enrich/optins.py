"""What opt-in texts allow: ISO codes, dated groups and dated vendor codes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from auditor.enrich.interned import Interned, ParsedSet
from auditor.errors import did_you_mean
from auditor.jurisdictions import COUNTRIES, Groups, bits_of, era_starts

_OTHER_SEPARATORS: Final = re.compile(r"[,/|\s]+")


@dataclass(frozen=True, slots=True)
class VendorCode:
    """What one vendor's region code stands for while it holds."""

    vendor: str
    code: str
    countries: frozenset[str]
    valid_from: datetime | None
    valid_to: datetime | None

    def holds_at(self, instant: datetime) -> bool:
        """Whether the entry is valid at `instant`."""
        return (self.valid_from is None or self.valid_from <= instant) and (
            self.valid_to is None or instant < self.valid_to
        )


def tokens_of(text: str) -> list[str]:
    """The tokens of a set's text, trimmed; one stray last `;` is no token."""
    items = [item.strip() for item in text.split(";")]
    if not items[-1]:
        items.pop()
    return items


class OptIns:
    """Expands opt-in texts. Eras are the spans between changes of any group or vendor code."""

    def __init__(self, groups: Groups, vendor_codes: Iterable[VendorCode]) -> None:
        self._groups = groups
        self._vendor: dict[str, list[VendorCode]] = {}
        for entry in vendor_codes:
            self._vendor.setdefault(f"{entry.vendor}:{entry.code}".casefold(), []).append(entry)
        dated = [*groups, *(v for entries in self._vendor.values() for v in entries)]
        self.boundaries = sorted(
            {t for d in dated for t in (d.valid_from, d.valid_to) if t is not None}
        )
        self._eras = era_starts(self.boundaries)
        self.interned = Interned(self.parse)
        self._bits: dict[tuple[str, int], int | None] = {}

    def is_dated(self, text: str) -> bool:
        """Whether what a sound text stands for may differ from era to era."""
        return any(token.upper() not in COUNTRIES for token in tokens_of(text))

    def problem(self, token: str) -> str:
        """What is wrong with an unknown token, with the nearest known ones."""
        parts = [part for part in _OTHER_SEPARATORS.split(token) if part]
        if len(parts) > 1 and all(self.bits(part, 0) is not None for part in parts):
            return f"{token!r} is several codes: separate them with ';', as in {';'.join(parts)!r}"
        vendor, _, _ = token.casefold().partition(":")
        known_here = [k for k in self._vendor if k.startswith(vendor + ":")]
        hint = did_you_mean(token, known_here or [*COUNTRIES, *self._groups.names])
        return f"{token!r} is no ISO 3166-1 code, group or vendor code ({hint})"

    def bits(self, token: str, era: int) -> int | None:
        """The countries that a token stands for in an era; None if the token is unknown."""
        key = (token, era)
        if key not in self._bits:
            self._bits[key] = self._expand(token, self._eras[era])
        return self._bits[key]

    def parse(self, text: str | None, era: int) -> ParsedSet:
        """The set a text stands for: null is missing, '' is empty, a bad token makes it invalid."""
        if text is None:
            return ParsedSet(is_missing=True)
        members = 0
        for token in tokens_of(text):
            bits = self.bits(token, era)
            if bits is None:
                return ParsedSet(is_missing=True, is_invalid=True)
            members |= bits
        return ParsedSet(members)

    def _expand(self, token: str, at: datetime) -> int | None:
        # NOTE: outside ASCII, other letters turn into these when their case is changed
        if not token.isascii():
            return None
        if token.upper() in COUNTRIES:
            return bits_of([token.upper()])
        if token in self._groups:
            return bits_of(self._groups.members_at(token, at))
        entries = self._vendor.get(token.casefold())
        if entries is None:
            return None
        return bits_of(c for e in entries if e.holds_at(at) for c in e.countries)
