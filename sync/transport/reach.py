"""Which addresses of a roster a production node connects to.

A roster is signed by coordinators, not by whoever keeps this node's network: an address in it must not become a way to
this machine, its neighbours or its cloud's metadata. What is judged is the address that a name stands for at the
moment of connecting, and it is that one that is connected to: neither another spelling nor a second answer of the
name server leads around it. A tunnel that the operator's own settings name (`partner.<C>.<C>.via`) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

PORT_MAX: Final = 65_535
# Only what no two readers of addresses can understand differently: no user, query, fragment, escape or backslash.
_PLAIN: Final = re.compile(
    r"https://(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?", re.ASCII
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_PUBLIC_BUT_NOT_FOR_PARTNERS: Final = (
    IPv4Network("168.63.129.16/32"),  # where a cloud's machines find its metadata
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("192.0.0.0/24"),  # of protocols; another cloud's metadata
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a roster may be connected to.

    Attributes:
        networks: private ones that the settings name, since partners really are there.
    """

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def of(cls, named: Iterable[str]) -> Reach:
        """Of networks as `sync.partner_networks` has them."""
        return cls(tuple(ip_network(one) for one in named))

    def why_not(self, url: str) -> str:
        """Why nothing is sent to an address as a roster writes it; empty where it may be."""
        plain = _PLAIN.fullmatch(url)
        if plain is None:
            return "its address in the roster is not https://name[:port][/path]"
        if plain[1] is not None and not 0 < int(plain[1]) <= PORT_MAX:
            return "its address in the roster has a port that is none"
        return ""

    def allows(self, address: str) -> bool:
        """Whether this numeric address may be connected to."""
        try:
            found = _find_carried_address(ip_address(address.partition("%")[0]))
        except (ValueError, AddressValueError):
            return False
        if any(found.version == network.version and found in network for network in self.networks):
            return True
        if found.is_multicast or found.is_reserved or found.is_unspecified or not found.is_global:
            return False
        return not any(found.version == one.version and found in one for one in _PUBLIC_BUT_NOT_FOR_PARTNERS)


def _find_carried_address(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that a packet to this one ends at, where it is only a wrapping of one."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is not None:
        return inner
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address
