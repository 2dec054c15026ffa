"""Limits on failed log-ins, per client address and per user, in the memory of one process.

With several processes each counts for itself, so an attacker has as many times the attempts; passwords are slow to
check and long, so that this is still far too few.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network

from cachetools import TTLCache
from starlette.types import Scope

from domain.kernel.clock import Clock, to_milliseconds
from domain.kernel.errors import RateLimited
from gateway.client_address import Networks, client_address

MAX_FAILURES = 10
WINDOW_SECONDS = 900
MAX_COUNTED = 20_000
"""Addresses, and users, that are counted; the oldest are forgotten first."""


class FailureCounter:
    """Counts failures by key, in windows that begin with the first failure."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: TTLCache[str, list[float], float] = TTLCache(MAX_COUNTED, WINDOW_SECONDS, self._now)

    def wait(self, key: str) -> int:
        """The seconds until another attempt is allowed; 0 if it is now."""
        count, end = self._counts.get(key, (0, 0))
        return max(1, round(end - self._now())) if count >= MAX_FAILURES else 0

    def add(self, key: str, amount: int = 1) -> None:
        """Count a failure, or with -1 take one back."""
        self._counts.setdefault(key, [0, self._now() + WINDOW_SECONDS])[0] += amount

    def forget(self, key: str) -> None:
        """Begin anew."""
        self._counts.pop(key, None)

    def _now(self) -> float:
        return to_milliseconds(self._clock()) / 1_000


class LoginLimits:
    """At most ``MAX_FAILURES`` failed log-ins in ``WINDOW_SECONDS``, per address and per user."""

    def __init__(self, clock: Clock) -> None:
        self._addresses = FailureCounter(clock)
        self._users = FailureCounter(clock)

    def begin(self, address: str, user: str) -> None:
        """Count an attempt as failed before its password is checked, so that many at once are not more than the limit.

        ``user``: the folded e-mail address. Raises RateLimited.
        """
        seconds = max(self._addresses.wait(address), self._users.wait(user))
        if seconds:
            raise RateLimited("Too many failed log-ins. Try again later.", seconds)
        self._addresses.add(address)
        self._users.add(user)

    def succeed(self, address: str, user: str) -> None:
        """An attempt has succeeded: it counts for nothing, and the user's failures are forgotten."""
        self._addresses.add(address, -1)
        self._users.forget(user)


def login_address(scope: Scope, proxies: Networks) -> str:
    """The address that is counted: the client's; of IPv6 the network of 64 bits, which one subscriber has to itself.
    Empty if it is not known.
    """
    peer = client_address(scope, proxies)
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, 64), strict=False))
    return "" if peer is None else str(peer)
