"""Addresses that are nowhere: private, reserved, for documentation, or of a relay."""

from functools import cache
from ipaddress import ip_network
from typing import Final

import polars as pl

from auditor.addresses.ranges import COUNTRY, FIRST, HELD, LAST, Ranges, Steps
from auditor.addresses.texts import V4, V6

_SPECIAL_V4: Final = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/3",
)  # fmt: skip
"""The IANA registry of special-purpose IPv4 addresses, multicast and class E included.

NOTE: those that are reachable all the same, such as AS112, are anycast, and hence nowhere."""

_SPECIAL_V6: Final = (
    "::/3", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    "4000::/2", "8000::/1",
)  # fmt: skip
"""All but global unicast (2000::/3), and of that what IANA's registry takes out.

NOTE: NAT64, 6to4 and Teredo name the IPv4 address of a relay or client, not their own place."""


def special(numbers: pl.DataFrame) -> pl.Series:
    """Boolean, never null: which addresses, given as columns V4 and V6, are nowhere."""
    return _table().at(numbers)[HELD]


@cache
def _table() -> Ranges:
    return Ranges(_steps(V4, _SPECIAL_V4), _steps(V6, _SPECIAL_V6))


def _steps(family: str, networks: tuple[str, ...]) -> Steps:
    spans = [ip_network(text) for text in networks]
    ranges = pl.DataFrame(
        {
            FIRST: [int(span.network_address) for span in spans],
            LAST: [int(span.broadcast_address) for span in spans],
            "country": pl.Series([None] * len(spans), dtype=COUNTRY),
        },
        schema_overrides={FIRST: pl.UInt128, LAST: pl.UInt128},
    )
    return Steps.of_disjoint(ranges, family)
