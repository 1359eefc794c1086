"""From a hop's text to its jurisdiction: by the data-centre registry, or as an address."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import polars as pl

from auditor.addresses.locations import Basis, Locations, level_of
from auditor.addresses.texts import ADDRESS_LIKE, MAY_HOLD_ADDRESS
from auditor.enrich.addressed import AddressedRoutes
from auditor.enrich.hops import Hop, Unresolved, hops_of
from auditor.enrich.interned import ColumnParse, Interned, ParsedSet
from auditor.jurisdictions import COUNTRIES, bits_of, era_starts

_STATED: Final = re.compile(r"country:\s*([a-z]{2})", re.IGNORECASE | re.ASCII)
_ADDRESS_LIKE: Final = re.compile(ADDRESS_LIKE)
_ROUTES_AT_ONCE: Final = 100_000
_CACHED_HOPS: Final = 100_000
_BARE_CODE: Final = re.compile(r"[a-z]{2}", re.IGNORECASE | re.ASCII)


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


class Sites:
    """The sites of one operator, and what is known of addresses.

    Args:
        shipped, own: sites; a label of the user's own registry replaces the shipped one.
        locations: where addresses are.
        least: a hop that is known less surely is not resolved.

    Attributes:
        interned: routes as sets.
    """

    def __init__(
        self,
        shipped: Iterable[Site],
        own: Iterable[Site] = (),
        locations: Locations | None = None,
        least: Basis = Basis.SINGLE_SOURCE,
    ) -> None:
        self._given = tuple(shipped), tuple(own)
        self._by_label = _labelled(self._given[0]) | _labelled(self._given[1])
        self._eras = era_starts(self.boundaries)
        self._bare_codes: set[str] = set()
        self.least = least
        self._locations = locations or Locations()
        self._at_levels: dict[Basis, Sites] = {least: self}
        self._site: Callable[[str, int], Hop] = lru_cache(_CACHED_HOPS)(self._looked_up)
        self._addressed = AddressedRoutes(
            self._locations,
            [label for label in self._by_label if _ADDRESS_LIKE.fullmatch(label)],
            lambda text, era: self._noted(self._site(text, era)),
            least,
        )
        self.interned = Interned(self.parse, ColumnParse(MAY_HOLD_ADDRESS, self._addressed.sets))

    def at(self, least: Basis) -> "Sites":
        """The same sites, where a hop that is known less surely than `least` is not resolved."""
        if least not in self._at_levels:
            self._at_levels[least] = Sites(*self._given, self._locations, least)
        return self._at_levels[least]

    def demanding(self, label: str | None) -> "Sites":
        """The same sites, as one of LEVELS demands; what they demand themselves stays demanded."""
        return self if label is None else self.at(max(self.least, level_of(label)))

    @property
    def boundaries(self) -> list[datetime]:
        """The instants at which an entry begins or ends, ascending."""
        entries = (site for sites in self._by_label.values() for site in sites)
        return sorted({t for s in entries for t in (s.valid_from, s.valid_to) if t is not None})

    def resolve(self, text: str, era: int) -> Hop:
        """Where the hop is; a label that stands for sites in several countries is unresolved."""
        return next(self.resolved([(text, era)]))[0]

    def hops(self, route: str | None, era: int) -> list[Hop]:
        """The hops of a route, resolved, in the order reported."""
        return next(self.resolved([(route, era)]))

    def resolved(self, routes: Sequence[tuple[str | None, int]]) -> Iterator[list[Hop]]:
        """The hops of each route in its era; addresses are looked up many at once."""
        for start in range(0, len(routes), _ROUTES_AT_ONCE):
            split = [
                (hops_of(route), era) for route, era in routes[start : start + _ROUTES_AT_ONCE]
            ]
            addresses = {text for texts, _ in split for text in texts if self._is_address(text)}
            known = self._addressed.located(addresses) if addresses else {}
            for texts, era in split:
                yield [
                    Hop.of_address(text, *known[text]) if text in known else self._site(text, era)
                    for text in texts
                ]

    def columns(self, routes: pl.DataFrame) -> pl.DataFrame:
        """The same as columns, for very many routes: see `AddressedRoutes.hops`."""
        return self._addressed.hops(routes)

    def named(self, addresses: pl.Series) -> pl.Series:
        """The countries that databases name for each address, agreed or not: sorted lists."""
        return self._addressed.named(addresses)

    def parse(self, route: str | None, era: int) -> ParsedSet:
        """The jurisdictions of a route: never missing, open where a hop is unresolved."""
        return self._set_of(self.hops(route, era))

    def _set_of(self, hops: Sequence[Hop]) -> ParsedSet:
        bits = bits_of(hop.country for hop in map(self._noted, hops) if hop.country)
        return ParsedSet(bits, is_open=any(hop.country is None for hop in hops))

    def signatures(self, routes: pl.Series) -> list[tuple[object, ...]]:
        """What tells each route from others: its set and its unresolved hops, in every era."""
        is_addressed = routes.str.contains(MAY_HOLD_ADDRESS).fill_null(value=False)
        addressed = routes.filter(is_addressed)
        of_addressed = iter(
            self._addressed.signatures(addressed, len(self._eras)) if len(addressed) else []
        )
        return [
            next(of_addressed) if is_one else self._signature(route)
            for route, is_one in zip(routes, is_addressed, strict=True)
        ]

    def countries(self, hops: pl.Series) -> pl.DataFrame:
        """The country of each hop, one column per era; null where nothing resolves it."""
        return self._addressed.countries(hops, len(self._eras))

    def _signature(self, route: str | None) -> tuple[object, ...]:
        texts = hops_of(route)
        in_eras = [[self._site(text, era) for text in texts] for era in range(len(self._eras))]
        unresolved = (
            tuple(sorted({hop.text for hop in hops if hop.country is None})) for hops in in_eras
        )
        return (*map(self._set_of, in_eras), *unresolved)

    def _is_address(self, text: str) -> bool:
        is_like = _ADDRESS_LIKE.fullmatch(text) is not None
        return is_like and _label(text) not in self._by_label

    def _looked_up(self, text: str, era: int) -> Hop:
        stated = _STATED.fullmatch(text)
        if stated:
            code = stated[1].upper()
            if code not in COUNTRIES:
                return Hop.nowhere(text, Unresolved.NO_COUNTRY_CODE)
            return Hop(text, code, Basis.REPORTED).demanded(self.least)
        entries = self._by_label.get(_label(text), ())
        valid = [site for site in entries if site.holds_at(self._eras[era])]
        countries = {site.country for site in valid}
        country = countries.pop() if len(countries) == 1 else None
        if country is not None:
            return Hop(text, country, Basis.REGISTRY).demanded(self.least)
        return Hop.nowhere(text, _why(text, entries, valid))

    def _noted(self, hop: Hop) -> Hop:
        if _BARE_CODE.fullmatch(hop.text):
            self._bare_codes.add(hop.text.upper())
        return hop

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


def _why(text: str, entries: Sequence[Site], valid: Sequence[Site]) -> Unresolved:
    """Why a hop that is no address is unresolved.

    Args:
        text: of the hop.
        entries: the sites that it ever meant.
        valid: those that it means at the row's time.
    """
    if not text:
        return Unresolved.EMPTY
    if not entries:
        is_country = text.upper() in COUNTRIES
        return Unresolved.BARE_COUNTRY_CODE if is_country else Unresolved.UNKNOWN
    if not valid:
        return Unresolved.NOT_IN_USE
    is_known = all(site.country for site in valid)
    return Unresolved.SEVERAL_COUNTRIES if is_known else Unresolved.UNKNOWN_COUNTRY


def _label(text: str) -> str:
    # NOTE: outside ASCII, other letters turn into these when their case is changed
    return text.lower() if text.isascii() else text


def _labelled(sites: Iterable[Site]) -> dict[str, list[Site]]:
    by_label: dict[str, list[Site]] = {}
    for site in sites:
        for label in site.labels():
            by_label.setdefault(label, []).append(site)
    return by_label
