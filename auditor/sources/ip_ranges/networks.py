"""Texts of prefixes → numbers, in the family in which addresses are looked up."""

from ipaddress import ip_network
from typing import Final, NamedTuple

from auditor.addresses.texts import MAPPED, V4, V6

_V4_BITS: Final = 32


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
