"""MaxMind DB files for tests: as small as the format allows, by its own description."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from typing import TypeAlias

Record: TypeAlias = Mapping[str, "str | Record"]

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
_BUILT = 1_700_000_000
_IPV4 = "0" * 96
_MAPPED = "0" * 80 + "1" * 16


def mmdb(
    networks: Mapping[str, Record],
    ip_version: int = 6,
    kind: str = "Test",
    built: int = _BUILT,
) -> bytes:
    """A database of 32-bit records in which longer prefixes win, and mapped addresses are IPv4."""
    nodes: list[list[object]] = [[None, None]]
    for text in sorted(networks, key=lambda one: ip_network(one).prefixlen):
        _insert(nodes, _bits(text, ip_version), dict(networks[text]))
    if ip_version == 6:
        _insert(nodes, _MAPPED, _child(nodes, _IPV4))
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
            "database_type": _text(kind),
            "binary_format_major_version": _short(2),
            "binary_format_minor_version": _short(0),
            "build_epoch": bytes([8, 9 - 7]) + struct.pack(">Q", built),
            "languages": bytes([0, 11 - 7]),
            "description": _map({}),
        }
    )
    return tree + _SEPARATOR + data + _MARKER + about


def _bits(text: str, ip_version: int) -> str:
    network = ip_network(text)
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    return _IPV4 + bits if network.version == 4 and ip_version == 6 else bits


def _child(nodes: list[list[object]], bits: str) -> object:
    child: object = 0
    for bit in map(int, bits):
        if not isinstance(child, int):
            return child
        child = nodes[child][bit]
    return child


def _insert(nodes: list[list[object]], bits: str, content: object) -> None:
    """NOTE: `content` is a record or, where two places hold the same, the number of a node."""
    node = 0
    for bit in map(int, bits[:-1]):
        child = nodes[node][bit]
        if not isinstance(child, int):
            nodes.append([child, child])
            nodes[node][bit] = child = len(nodes) - 1
        node = child
    nodes[node][int(bits[-1])] = content


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
