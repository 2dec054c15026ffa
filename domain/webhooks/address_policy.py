"""The SSRF check: webhooks may be sent to public addresses only.

A URL is checked twice: as written when it is saved, and before every connection by each address that its host resolves
to. A name can resolve to other addresses later, so only checked addresses are connected to. Addresses are not public if
the IANA special-purpose registries (RFC 6890) list them as not globally reachable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

IpAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
"""All allocated unicast addresses; the rest is special or unassigned."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "localdomain", "arpa")
"""Top-level labels that no public name has."""
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
MAX_HOST_LENGTH = 253
"""Characters of a name (RFC 1035)."""
_LAST_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
"""A host whose last label looks like this is read as an IPv4 address by some clients, in one of many forms."""


class NotPublicError(Exception):
    """The URL or address is not public, or may not be. The message says why and may be shown to callers."""


class AddressPolicy:
    """Decides which addresses may be connected to."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        """``allowed``: networks that are allowed although they are not public, for development."""
        self._allowed = tuple(allowed)

    def check_url(self, url: str) -> None:
        """Check a URL as written, without resolving its host. Raises NotPublicError."""
        parts, host = _split(url)
        if "@" in parts.netloc:
            raise NotPublicError("Must not contain a user name or password.")
        if "#" in url:
            raise NotPublicError("Must not contain a fragment (#…). It would not be sent.")
        literal = _literal(host)
        if literal is not None:
            self.check(literal)
        else:
            _check_name(host, allows_private=bool(self._allowed))

    def check(self, address: IpAddress) -> None:
        """Check one address. Raises NotPublicError."""
        inner = _unwrapped(address)
        if any(each in network for each in (address, inner) for network in self._allowed):
            return
        if not _is_public(inner):
            raise NotPublicError(f"{address} is not a public address.")


def host_of(url: str) -> str:
    """Return the host of a checked URL: a name in lower case, or an address without brackets."""
    return _split(url)[1]


def _split(url: str) -> tuple[SplitResult, str]:
    if re.search(r"[\x00-\x20\x7f-\uffff\\]", url):
        raise NotPublicError(
            "Must be ASCII without spaces or backslashes. Write international host names in their xn-- form."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NotPublicError("Has an invalid format. Example: https://example.com/webhook.") from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise NotPublicError("Must be an absolute http or https URL.")
    return parts, host.removesuffix(".")


def _literal(host: str) -> IpAddress | None:
    """Parse a host that is an IP address in canonical form; None for a name. Raises NotPublicError for other forms."""
    try:
        if ":" not in host:
            return IPv4Address(host)
        if "%" not in host:
            return IPv6Address(host)
    except ValueError:
        pass
    if ":" in host or _LAST_NUMBER.fullmatch(host.rpartition(".")[2]):
        raise NotPublicError("The IP address has an ambiguous form. Write it like 192.0.2.1 or [2001:db8::1].")
    return None


def _check_name(host: str, *, allows_private: bool) -> None:
    """Check a host name. ``allows_private``: names of a private network are allowed. Raises NotPublicError."""
    if not _NAME.fullmatch(host) or len(host) > MAX_HOST_LENGTH:
        raise NotPublicError("The host name is invalid.")
    if allows_private:
        return
    if "." not in host or host.rpartition(".")[2] in _LOCAL_NAMES:
        raise NotPublicError(f"{host} is not a public host name.")


def _unwrapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address in a mapped or NAT64 one (RFC 4291, 2.5.5.2; RFC 6052), else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _GLOBAL_6 and not any(address in network for network in _NOT_PUBLIC_6)


def read_address(text: str) -> IpAddress:
    """Parse an address of a resolver, without its zone. Raises ValueError."""
    return ip_address(text.partition("%")[0])
