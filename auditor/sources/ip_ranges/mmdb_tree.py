"""The search tree of an MMDB file as columns: every node is visited once, whatever the file says.

The official reader walks it in C, which a damaged file can crash, or node by node in Python, which
a tree with loops keeps busy for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.addresses.ranges import FIRST, LAST
from auditor.addresses.texts import V4, V6

Numbers: TypeAlias = NDArray[np.uint64]

RECORD: Final = "record"
"""Column: where in the file the record of a network stands."""

_HALF: Final = 64
_WIDTHS: Final = {4: 32, 6: 128}
_FOUR_AT: Final = 96
"""Depth at which IPv4 begins in a tree of IPv6: `::/96`."""


class TreeError(ValueError):
    """The tree is none."""


@dataclass(frozen=True, slots=True)
class _Level:
    """Nodes of one depth, with the bits that lead to each: in halves, at their places."""

    nodes: Numbers
    high: Numbers
    low: Numbers


def networks_of(
    data: bytes, node_count: int, record_size: int, ip_version: int
) -> dict[str, pl.DataFrame]:
    """The networks of each family: FIRST, LAST (UInt128) and RECORD (UInt64).

    Args:
        data: the file.
        node_count: as its metadata states it.
        record_size: in bits, as above.
        ip_version: as above.

    Raises:
        TreeError: the tree is not as the metadata states, or has loops.
    """
    if ip_version not in _WIDTHS:
        raise TreeError(f"it is of IP version {ip_version}")
    children = _children(data, node_count, record_size)
    width = _WIDTHS[ip_version]
    four = _start_of_four(children) if ip_version == 6 else None  # noqa: PLR2004 - of the protocol
    found = [
        _networks(level, records, depth, width)
        for depth, level, records in _leaves(children, width, four)
    ]
    tree_size = node_count * record_size // 4
    networks = pl.concat(found).with_columns(pl.col(RECORD) - node_count + tree_size)
    if ip_version == 4:  # noqa: PLR2004 - of the protocol
        return {V4: networks, V6: networks.clear()}
    is_four = pl.col(LAST) < 1 << _WIDTHS[4]
    # NOTE: what covers all of ::/96 also answers for IPv4, as the official reader has it.
    around = networks.filter((pl.col(FIRST) == 0) & ~is_four)
    whole = around.with_columns(pl.lit((1 << _WIDTHS[4]) - 1, dtype=pl.UInt128).alias(LAST))
    return {V4: pl.concat([networks.filter(is_four), whole]), V6: networks.filter(~is_four)}


def _children(data: bytes, node_count: int, record_size: int) -> NDArray[np.uint32]:
    """Both children of each node."""
    size = record_size // 4
    if record_size not in (24, 28, 32) or not 0 < node_count * size <= len(data):
        raise TreeError(f"{node_count} nodes of {record_size} bits do not fit")
    raw = np.frombuffer(data, dtype=np.uint8, count=node_count * size).reshape(node_count, size)
    wide = raw.astype(np.uint32)
    left, right = _number(wide[:, :3]), _number(wide[:, size - 3 :])
    if record_size == 28:  # noqa: PLR2004 - of the format
        left |= (wide[:, 3] >> 4) << 24
        right |= (wide[:, 3] & 15) << 24
    if record_size == 32:  # noqa: PLR2004 - of the format
        left, right = _number(wide[:, :4]), _number(wide[:, 4:])
    return np.stack([left, right])


def _number(octets: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Big-endian numbers, one per row."""
    number = octets[:, 0].copy()
    for place in range(1, octets.shape[1]):
        number <<= 8
        number |= octets[:, place]
    return number


def _start_of_four(children: NDArray[np.uint32]) -> int | None:
    """The node of `::/96`; None where a record stands in for it."""
    node, node_count = 0, children.shape[1]
    for _ in range(_FOUR_AT):
        if node >= node_count:
            return None
        node = int(children[0, node])
    return node if node < node_count else None


def _leaves(
    children: NDArray[np.uint32], width: int, four: int | None
) -> Iterator[tuple[int, _Level, Numbers]]:
    """Depth, networks of that length, and their records."""
    node_count = children.shape[1]
    zero = np.zeros(1, dtype=np.uint64)
    level, visited = _Level(zero, zero, zero), 0
    for depth in range(width):
        visited += len(level.nodes)
        if visited > node_count:
            raise TreeError("its tree has loops")
        below = _below(children, level, width - 1 - depth)
        is_leaf = below.nodes > node_count
        yield depth + 1, _picked(below, is_leaf), below.nodes[is_leaf]
        is_node = below.nodes < node_count
        if four is not None:
            # NOTE: other places hold IPv4 too, such as mapped addresses and 6to4.
            is_node &= (below.nodes != four) | ((below.high == 0) & (below.low == 0))
        level = _picked(below, is_node)
    if len(level.nodes):
        raise TreeError("its tree is too deep")


def _below(children: NDArray[np.uint32], level: _Level, place: int) -> _Level:
    """Both children of all nodes; the bit of the right ones stands at `place`."""
    bit = np.uint64(1 << (place % _HALF))
    is_high = place >= _HALF
    return _Level(
        np.concatenate([children[side].take(level.nodes.view(np.int64)) for side in (0, 1)]).astype(
            np.uint64
        ),
        np.concatenate([level.high, level.high | bit if is_high else level.high]),
        np.concatenate([level.low, level.low if is_high else level.low | bit]),
    )


def _picked(level: _Level, where: NDArray[np.bool_]) -> _Level:
    return _Level(level.nodes[where], level.high[where], level.low[where])


def _networks(level: _Level, records: Numbers, depth: int, width: int) -> pl.DataFrame:
    first = pl.col("high").cast(pl.UInt128) * (1 << _HALF) + pl.col("low").cast(pl.UInt128)
    rest = pl.lit((1 << (width - depth)) - 1, dtype=pl.UInt128)
    df = pl.DataFrame({"high": level.high, "low": level.low, RECORD: records})
    return df.select(first.alias(FIRST), (first + rest).alias(LAST), RECORD)
