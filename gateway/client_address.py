"""Who is at the other end of a connection: an address, this machine, a proxy that is believed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

Networks = Sequence[IPv4Network | IPv6Network]


def is_trusted(scope: Scope, proxies: Networks) -> bool:
    """Whether the ``X-Forwarded-*`` headers of the peer are trusted."""
    if not proxies or scope.get("client") is None:
        return False
    peer = peer_of(scope["client"][0])
    return peer is not None and any(peer in network for network in proxies)


def is_loopback(address: str) -> bool:
    """Whether it is this machine."""
    peer = peer_of(address)
    return peer is not None and peer.is_loopback


@lru_cache(maxsize=1_000)
def peer_of(text: str) -> IPv4Address | IPv6Address | None:
    """An address, IPv4 in IPv6 as IPv4; None for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped: IPv4Address | None = getattr(address, "ipv4_mapped", None)
    return mapped or address
