"""Where webhooks may be sent: to the public Internet, and nowhere inside.

An endpoint's address is judged twice: as written when it is saved, and every time it is used by each address that its
name resolves to (a name may change its mind; only what was judged is connected to). Special addresses are those of the
IANA registries (RFC 6890) that are not globally reachable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_INSIDE_4 = tuple(
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
"""All that is given out for unicast; the rest is special or nobody's."""
_INSIDE_6 = tuple(
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
"""Last labels that no public name has."""
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
MAX_HOST_LENGTH = 253
"""Characters of a name (RFC 1035)."""
_LAST_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
"""A host whose last label looks like this is read as an IPv4 address by some clients, in one of many forms."""


class NotPublicError(Exception):
    """The address leads, or may lead, inside; the message says why and may be shown."""


class AddressPolicy:
    """Says which addresses may be connected to."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        """``allowed``: networks that are let through all the same, for development."""
        self._allowed = tuple(allowed)

    def check_url(self, url: str) -> None:
        """Judge an address as it is written, without resolving it. Raises NotPublicError."""
        parts, host = _split(url)
        if "@" in parts.netloc:
            raise NotPublicError("Must not hold a user name or password.")
        if "#" in url:
            raise NotPublicError("Must not have a fragment (#…): it would never be sent.")
        literal = _literal(host)
        if literal is not None:
            self.check(literal)
        else:
            _check_name(host, inside=bool(self._allowed))

    def check(self, address: Address) -> None:
        """Judge one address. Raises NotPublicError."""
        inner = _unwrapped(address)
        if any(each in network for each in (address, inner) for network in self._allowed):
            return
        if not _is_public(inner):
            raise NotPublicError(f"{address} is not a public address.")


def host_of(url: str) -> str:
    """The host that a checked address names: a name in lower case, or an address without brackets."""
    return _split(url)[1]


def _split(url: str) -> tuple[SplitResult, str]:
    if re.search(r"[\x00-\x20\x7f-\uffff\\]", url):
        raise NotPublicError("Must be plain ASCII without blanks or backslashes; names in their xn-- form.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NotPublicError("Does not have the right form.") from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise NotPublicError("Must be an absolute http or https address.")
    return parts, host.removesuffix(".")


def _literal(host: str) -> Address | None:
    """The address that a host is, if it is one in its only accepted form. Raises NotPublicError for the others."""
    try:
        if ":" not in host:
            return IPv4Address(host)
        if "%" not in host:
            return IPv6Address(host)
    except ValueError:
        pass
    if ":" in host or _LAST_NUMBER.fullmatch(host.rpartition(".")[2]):
        raise NotPublicError("Write an address as 192.0.2.1 or [2001:db8::1].")
    return None


def _check_name(host: str, *, inside: bool) -> None:
    """``inside``: whether names of one's own network may be meant."""
    if not _NAME.fullmatch(host) or len(host) > MAX_HOST_LENGTH:
        raise NotPublicError("Does not name a host.")
    if inside:
        return
    if "." not in host or host.rpartition(".")[2] in _LOCAL_NAMES:
        raise NotPublicError(f"{host} is not a public name.")


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside a mapped or NAT64 one (RFC 4291, 2.5.5.2; RFC 6052), else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INSIDE_4)
    return address in _GLOBAL_6 and not any(address in network for network in _INSIDE_6)


def read_address(text: str) -> Address:
    """An address as a resolver answers it, a zone left out. Raises ValueError."""
    return ip_address(text.partition("%")[0])


def read_network(text: str) -> Network:
    """A network in CIDR. Raises ValueError."""
    return ip_network(text.strip())
