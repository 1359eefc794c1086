"""Unresolved hops and suspicions, found as columns, are what routes resolved one by one give."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.addresses.locations import LEVELS, Basis, Locations
from auditor.coverage import SUSPICIONS, UNRESOLVED_ACCOUNTS, UNRESOLVED_HOPS
from auditor.engine import shares
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan, outcome_column
from auditor.engine.suspicions import suspicions_of
from auditor.engine.unresolved import unresolved_accounts, unresolved_hops
from auditor.enrich.hops import Hop
from auditor.enrich.sites import Site, Sites
from auditor.findings import Outcome
from auditor.jurisdictions import HI, LO, OPEN, bits_of, words_of
from auditor.schema import POLICY_STATE, PolicyState
from auditor.sources.ip_ranges.load import ranges_from

_OPENED: Final = datetime(2021, 1, 1, tzinfo=UTC)
_CLOSED: Final = datetime(2021, 6, 1, tzinfo=UTC)
_PLACES: Final = "jurisdictions"
_RULE: Final = "A-1"


def _range(first: int, country: str | None) -> tuple[int, int, str | None, int]:
    return (first << 24, ((first + 1) << 24) - 1, country, 0)


_REGISTRY: Final = ranges_from({"v4": [_range(3, "IE"), _range(9, None)], "v6": []})
_ONE: Final = ranges_from(
    {"v4": [_range(5, "FR"), _range(8, "US")], "v6": [(0x2A << 120, 0x2B << 120, "DE", 0)]}
)
_OTHER: Final = ranges_from(
    {"v4": [_range(5, "FR"), (8 << 24, (8 << 24) + 255, "CN", 0)], "v6": []}
)

_HOPS: Final = st.sampled_from(
    ["3.1.1.1", "5.1.1.1", " 8.8.4.4\x1f", "8.0.0.7", "8.0.0.8", "9.9.9.9", "2a00::1", "2c00::1",
     "10.0.0.1", "::ffff:10.0.0.1", "08.8.8.8", "8.8.8", "7.7.7.7", "SJ", "san jose", "NEW", "OLD",
     "Twin", "Cloud", "country:FR", "country: cn", "country:UK", "us", "XYZ", "x y", ""]
)  # fmt: skip
_ROUTES: Final = st.none() | st.lists(_HOPS, min_size=1, max_size=4).map(";".join)
_INSTANTS: Final = st.sampled_from(
    [_OPENED - timedelta(1), _OPENED, _CLOSED - timedelta(1), _CLOSED]
)
_ROWS: Final = st.lists(
    st.tuples(_ROUTES, _INSTANTS, st.integers(1, 3), st.sampled_from(list(Outcome))),
    max_size=12,
)
_Row = tuple[str | None, datetime, int, Outcome]


def _sites(least: Basis) -> Sites:
    entries = [
        Site("SJ", "San Jose", (), "US", None, None),
        Site("NEW", None, ("Twin",), "FR", _OPENED, None),
        Site("OLD", None, (), "CN", None, _CLOSED),
        Site("Cloud", None, (), None, None, None),
        Site("A1", "Twin", (), "DE", None, None),
    ]
    return Sites(entries, (), Locations(_REGISTRY, lambda: [_ONE, _OTHER]), least)


def _hops(sites: Sites, row: _Row) -> Sequence[Hop]:
    era = sum(row[1] >= boundary for boundary in sites.boundaries)
    return sites.hops(row[0], era)


def _flagged(sites: Sites, rows: Sequence[_Row]) -> pl.LazyFrame:
    """Rows as a plan flags them, as far as is looked at."""
    resolved = [_hops(sites, row) for row in rows]
    words = [words_of(bits_of(hop.country for hop in hops if hop.country)) for hops in resolved]
    columns = {
        "route": pl.Series([row[0] for row in rows], dtype=pl.String),
        "event_at": pl.Series([row[1] for row in rows], dtype=pl.Datetime("us", "UTC")),
        WEIGHT: pl.Series([row[2] for row in rows], dtype=pl.Int64),
        outcome_column(_RULE): pl.Series([row[3].value for row in rows], dtype=pl.UInt8),
        _PLACES + LO: pl.Series([low for low, _ in words], dtype=pl.UInt128),
        _PLACES + HI: pl.Series([high for _, high in words], dtype=pl.UInt128),
        _PLACES + OPEN: pl.Series(
            [any(hop.country is None for hop in hops) for hops in resolved], dtype=pl.Boolean
        ),
    }
    return pl.LazyFrame(columns).with_columns(pl.lit(Bucket.EVENT.value).alias(BUCKET))


def _plan(level: str | None) -> Plan:
    """One rule that is violated where a route touches mainland China."""
    low, high = words_of(bits_of(["CN"]))
    touches = (pl.col(_PLACES + LO) & low != 0) | (pl.col(_PLACES + HI) & high != 0)
    rule = SimpleNamespace(
        rule=SimpleNamespace(id=_RULE, evidence_level=level, jurisdictions=_PLACES),
        outcome=pl.when(touches).then(Outcome.VIOLATION.value).otherwise(Outcome.COMPLIANT.value),
    )
    return cast("Plan", SimpleNamespace(rules=[rule], places=[_PLACES]))


@pytest.fixture(params=[1, 1_000_000], ids=["many shares", "one share"], autouse=True)
def keys_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "KEYS_AT_ONCE", request.param)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ROWS, st.sampled_from([None, *LEVELS]), st.sampled_from(LEVELS))
def test_unresolved_hops_are_those_of_routes_one_by_one(
    tmp_path: Path, rows: list[_Row], rule_level: str | None, run_level: str
) -> None:
    run = _sites(Basis[run_level.upper().replace("-", "_")])
    strictest = run.demanding(rule_level)
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for text, why in {(hop.text, hop.why) for hop in _hops(strictest, row) if hop.why}:
            counted[text, why.value] += row[2]

    found = unresolved_hops(_flagged(strictest, rows), _plan(rule_level), run, tmp_path)

    wanted = [(text, number, why) for (text, why), number in counted.items()]
    assert found.schema == UNRESOLVED_HOPS
    assert found.rows() == sorted(wanted, key=lambda one: (-one[1], one[0], one[2]))


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ROWS, st.sampled_from([None, *LEVELS]))
def test_suspicions_are_those_of_routes_one_by_one(
    tmp_path: Path, rows: list[_Row], rule_level: str | None
) -> None:
    run = _sites(Basis.SINGLE_SOURCE)
    demanding = run.demanding(rule_level)
    counted: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    for row in rows:
        doubts = {
            hop.text: (_named(hop), hop.basis.label)
            for hop in _hops(run, row)
            if hop.basis is Basis.CONFLICTING or (hop.country and hop.basis < demanding.least)
        }
        sure = {hop.country for hop in _hops(demanding, row)}
        is_in_china = "CN" in sure.union(*(countries for countries, _ in doubts.values()))
        if row[3] is Outcome.UNKNOWN and is_in_china:
            for text, (countries, basis) in doubts.items():
                counted[text, countries, basis] += row[2]

    flagged, plan = _flagged(demanding, rows), _plan(rule_level)
    hops = unresolved_hops(flagged, plan, run, tmp_path)
    found = suspicions_of(flagged, plan, run, hops, tmp_path)

    wanted = [(_RULE, t, [*named], number, b) for (t, named, b), number in counted.items()]
    assert found.schema == SUSPICIONS
    assert found.rows() == sorted(wanted, key=lambda one: (-one[3], one[1]))


def _named(hop: Hop) -> tuple[str, ...]:
    return (hop.country,) if hop.country else ("CN", "US")


def test_accounts_without_a_policy_are_added_up() -> None:
    gap, unknown, nobody = (
        PolicyState.GAP.value, PolicyState.UNKNOWN_ACCOUNT.value, PolicyState.NO_ACCOUNT.value
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        ("b", 1, gap), ("a", 2, unknown), ("b", 1, gap), (None, 5, nobody), ("b", 1, unknown),
        ("c", 9, PolicyState.IN_FORCE.value),
    ]  # fmt: skip
    columns = {"account_id": pl.String, WEIGHT: pl.Int64, POLICY_STATE: pl.String}
    df = pl.DataFrame(rows, schema=columns, orient="row")

    found = unresolved_accounts(df.lazy().with_columns(pl.lit(Bucket.EVENT.value).alias(BUCKET)))

    assert found.schema == UNRESOLVED_ACCOUNTS
    assert found.rows() == [("", 5, nobody), ("a", 2, unknown), ("b", 2, gap), ("b", 1, unknown)]
