"""Ranges of addresses: the narrowest one wins."""

from ipaddress import ip_address

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.addresses.ranges import COUNTRY, FIRST, HELD, LAST, Range, Steps, flattened
from auditor.addresses.texts import V4, V6

_COUNTRIES = st.sampled_from(["CN", "US", None])


@st.composite
def _ranges(draw: st.DrawFn) -> list[Range]:
    spans = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), _COUNTRIES), max_size=9))
    return [(first, first + width, country, width) for first, width, country in spans]


def _stated(ranges: list[Range], at: int) -> tuple[str | None, bool]:
    around = [one for one in ranges if one[0] <= at <= one[1]]
    rank = min((one[3] for one in around), default=0)
    named = {one[2] for one in around if one[3] == rank and one[2] is not None}
    return (named.pop() if len(named) == 1 else None), bool(around)


@settings(deadline=None, max_examples=50)
@given(_ranges())
def test_the_narrowest_range_wins_and_equal_ones_that_differ_state_nothing(
    ranges: list[Range],
) -> None:
    flat = [*flattened(ranges)]
    schema = {FIRST: pl.UInt128(), LAST: pl.UInt128(), "country": COUNTRY}
    steps = Steps.of_disjoint(pl.DataFrame(flat, schema=schema, orient="row"), V4)
    found = steps.at(pl.Series(range(45), dtype=pl.UInt32))
    assert found.rows() == [_stated(ranges, at) for at in range(45)]


@pytest.mark.parametrize(("family", "last"), [(V4, "255.255.255.255"), (V6, "ffff" + ":ffff" * 7)])
def test_the_last_address_of_a_family_is_in_its_range(family: str, last: str) -> None:
    number = int(ip_address(last))
    schema = {FIRST: pl.UInt128(), LAST: pl.UInt128(), "country": COUNTRY}
    df = pl.DataFrame([(number - 1, number, "CN")], schema=schema, orient="row")
    steps = Steps.of_disjoint(df, family)
    asked = pl.Series([number - 2, number - 1, number, None], dtype=steps.first.dtype)
    assert steps.at(asked)["country"].to_list() == [None, "CN", "CN", None]
    assert steps.at(asked)[HELD].to_list() == [False, True, True, False]
