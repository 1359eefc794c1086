"""Routes hashed by places: equal hashes only where everything that is told of them is equal."""

import random
from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from auditor.addresses.locations import Basis, Locations
from auditor.engine.skimming.codebook import UNKNOWN
from auditor.engine.skimming.hops import HopTable, PlaceHashes
from auditor.enrich.sites import Site, Sites
from auditor.sources.ip_ranges.load import ranges_from

_JUNE = datetime(2020, 6, 1, tzinfo=UTC)
_EIGHT, _NINE = 8 << 24, 9 << 24
_WITNESSES = [
    ranges_from(
        {"v4": [(_EIGHT, _NINE - 1, "US", 0)], "v6": [(0x2A << 120, 0x2B << 120, "DE", 0)]}
    ),
    ranges_from({"v4": [(_EIGHT, _EIGHT + 5, "CN", 0)], "v6": []}),
]
_ADDRESSES = [
    *("8.0.0.1", "8.0.0.2", "8.8.8.8", " 8.8.4.4\x1f", "2a00::1", "2a00::2", "9.9.9.9", "10.0.0.1"),
    *("::ffff:8.1.1.1", "08.8.8.8", "8.8.8"),
]
_OTHERS = ["SJ", "San Jose", "OLD", "country:FR", "x", "", " ", "\x1f"]


def _sites(least: Basis = Basis.SINGLE_SOURCE) -> Sites:
    sites = [
        Site("SJ", "San Jose", (), "CN", None, None),
        Site("OLD", None, (), "US", None, _JUNE),
        Site("OLD", None, (), "DE", _JUNE, None),
    ]
    return Sites(sites, locations=Locations(None, lambda: _WITNESSES), least=least)


def _routes(number: int) -> pl.Series:
    chance = random.Random(3)
    pool = [*_ADDRESSES * 2, *_OTHERS]
    texts = [";".join(chance.choices(pool, k=chance.randint(1, 4))) for _ in range(number)]
    ends = chance.choices(["", ";"], [3, 1], k=number)
    return pl.Series("route", [None, *(a + b for a, b in zip(texts, ends, strict=True))])


@pytest.mark.parametrize("least", [Basis.SINGLE_SOURCE, Basis.CORROBORATED])
def test_routes_of_one_hash_have_one_signature(least: Basis) -> None:
    sites, routes = _sites(least), _routes(5000)
    hashes = PlaceHashes(pl.col("route"), sites.countries, seed=1).hashes(routes.to_frame())
    assert hashes is not None
    signatures = defaultdict(set)
    for key, signature in zip(hashes.tolist(), sites.signatures(routes), strict=True):
        signatures[key].add(signature)
    assert {len(alike) for alike in signatures.values()} == {1}


def test_routes_with_hops_in_the_same_places_have_one_hash() -> None:
    routes = [
        *("8.8.8.8;2a00::1;SJ", "2a00::2; 8.8.4.4;San Jose;", "SJ;8.9.9.9;2a00::3;\x1f"),
        *("8.8.8.8;2a00::1;;SJ", "8.8.8.8;2a00::1;SJ;;", "8.8.8.8;2a00::1;SJ;x"),
    ]
    told = PlaceHashes(pl.col("route"), _sites().countries, seed=1)
    hashes = told.hashes(pl.DataFrame({"route": routes}))
    assert hashes is not None
    assert [hashes.tolist().index(key) for key in hashes.tolist()] == [0, 0, 0, 3, 3, 5]


def test_routes_of_sites_are_not_hashed_by_places() -> None:
    told = PlaceHashes(pl.col("route"), _sites().countries, seed=1)
    assert told.hashes(pl.DataFrame({"route": ["SJ;x", "8.8.8.8", "x", None]})) is None


def test_a_table_of_hops_forgets_rather_than_confuses() -> None:
    hashes = np.random.default_rng(1).integers(1, 2**64, 300_000, dtype=np.uint64)
    alike = (np.arange(1, 100, dtype=np.uint64) << np.uint64(40)) + np.uint64(7)
    every = np.unique(np.concatenate([hashes, alike]))
    numbers = np.arange(len(every)) % 999 + 1
    table = HopTable()

    table.add(every[::2], numbers[::2])
    table.add(every[::2][:5], numbers[::2][:5])

    found = table.lookup(every)
    assert (found[1::2] == UNKNOWN).all()
    assert ((found[::2] == numbers[::2]) | (found[::2] == UNKNOWN)).all()
    assert (found[::2] == UNKNOWN).mean() < 0.01
