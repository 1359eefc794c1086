"""Which texts are addresses, and of which number."""

import contextlib
import re
from ipaddress import IPv6Address, ip_address

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.addresses.texts import ADDRESS_LIKE, MAY_HOLD_ADDRESS, V4, V6, numbers

_ODD = [
    "01.2.3.4", "1.2.3", "256.1.1.1", "0x7f.0.0.1", "2130706433", "١.2.3.4", "1.2.3.4\n", "",  # noqa: RUF001  # digits that are not ASCII
    ":::1", "1:::2", "::1::", ":1::2", "1::2:", "12345::", "g::", "fe80::1%eth0", "1:2:3:4:5:6:7",
    "1::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::1.2.3.256", "1::1.2.3.4:5",
]  # fmt: skip


@pytest.mark.parametrize("text", _ODD)
def test_what_is_no_address_is_none(text: str) -> None:
    assert numbers(pl.Series([text])).row(0) == (None, None)


@pytest.mark.parametrize(
    ("text", "four"),
    [("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("::FFFF:102:304", "1.2.3.4")],
)
def test_a_mapped_address_is_the_ipv4_address(text: str, four: str) -> None:
    assert numbers(pl.Series([text])).row(0) == (int(ip_address(four)), None)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1), st.integers(0, 127))
@example(0, 0, 0)
def test_an_ipv6_address_is_read_however_it_is_written(value: int, mask: int, shift: int) -> None:
    address = IPv6Address((value & mask) >> shift)
    texts = pl.Series([str(address), address.exploded, str(address).upper()])
    four = None if address.ipv4_mapped is None else int(address.ipv4_mapped)
    six = int(address) if four is None else None
    assert set(numbers(texts).rows()) == {(four, six)}


@settings(deadline=None, max_examples=50)
@given(st.text("0123456789abcdefF:.%", max_size=24))
def test_a_text_is_an_address_where_the_standard_library_says_so(text: str) -> None:
    expected: tuple[int | None, int | None] = (None, None)
    with contextlib.suppress(ValueError):
        address = ip_address(text)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else address
        if "%" not in text:
            expected = (None, int(address)) if mapped is None else (int(mapped), None)
    assert numbers(pl.Series([text])).row(0) == expected


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text("0123456789abxyz:. [", max_size=16), min_size=1, max_size=4))
def test_each_address_like_hop_is_found_in_its_route(hops: list[str]) -> None:
    if any(re.fullmatch(ADDRESS_LIKE, hop.strip()) for hop in hops):
        assert re.search(MAY_HOLD_ADDRESS, ";".join(hops))


def test_numbers_are_named_by_family() -> None:
    assert numbers(pl.Series(["::1", "1.1.1.1"])).columns == [V4, V6]
