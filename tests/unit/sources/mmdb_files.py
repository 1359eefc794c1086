"""MaxMind DB files for tests: as small as the format allows, by its own description."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from typing import TypeAlias

Record: TypeAlias = Mapping[str, "str | Record"]

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
_BUILT = 1_700_000_000


def mmdb(networks: Mapping[str, Record], ip_version: int = 6) -> bytes:
    """A database of 32-bit records in which longer prefixes win."""
    nodes: list[list[object]] = [[None, None]]
    for text in sorted(networks, key=lambda one: ip_network(one).prefixlen):
        _insert(nodes, text, networks[text], ip_version)
    data = b""
    places: dict[str, int] = {}
    tree = b""
    for node in nodes:
        for child in node:
            if isinstance(child, dict):
                if repr(child) not in places:
                    places[repr(child)] = len(data)
                    data += _encoded(child)
                tree += struct.pack(">I", len(nodes) + 16 + places[repr(child)])
            else:
                tree += struct.pack(">I", len(nodes) if child is None else child)
    about = _map(
        {
            "node_count": _number(len(nodes)),
            "record_size": _short(32),
            "ip_version": _short(ip_version),
            "database_type": _text("Test"),
            "binary_format_major_version": _short(2),
            "binary_format_minor_version": _short(0),
            "build_epoch": bytes([8, 9 - 7]) + struct.pack(">Q", _BUILT),
            "languages": bytes([0, 11 - 7]),
            "description": _map({}),
        }
    )
    return tree + _SEPARATOR + data + _MARKER + about


def _insert(nodes: list[list[object]], text: str, record: Record, ip_version: int) -> None:
    network = ip_network(text)
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    if network.version == 4 and ip_version == 6:
        bits = "0" * 96 + bits
    node = 0
    for bit in map(int, bits[:-1]):
        child = nodes[node][bit]
        if not isinstance(child, int):
            nodes.append([child, child])
            nodes[node][bit] = child = len(nodes) - 1
        node = child
    nodes[node][int(bits[-1])] = dict(record)


def _encoded(record: Record) -> bytes:
    return _map(
        {
            key: _text(value) if isinstance(value, str) else _encoded(value)
            for key, value in record.items()
        }
    )


def _map(items: Mapping[str, bytes]) -> bytes:
    return bytes([7 << 5 | len(items)]) + b"".join(_text(k) + v for k, v in items.items())


def _text(text: str) -> bytes:
    raw = text.encode()
    head = bytes([2 << 5 | len(raw)]) if len(raw) < 29 else bytes([2 << 5 | 29, len(raw) - 29])
    return head + raw


def _short(value: int) -> bytes:
    return bytes([5 << 5 | 2]) + struct.pack(">H", value)


def _number(value: int) -> bytes:
    return bytes([6 << 5 | 4]) + struct.pack(">I", value)
