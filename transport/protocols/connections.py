"""The connections of a process: their number, and the timeouts of each.

Opening a connection, or sending half a head, needs no key. Each connection takes a file of the process, and without
free files no other client gets in. So there is a limit for all connections, below the limit of files, and one per
address. At the limit, the connection that has been idle for longest is closed; one with a request in progress never is.

A request costs two operations on a dict and one reading of the clock: connections wait in the order in which they began
to, so that one timer per process checks the first few, while uvicorn sets one for every response.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from time import monotonic
from typing import Protocol

CONNECTIONS = "connections"
"""Where the application's lifespan leaves the registry for the protocols."""
RESERVED_FILES = 128
"""Files that are reserved: for pools, logs, listeners, and connections about to be refused."""
LOG_SECONDS = 10.0
"""Between two lines about connections that were closed or refused."""

_log = logging.getLogger("gateway.connections")


class Connection(Protocol):
    """A connection in the registry."""

    address: str

    def take_leave(self, reason: str) -> None:
        """Close: the peer did not send the expected bytes in time, or another connection needs its slot."""

    def is_peer_late(self) -> bool:
        """Whether it is the peer that is waited for."""


@dataclass(frozen=True, slots=True)
class ConnectionTimeouts:
    """Timeouts of a peer, in seconds."""

    head: float = 10.0
    """From the first byte of a head, or the opening of the connection, to its last."""
    body: float = 10.0
    """Between two parts of a body."""
    idle: float = 5.0
    """Between a response and the next request."""

    @property
    def tick(self) -> float:
        """Between two looks."""
        return min(self.head, self.body, self.idle) / 10


@dataclass(slots=True)
class Connections:
    """Every connection of this process, and what each is waited for.

    ``limit`` of all, ``per_address`` of one peer; peers in ``exempt`` (proxies) have no limit of their own.
    """

    limit: int = 10_000
    per_address: int = 1_000
    exempt: Sequence[IPv4Network | IPv6Network] = ()
    timeouts: ConnectionTimeouts = field(default_factory=ConnectionTimeouts)
    refused: Callable[[str], None] = lambda _: None
    """Told why, for each that was refused or closed: a metric."""
    _open: dict[str, dict[Connection, None]] = field(default_factory=dict, init=False)
    _count: int = field(default=0, init=False)
    idle: dict[Connection, float] = field(default_factory=dict, init=False)
    """Answered, with nothing of another request, since when."""
    heads: dict[Connection, float] = field(default_factory=dict, init=False)
    """Without a whole head, since when."""
    bodies: dict[Connection, float] = field(default_factory=dict, init=False)
    """Without a whole body, since when nothing of it has come."""
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _unsaid: Counter[str] = field(default_factory=Counter, init=False)
    _said: float = field(default=float("-inf"), init=False)

    def __len__(self) -> int:
        """How many are open."""
        return self._count

    def admit(self, connection: Connection) -> str | None:
        """Register a new connection, closing an idle one if necessary. Returns the reason if it is refused."""
        peers = self._open.get(connection.address, {})
        if len(peers) >= self.per_address and not is_within(connection.address, self.exempt):
            if not self._make_room((each for each in peers if each in self.idle or each in self.heads), "address"):
                self._note("address")
                return "Too many connections from this address."
        elif self._count >= self.limit and not self._make_room(iter((*self._first(),)), "full"):
            self._note("full")
            return "Too many connections."
        self._open.setdefault(connection.address, peers)[connection] = None
        self._count += 1
        self.await_head(connection)
        return None

    def hand_over(self, connection: Connection, successor: Connection) -> None:
        """A connection goes on as another one: as a WebSocket, or behind TLS."""
        self.forget(connection)
        self._open.setdefault(successor.address, {})[successor] = None
        self._count += 1

    def forget(self, connection: Connection) -> None:
        """A connection has ended; it may never have been counted."""
        self.stop_waiting(connection)
        peers = self._open.get(connection.address, {})
        if connection in peers:
            del peers[connection]
            self._count -= 1
            if not peers:
                del self._open[connection.address]

    def await_head(self, connection: Connection) -> None:
        """The rest of a head is due."""
        self.heads.pop(connection, None)
        self.heads[connection] = monotonic()
        if self._timer is None:
            self._look_later()

    def await_body(self, connection: Connection) -> None:
        """More of a body is due."""
        self.bodies.pop(connection, None)
        self.bodies[connection] = monotonic()

    def rest(self, connection: Connection) -> None:
        """The response was sent; another request may follow."""
        self.idle.pop(connection, None)
        self.idle[connection] = monotonic()
        if self._timer is None:
            self._look_later()

    def stop_waiting(self, connection: Connection) -> None:
        """The expected bytes have arrived."""
        if self.idle.pop(connection, None) is None and self.heads.pop(connection, None) is None:
            self.bodies.pop(connection, None)

    def _first(self) -> Iterator[Connection]:
        for waiting in (self.idle, self.heads):
            yield from list(waiting)[:1]

    def _make_room(self, candidates: Iterator[Connection], reason: str) -> bool:
        """Close the first of these, idle ones before those that have begun a head."""
        found = next(candidates, None)
        if found is None:
            return False
        self._note(f"{reason}_oldest")
        self.forget(found)
        found.take_leave("displaced")
        return True

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.timeouts.tick, self._look)

    def _look(self) -> None:
        """Close the connections whose timeout has passed."""
        self._timer = None
        now = monotonic()
        due = ((self.idle, self.timeouts.idle), (self.heads, self.timeouts.head), (self.bodies, self.timeouts.body))
        for (waiting, seconds), reason in zip(due, ("idle", "head", "body"), strict=True):
            for connection in _late(waiting, now - seconds):
                del waiting[connection]
                if waiting is self.bodies and not connection.is_peer_late():
                    waiting[connection] = now  # the application is working
                    continue
                if reason != "idle":
                    self._note(reason)
                connection.take_leave(reason)
        if self.idle or self.heads or self.bodies:
            self._look_later()

    def _note(self, reason: str) -> None:
        """Count, and log at intervals, so that an attack does not fill the disk."""
        self.refused(reason)
        self._unsaid[reason] += 1
        if monotonic() - self._said >= LOG_SECONDS:
            summary = ", ".join(f"{count} {reason}" for reason, count in self._unsaid.items())
            _log.warning("connections refused or closed: %s; %d are open of %d", summary, self._count, self.limit)
            self._unsaid.clear()
            self._said = monotonic()


def _late(waiting: dict[Connection, float], before: float) -> list[Connection]:
    late = []
    for connection, since in waiting.items():
        if since > before:
            break
        late.append(connection)
    return late


@lru_cache(maxsize=10_000)
def _is_within(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # the peer of a Unix socket has none
        return True
    peer = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(peer in network for network in networks)


def is_within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is in one of these networks; a peer without an address is, for it is on this machine."""
    return _is_within(address, tuple(networks))


def raise_file_limit() -> int:
    """Raise the limit of open files as far as allowed. Returns how many of them connections may use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return file_room()


def file_room() -> int:
    """The number of files that connections may use in this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft - RESERVED_FILES, soft // 2)
