"""Texts of prefixes → numbers, in the family in which addresses are looked up."""

from ipaddress import ip_network
from typing import Final, NamedTuple

import polars as pl

from auditor.addresses.ranges import FIRST, LAST
from auditor.addresses.texts import MAPPED, V4, V6, numbers

_V4_BITS: Final = 32
_WIDTHS: Final = {V4: _V4_BITS, V6: 128}
_MAPPED_BITS: Final = 96


class Network(NamedTuple):
    """All addresses of one prefix.

    Attributes:
        family: V4 or V6.
        host_bits: how many bits tell its addresses apart.
    """

    family: str
    first: int
    last: int
    host_bits: int


def network_of(text: object) -> Network | None:
    """The network that `text` writes; None where it writes none.

    Prefixes of IPv4-mapped addresses are IPv4, as such addresses are.
    """
    try:
        network = ip_network(text, strict=False) if isinstance(text, str) else None
    except ValueError:
        return None
    if network is None:
        return None
    first, last = int(network.network_address), int(network.broadcast_address)
    host_bits = network.max_prefixlen - network.prefixlen
    if network.max_prefixlen == _V4_BITS:
        return Network(V4, first, last, host_bits)
    if first >= MAPPED and last < MAPPED + (1 << _V4_BITS):
        return Network(V4, first - MAPPED, last - MAPPED, host_bits)
    return Network(V6, first, last, host_bits)


def bounds_of(texts: pl.Series) -> pl.DataFrame:
    """The same of a column: FIRST and LAST of each family (UInt128), null where there is none."""
    df = texts.str.strip_chars().alias("text").to_frame()
    parts = pl.col("text").str.split_exact("/", 1).struct
    df = df.select(
        parts.field("field_0").alias("address"),
        parts.field("field_1").alias("length"),
        pl.col("text").str.count_matches("/", literal=True).alias("slashes"),
    )
    is_mapped = pl.col("address").str.contains(":", literal=True)
    found = numbers(df["address"])
    df = df.hstack(found.cast(pl.UInt128))
    length = pl.col("length").str.extract("^([0-9]{1,3})$").cast(pl.Int64)
    columns: list[pl.Expr] = []
    for family, width in _WIDTHS.items():
        is_cut = is_mapped & (width == _V4_BITS)
        cut = length - pl.when(is_cut).then(_MAPPED_BITS).otherwise(0)
        stated = pl.when(pl.col("slashes") == 0).then(width).when(pl.col("slashes") == 1).then(cut)
        is_sound = stated.is_between(0, width)
        spare = pl.lit(pl.Series([(1 << n) - 1 for n in range(width + 1)], dtype=pl.UInt128))
        mask = spare.gather(pl.when(is_sound).then(width - stated))
        number = pl.when(is_sound).then(pl.col(family))
        columns += [
            (number - (number & mask)).alias(f"{FIRST}_{family}"),
            (number | mask).alias(f"{LAST}_{family}"),
        ]
    return df.select(columns)
