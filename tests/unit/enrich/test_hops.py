"""A hop that nothing resolves tells why."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from auditor import reports
from auditor.addresses.locations import Basis, Locations
from auditor.enrich.hops import Unresolved
from auditor.enrich.sites import Site, Sites
from auditor.sources.ip_ranges.load import ranges_from

_OPENED = datetime(2021, 1, 1, tzinfo=UTC)
_PREFIXES = ranges_from({"v4": [(9 << 24, (10 << 24) - 1, None, 0)], "v6": []})
_ONE = ranges_from({"v4": [(8 << 24, (9 << 24) - 1, "US", 0)], "v6": []})
_OTHER = ranges_from({"v4": [(8 << 24, (8 << 24) + 255, "CN", 0)], "v6": []})


def _sites(least: Basis = Basis.SINGLE_SOURCE) -> Sites:
    entries = [
        Site("SJ", "San Jose", (), "US", None, None),
        Site("NEW", None, ("Twin",), "FR", _OPENED, None),
        Site("Cloud", None, (), None, None, None),
        Site("A1", "Twin", (), "DE", None, None),
    ]
    return Sites(entries, (), Locations(_PREFIXES, lambda: [_ONE, _OTHER]), least)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SJ", None),
        ("8.1.1.1", None),
        ("", "empty hop"),
        ("nowhere", "unknown site or name"),
        ("country:UK", "not a country code"),
        ("country:EU", "not a country code"),
        ("us", "country code without country:"),
        ("new", "site not in use at that time"),
        ("Cloud", "country of the site unknown"),
        ("010.8.8.8", "malformed address"),
        ("8.8.8", "malformed address"),
        ("0x08.8.8.8", "malformed address"),
        ("2a00::1%eth0", "malformed address"),
        ("134744072", "unknown site or name"),
        ("٨.8.8.8", "unknown site or name"),
        ("10.0.0.1", "special address"),
        ("::ffff:10.0.0.1", "special address"),
        ("192.31.196.1", "special address"),
        ("192.52.193.1", "special address"),
        ("192.175.48.6", "special address"),
        ("2620:4f:8000::1", "special address"),
        ("2001::1", "special address"),
        ("64:ff9b::808:808", "special address"),
        ("100.64.0.1", "special address"),
        ("fe80::1", "special address"),
        ("9.9.9.9", "address of a prefix without a place"),
        ("11.0.0.1", "address in no database"),
        ("2a00::1", "address in no database"),
        ("8.0.0.1", "databases disagree"),
    ],
)
def test_a_hop_is_unresolved_for_one_reason(text: str, why: str | None) -> None:
    assert _sites().resolve(text, 0).why == why


def test_a_name_of_sites_in_several_countries_is_told_from_an_unknown_one() -> None:
    before, after = (_sites().resolve("twin", era) for era in (0, 1))

    assert (before.country, before.why) == ("DE", None)
    assert (after.country, after.why) == (None, "name of sites in several countries")


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("8.1.1.1", Basis.CORROBORATED),
        ("country:US", Basis.REGISTRY),
    ],
)
def test_what_is_less_sure_than_demanded_is_told_from_what_is_not_known(
    text: str, least: Basis
) -> None:
    assert _sites(least).resolve(text, 0).why is Unresolved.LESS_SURE


def test_the_report_s_schema_has_every_reason() -> None:
    text = (files(reports) / "report.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)

    listed = schema["$defs"]["unresolved_hop"]["properties"]["reason"]["enum"]

    assert listed == [why.value for why in Unresolved]
