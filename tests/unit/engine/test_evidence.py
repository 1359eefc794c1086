"""What a finding shows of its rows: its id, its route and the basis."""

import hashlib
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.addresses.locations import Basis
from auditor.engine.evidence.finish import finding_ids
from auditor.engine.evidence.routes import OUTSIDE, ROUTE_BASIS, ROUTE_CODE, Routes
from auditor.enrich.sites import Site, Sites

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_KEYS = st.lists(st.tuples(_TEXTS | st.none(), _TEXTS), min_size=1, max_size=20)


@given(keys=_KEYS)
@settings(deadline=None)
def test_an_id_is_the_digest_of_the_rule_and_the_keys_as_json(
    keys: list[tuple[str | None, str]],
) -> None:
    frame = pl.DataFrame(keys, schema={"a": pl.String, "b": pl.String}, orient="row")

    ids = finding_ids(frame, 'R"1', "meeting").to_list()

    documents = [
        json.dumps(['R"1', "meeting", *key], ensure_ascii=False, separators=(",", ":"))
        for key in keys
    ]
    assert ids == [hashlib.sha256(text.encode()).hexdigest()[:32] for text in documents]


@pytest.mark.parametrize(
    ("route", "hops", "basis"),
    [
        ("TJ", ["TJ"], Basis.REGISTRY),
        ("TJ;country:CN", ["TJ", "country:CN"], Basis.REPORTED),
        ("nowhere", ["nowhere"], Basis.UNRESOLVED),
        (None, [""], Basis.UNRESOLVED),
        ("TJ;;", ["", "TJ"], Basis.REGISTRY),
    ],
)
def test_a_route_shows_its_hops_and_the_weakest_deciding_basis(
    route: str | None, hops: list[str], basis: Basis
) -> None:
    sites = Sites([Site("TJ", None, (), "CN", None, None)])
    rows = pl.DataFrame(
        {"route": [route], "event_at": [None], f"{OUTSIDE}.lo": [0], f"{OUTSIDE}.hi": [0]},
        schema_overrides={
            "route": pl.String,
            "event_at": pl.Datetime("us", "UTC"),
            f"{OUTSIDE}.lo": pl.UInt128,
            f"{OUTSIDE}.hi": pl.UInt128,
        },
    )

    coded, texts = Routes(sites).coded(rows)

    assert coded[ROUTE_BASIS].to_list() == [basis.value]
    assert texts.gather(coded[ROUTE_CODE]).to_list() == [hops]
