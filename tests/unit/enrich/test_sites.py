"""Hops of a route: sites, stated countries, and those that nothing resolves."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from auditor.addresses.locations import Basis
from auditor.enrich.hops import hops_of, weakest
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Site, Sites

_OPENED = datetime(2021, 1, 1, tzinfo=UTC)


def _site(
    code: str,
    country: str | None,
    name: str | None = None,
    since: datetime | None = None,
) -> Site:
    return Site(code, name, (), country, since, None)


@pytest.mark.parametrize(
    ("route", "hops"),
    [
        (None, [""]),
        ("", [""]),
        (";", [""]),
        ("TJ", ["TJ"]),
        ("TJ; SC ;", ["TJ", "SC"]),
        (";TJ", ["", "TJ"]),
        ("TJ;;SC", ["TJ", "", "SC"]),
        ("TJ;;", ["TJ", ""]),
    ],
)
def test_a_route_is_split_and_only_one_stray_separator_is_forgiven(
    route: str | None, hops: list[str]
) -> None:
    assert hops_of(route) == hops


@pytest.mark.parametrize(
    ("text", "country", "basis"),
    [
        ("tj", "CN", Basis.REGISTRY),
        ("Tianjin", "CN", Basis.REGISTRY),
        ("country:cn", "CN", Basis.REPORTED),
        ("country: HK", "HK", Basis.REPORTED),
        ("country:UK", None, Basis.UNRESOLVED),
        ("country:EU", None, Basis.UNRESOLVED),
        ("CN", None, Basis.UNRESOLVED),
        ("8.8.8.8", None, Basis.UNRESOLVED),
        ("Cloud", None, Basis.UNRESOLVED),
        ("", None, Basis.UNRESOLVED),
    ],
)
def test_a_hop_is_a_site_or_a_stated_country_and_else_unresolved(
    text: str, country: str | None, basis: Basis
) -> None:
    sites = Sites([_site("TJ", "CN", "Tianjin"), _site("Cloud", None)])

    hop = sites.resolve(text, 0)

    assert (hop.country, hop.basis) == (country, basis)


def test_a_name_of_sites_in_two_countries_is_unresolved() -> None:
    sites = Sites([_site("A1", "US", "London"), _site("A2", "GB", "London")])

    assert sites.resolve("London", 0).country is None


def test_an_own_entry_replaces_the_shipped_one() -> None:
    sites = Sites([_site("TJ", "CN")], [_site("TJ", "SG")])

    assert sites.resolve("TJ", 0).country == "SG"


def test_a_site_is_unknown_before_it_opened() -> None:
    sites = Sites([_site("NEW", "DE", since=_OPENED)])

    assert sites.boundaries == [_OPENED]
    assert [sites.resolve("NEW", era).country for era in (0, 1)] == [None, "DE"]


def test_boundaries_are_counted_however_many_there_are() -> None:
    boundaries = [_OPENED + timedelta(hours=hour) for hour in range(300)]
    rows = pl.DataFrame({"at": [_OPENED - timedelta(hours=1), *boundaries]})

    eras = rows.select(era_of(pl.col("at"), boundaries))

    assert eras.to_series().to_list() == list(range(301))


def test_a_route_with_an_unresolved_hop_is_open() -> None:
    parsed = Sites([_site("TJ", "CN")]).parse("TJ;XYZ", 0)

    assert parsed.is_open
    assert parsed.bits


def test_the_weakest_basis_is_that_of_the_hops_outside() -> None:
    hops = Sites([_site("TJ", "CN")]).hops("TJ;country:US", 0)

    assert weakest(hops, frozenset({"CN"})) is Basis.REGISTRY
    assert weakest(hops, frozenset({"US"})) is Basis.REPORTED
    assert weakest(hops, frozenset()) is Basis.REPORTED


def test_codes_that_mean_two_things_draw_a_remark() -> None:
    sites = Sites([_site("TR", "CA"), _site("SC", "US"), _site("NX", "US")])
    sites.parse("TR;SC;DE", 0)

    (remark,) = sites.remarks()

    assert "SC, TR" in remark


def test_codes_of_sites_that_are_no_countries_show_what_is_meant() -> None:
    sites = Sites([_site("TR", "CA"), _site("SC", "US"), _site("NX", "US")])
    sites.parse("TR;SC;NX", 0)

    assert sites.remarks() == []


@pytest.mark.parametrize("text", ["\u017fj", "SJ\u200b", "\uff33\uff2a", "country:\u0131n"])
def test_letters_that_only_look_alike_are_unresolved(text: str) -> None:
    assert Sites([_site("SJ", "US")]).resolve(text, 0).country is None
