"""The networks from which keys work."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from domain.kernel.errors import ErrorCode, Forbidden, Problem, ValidationFailed
from domain.kernel.fields import Unset
from domain.kernel.principal import Plan, Principal


def allows(principal: Principal, address: IPv4Address | IPv6Address | None) -> bool:
    """Whether a credential works from an address: the lists of the account and of the key must both have it. One that
    is not known is on no list."""
    if not principal.allowed_networks:
        return True
    return address is not None and all(
        any(address in network for network in networks) for networks in principal.allowed_networks
    )


def networks_of(plan: Plan, given: Sequence[str] | Unset | None) -> tuple[str, ...]:
    """Addresses and networks in their usual form. Raises Forbidden on a plan without them, ValidationFailed."""
    if not given:
        return ()
    if plan is not Plan.ENTERPRISE:
        raise Forbidden("Allowed addresses need the plan enterprise.")
    found, problems = [], []
    for index, each in enumerate(given):
        try:
            found.append(str(ip_network(each.strip(), strict=False)))
        except ValueError:
            message = "Must be an address or a network, such as 203.0.113.7 or 2001:db8::/32."
            problems.append(Problem(("allowed_addresses", index), ErrorCode.INVALID, message))
    if problems:
        raise ValidationFailed(problems)
    return tuple(dict.fromkeys(found))


def is_within(network: str, others: Sequence[str]) -> bool:
    """Whether a network is part of one of others."""
    return any(_is_part(ip_network(network), ip_network(each)) for each in others)


def _is_part(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)
