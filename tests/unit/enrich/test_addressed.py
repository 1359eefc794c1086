"""Routes of addresses, resolved as columns, are what their hops are one by one."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.addresses.locations import Basis, Locations
from auditor.addresses.texts import MAY_HOLD_ADDRESS
from auditor.enrich.interned import InternedSet
from auditor.enrich.sites import Site, Sites
from auditor.jurisdictions import bits_of
from auditor.sources.ip_ranges.load import ranges_from

_FIRST, _LAST = 8 << 24, (9 << 24) - 1
_WITNESS = ranges_from(
    {"v4": [(_FIRST, _LAST, "US", 0)], "v6": [(0x2A << 120, 0x2B << 120, "DE", 0)]}
)
_SITE = Site("SJ", "San Jose", (), "CN", None, None)
_NUMBERED = Site("8.8.8.8", None, (), "IN", None, None)

_HOPS = st.sampled_from(
    ["8.8.8.8", " 8.8.4.4\x1f", "9.9.9.9", "2a00::1", "10.0.0.1", "SJ", "San Jose", "country:FR",
     "x", "", "8.8.8", "::ffff:8.1.1.1", "08.8.8.8"]
)  # fmt: skip


def _sites(*more: Site, least: Basis = Basis.SINGLE_SOURCE) -> Sites:
    return Sites([_SITE, *more], locations=Locations(None, lambda: [_WITNESS]), least=least)


def _sets_of(sites: Sites, routes: list[str]) -> pl.DataFrame:
    parsed = sites.interned.parsed(pl.col("route"), pl.lit(0, dtype=pl.UInt32))
    column = pl.DataFrame({"route": routes}).select(parsed.alias("parsed"))
    return column.select(InternedSet.column("parsed").members.named("set"))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(_HOPS, min_size=1, max_size=4).map(";".join), min_size=1, max_size=5))
def test_routes_resolved_as_columns_are_as_their_hops_are(routes: list[str]) -> None:
    sites = _sites()
    found = _sets_of(sites, routes).rows()
    for route, (low, high, is_open) in zip(routes, found, strict=True):
        hops = sites.hops(route, 0)
        assert low | high << 128 == bits_of(hop.country for hop in hops if hop.country)
        assert is_open == any(hop.country is None for hop in hops)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(_HOPS, min_size=1, max_size=3).map(";".join), min_size=2, max_size=6))
def test_routes_of_one_signature_have_equal_sets_and_unresolved_hops(routes: list[str]) -> None:
    sites = _sites()
    alike: dict[tuple[object, ...], set[object]] = {}
    for route, signature in zip(routes, sites.signatures(pl.Series(routes)), strict=True):
        hops = sites.hops(route, 0)
        resolved = frozenset(hop.country for hop in hops if hop.country)
        unresolved = frozenset(hop.text for hop in hops if hop.country is None)
        alike.setdefault(signature, set()).add((resolved, unresolved))
    assert all(len(one) == 1 for one in alike.values())


def test_a_label_of_a_site_is_no_address() -> None:
    (hop,) = _sites(_NUMBERED).hops("8.8.8.8", 0)
    assert (hop.country, hop.basis) == ("IN", Basis.REGISTRY)
    low, high, _ = _sets_of(_sites(_NUMBERED), ["8.8.8.8;8.8.4.4"]).row(0)
    assert low | high << 128 == bits_of(["IN", "US"])


def test_what_is_known_less_surely_than_asked_is_not_resolved() -> None:
    sites = _sites(least=Basis.CORROBORATED)
    assert [hop.country for hop in sites.hops("8.8.8.8;SJ", 0)] == [None, "CN"]
    (is_open,) = _sets_of(sites, ["8.8.8.8"])["set.open"]
    assert is_open


def test_routes_of_codes_are_not_looked_at_as_columns() -> None:
    assert (
        not pl.Series(["SJ;TY", "country:DE", "San Jose (SC)"]).str.contains(MAY_HOLD_ADDRESS).any()
    )
