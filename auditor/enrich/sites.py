"""From a hop's text to its jurisdiction, by the data-centre registry."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from auditor.enrich.interned import Interned, ParsedSet
from auditor.jurisdictions import COUNTRIES, bits_of, era_starts

_STATED: Final = re.compile(r"country:\s*([a-z]{2})", re.IGNORECASE | re.ASCII)
_BARE_CODE: Final = re.compile(r"[a-z]{2}", re.IGNORECASE | re.ASCII)


class Basis(IntEnum):
    """How a hop's jurisdiction is known, weakest first."""

    UNRESOLVED = 0
    REPORTED = 1
    REGISTRY = 2


@dataclass(frozen=True, slots=True)
class Site:
    """One entry of the data-centre registry; `country` is None where no source states it."""

    code: str
    name: str | None
    aliases: tuple[str, ...]
    country: str | None
    valid_from: datetime | None
    valid_to: datetime | None

    def labels(self) -> set[str]:
        """All texts that mean this site, as they are compared."""
        return {_label(t) for t in (self.code, self.name, *self.aliases) if t}

    def holds_at(self, instant: datetime) -> bool:
        """Whether the entry is valid at `instant`."""
        return (self.valid_from is None or self.valid_from <= instant) and (
            self.valid_to is None or instant < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop as reported, and where it is; `country` is None where nothing resolves it."""

    text: str
    country: str | None
    basis: Basis


def hops_of(route: str | None) -> list[str]:
    """The hops of a route's canonical text, trimmed; a missing route is one hop without text."""
    items = [item.strip() for item in (route or "").split(";")]
    if len(items) > 1 and not items[-1]:
        items.pop()
    return items


class Sites:
    """The sites of one operator. A label of a user's own registry replaces the shipped one."""

    def __init__(self, shipped: Iterable[Site], own: Iterable[Site] = ()) -> None:
        self._by_label: dict[str, list[Site]] = {}
        for site in shipped:
            for label in site.labels():
                self._by_label.setdefault(label, []).append(site)
        replaced: dict[str, list[Site]] = {}
        for site in own:
            for label in site.labels():
                replaced.setdefault(label, []).append(site)
        self._by_label |= replaced
        self._eras = era_starts(self.boundaries)
        self._bare_codes: set[str] = set()
        self.interned = Interned(self.parse)

    @property
    def boundaries(self) -> list[datetime]:
        """The instants at which an entry begins or ends, ascending."""
        entries = (site for sites in self._by_label.values() for site in sites)
        return sorted({t for s in entries for t in (s.valid_from, s.valid_to) if t is not None})

    def resolve(self, text: str, era: int) -> Hop:
        """Where the hop is; a label that stands for sites in several countries is unresolved."""
        stated = _STATED.fullmatch(text)
        if stated:
            code = stated[1].upper()
            return Hop(text, code, Basis.REPORTED) if code in COUNTRIES else _unresolved(text)
        at = self._eras[era]
        valid = [site for site in self._by_label.get(_label(text), ()) if site.holds_at(at)]
        countries = {site.country for site in valid}
        if len(countries) != 1 or None in countries:
            return _unresolved(text)
        return Hop(text, countries.pop(), Basis.REGISTRY)

    def hops(self, route: str | None, era: int) -> list[Hop]:
        """The hops of a route, resolved, in the order reported."""
        return [self.resolve(text, era) for text in hops_of(route)]

    def parse(self, route: str | None, era: int) -> ParsedSet:
        """The jurisdictions of a route: never missing, open where a hop is unresolved."""
        hops = self.hops(route, era)
        self._bare_codes |= {h.text.upper() for h in hops if _BARE_CODE.fullmatch(h.text)}
        bits = bits_of(hop.country for hop in hops if hop.country)
        return ParsedSet(bits, is_open=any(hop.country is None for hop in hops))

    def signature(self, route: str | None) -> tuple[object, ...]:
        """What tells a route from others: its set and its unresolved hops, in every era."""
        eras = range(len(self._eras))
        unresolved = (
            tuple(sorted({hop.text for hop in self.hops(route, era) if hop.country is None}))
            for era in eras
        )
        return (*(self.parse(route, era) for era in eras), *unresolved)

    def remarks(self) -> list[str]:
        """Warns where most bare codes seen so far are sites here and other countries to ISO.

        A log that also holds codes of sites which are no countries is one of sites.
        """
        twofold = sorted(code for code in self._bare_codes if self._is_twofold(code))
        is_site_only = any(
            code not in COUNTRIES and _label(code) in self._by_label for code in self._bare_codes
        )
        if is_site_only or len(twofold) * 2 <= len(self._bare_codes):
            return []
        remark = (
            f"most bare two-letter hops are both site codes and ISO country codes "
            f"({', '.join(twofold)}); they were read as sites: write country:XX for countries"
        )
        return [remark]

    def _is_twofold(self, code: str) -> bool:
        sites = self._by_label.get(_label(code), ())
        return code in COUNTRIES and any(site.country not in (None, code) for site in sites)


def weakest(hops: Sequence[Hop], outside: frozenset[str]) -> Basis:
    """The weakest basis among the hops that lie `outside`, else among all resolved ones."""
    deciding = [h.basis for h in hops if h.country in outside] or [
        h.basis for h in hops if h.country
    ]
    return min(deciding, default=Basis.UNRESOLVED)


def _label(text: str) -> str:
    # NOTE: outside ASCII, other letters turn into these when their case is changed
    return text.lower() if text.isascii() else text


def _unresolved(text: str) -> Hop:
    return Hop(text, None, Basis.UNRESOLVED)
