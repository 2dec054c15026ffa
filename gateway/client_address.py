"""Who is at the other end of a connection: an address, this machine, a proxy that is believed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers
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


def client_address(scope: Scope, proxies: Networks) -> IPv4Address | IPv6Address | None:
    """Who has sent a request: the peer, or who a trusted proxy says it was. None if it is not known.

    Of several proxies, each has appended whom it has seen, so that the last address that is no trusted proxy's counts.
    """
    client = scope.get("client")
    found = None if client is None else peer_of(client[0])
    if not is_trusted(scope, proxies):
        return found
    told = [part.strip() for value in Headers(scope=scope).getlist("x-forwarded-for") for part in value.split(",")]
    for text in reversed(told):
        found = peer_of(text)
        if found is None or not any(found in network for network in proxies):
            return found
    return found


def client_network(address: IPv4Address | IPv6Address) -> str:
    """What counts as one client: an IPv4 address, or the /64 that a site has of IPv6 (RFC 6177)."""
    return str(address) if isinstance(address, IPv4Address) else str(IPv6Network((address, 64), strict=False))


@lru_cache(maxsize=1_000)
def peer_of(text: str) -> IPv4Address | IPv6Address | None:
    """An address, IPv4 in IPv6 as IPv4; None for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped: IPv4Address | None = getattr(address, "ipv4_mapped", None)
    return mapped or address
