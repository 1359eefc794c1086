"""Where an address is, by all that is known of it."""

from ipaddress import ip_network

import polars as pl
import pytest

from auditor.addresses.locations import Basis, Locations
from auditor.addresses.ranges import Range, Ranges
from auditor.addresses.texts import V4, V6
from auditor.sources.ip_ranges.load import ranges_from


def _ranges(**countries: str | None) -> Ranges:
    found: dict[str, list[Range]] = {V4: [], V6: []}
    for text, country in countries.items():
        network = ip_network(text)
        first, last = int(network[0]), int(network[-1])
        family = V4 if network.version == 4 else V6
        found[family].append((first, last, country, last - first))
    return ranges_from(found)


_REGISTRY = _ranges(**{"52.80.0.0/12": "US", "52.82.0.0/16": "CN", "52.83.0.0/16": None})
_ONE = _ranges(**{"8.0.0.0/8": "US", "52.80.0.0/12": "JP", "10.0.0.0/8": "CN", "2a00::/16": "DE"})
_OTHER = _ranges(**{"8.8.0.0/16": "US", "8.9.0.0/16": "CN", "2a00::/16": "DE"})
_ALL = Locations(_REGISTRY, lambda: [_ONE, _OTHER])


@pytest.mark.parametrize(
    ("text", "country", "basis"),
    [
        ("52.81.0.1", "US", Basis.REGISTRY),
        ("52.82.0.1", "CN", Basis.REGISTRY),
        ("52.83.0.1", None, Basis.UNPLACED),
        ("8.8.8.8", "US", Basis.CORROBORATED),
        ("::ffff:8.8.8.8", "US", Basis.CORROBORATED),
        ("2a00::1", "DE", Basis.CORROBORATED),
        ("8.1.1.1", "US", Basis.SINGLE_SOURCE),
        ("8.9.1.1", None, Basis.CONFLICTING),
        ("9.9.9.9", None, Basis.UNRESOLVED),
        ("10.0.0.1", None, Basis.SPECIAL),
        ("100.64.0.1", None, Basis.SPECIAL),
        ("203.0.113.9", None, Basis.SPECIAL),
        ("2002:808:808::", None, Basis.SPECIAL),
        ("64:ff9b::8.8.8.8", None, Basis.SPECIAL),
        ("fe80::1", None, Basis.SPECIAL),
        ("010.8.8.8", None, Basis.MALFORMED),
    ],
)
def test_an_address_is_where_the_surest_evidence_says(
    text: str, country: str | None, basis: Basis
) -> None:
    assert _ALL.of(pl.Series([text])).row(0) == (country, basis.value)


def test_without_any_file_no_address_is_anywhere() -> None:
    assert Locations().of(pl.Series(["8.8.8.8", "::1"])).rows() == [
        (None, Basis.UNRESOLVED.value),
        (None, Basis.SPECIAL.value),
    ]


def test_countries_of_witnesses_that_differ_are_named() -> None:
    assert _ALL.named(pl.Series(["8.9.1.1", "9.9.9.9"])).to_list() == [["CN", "US"], []]


def test_witnesses_are_read_once_and_only_when_asked() -> None:
    asked: list[str] = []

    def witnesses() -> list[Ranges]:
        asked.append("read")
        return [_ONE]

    locations = Locations(None, witnesses)
    assert asked == []
    locations.of(pl.Series(["8.8.8.8"]))
    locations.of(pl.Series(["8.8.4.4"]))
    assert asked == ["read"]
