"""Admits requests: asks the counters, as seldom as may be, and goes on without Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from time import monotonic
from typing import NamedTuple, TypeVar

from cachetools import LRUCache

from domain.kernel.clock import Clock
from domain.kernel.errors import RateLimited
from domain.kernel.principal import Principal
from domain.kernel.rate_limits import RateLimitUsage, WindowUsage
from domain.kernel.request_slot import leave_slot
from gateway.rate_limits.counters import Counters, CountersAwayError, MemoryCounters
from gateway.rate_limits.windows import (
    DAY,
    HOUR,
    MINUTE,
    Client,
    Decision,
    RateLimitSubject,
    WindowCounts,
    client_of,
    decide,
    subjects_of,
    usage_of,
)

LEASE_SECONDS = 1.0
"""For so long a process admits requests before it reports them."""
LEASED_PART = 200
"""At most this part of a limit is leased to a process: forty of them together stay within what is left then."""
EXACT_BELOW = 5
"""With less than this part of a limit left, each request is counted before it is admitted."""
RETRY_AFTER_AWAY = 1.0
"""Seconds between two attempts to reach counters that are away."""
MAX_KNOWN = 100_000

_Owner = tuple[str, str]
"""A store and the key that calls, or an empty text."""
T = TypeVar("T")
log = logging.getLogger("gateway.rate_limits")


@dataclass(slots=True)
class _Lease:
    """What one process admits for one caller without asking."""

    subjects: Sequence[RateLimitSubject]
    hour: int
    counts: Sequence[WindowCounts]
    """When it was given."""
    given_at: datetime
    left: int = 0
    until: float = 0.0
    """``monotonic`` seconds."""
    unreported: int = 0
    """Requests that were admitted and are not counted yet."""


class Admission(NamedTuple):
    """What becomes of a request."""

    usage: RateLimitUsage | None = None
    """With the request, if it is admitted. None where no limits apply."""
    delay: float = 0.0
    """Seconds that it must wait first."""
    refusal: RateLimited | None = None
    """Why it is not admitted."""


@dataclass(frozen=True, slots=True)
class _ExhaustedCaller:
    """A caller of whom not even the cheapest request is admitted before the end of a window."""

    subjects: Sequence[RateLimitSubject]
    usage: RateLimitUsage
    is_of_day: bool

    @property
    def window(self) -> WindowUsage:
        """The window in which nothing is left."""
        return self.usage.day if self.is_of_day else self.usage.hour


class RateLimiter:
    """The rate limits of one process."""

    def __init__(
        self,
        clock: Clock,
        shared: Counters | None = None,
        away: Callable[[bool], None] = lambda _: None,
        *,
        applies: bool = True,
    ) -> None:
        """``shared``: the counters of all processes, if there are several; ``away``: is called when they cannot be
        reached (any more), and when they can again; ``applies``: whether there are limits at all."""
        self._applies = applies
        self._clock = clock
        self._shared = shared
        self._report_away = away
        self._own = MemoryCounters()
        self._leases: dict[_Owner, _Lease] = {}
        # A TTLCache takes ten times the time of a look-up.
        self._exhausted: LRUCache[_Owner, _ExhaustedCaller] = LRUCache(MAX_KNOWN)
        self._away_until: float | None = None

    def known_refusal(self, principal: Principal) -> Admission | None:
        """The refusal of a request of unknown cost, before anything is done for it, if it is known here that no request
        is left; None otherwise."""
        found = self._exhausted.get(_owner(principal))
        if found is None:
            return None
        now = self._clock()
        if found.window.resets_at > now and found.subjects == subjects_of(principal):
            return Admission(found.usage, refusal=_refusal(found.window, found.is_of_day, now))
        del self._exhausted[_owner(principal)]
        return None

    def admit_now(self, principal: Principal, cost: int = 1) -> RateLimitUsage | None:
        """As ``admit`` nearly always ends in a single process: within the limits of the store, without delay. None, and
        nothing counted, if more has to be looked at."""
        quota = principal.store.quota
        if quota is None or principal.quota is not None or principal.storefront is not None:
            return None
        if self._shared is not None or not self._applies:
            return None
        return self._own.take_within(principal.store.id, quota, cost, self._clock())

    async def admit(self, principal: Principal, cost: int = 1) -> Admission:
        """Count a request that costs as much as so many, or refuse it without counting it."""
        subjects = subjects_of(principal) if self._applies else []
        if not subjects:
            return Admission()
        now = self._clock()
        client = client_of(principal)
        if client is not None and not await self._take_minute(client, cost, now):
            known = await self._take(_owner(principal), subjects, 0, now)
            return Admission(usage_of(subjects, known.counts, now), refusal=_refusal_of_client(client, now))
        decision = await self._take(_owner(principal), subjects, cost, now)
        usage = usage_of(subjects, decision.counts, now)
        if decision.is_admitted:
            return Admission(usage, decision.delay)
        is_of_day = any(one.day + cost > each.quota.day for each, one in zip(subjects, decision.counts, strict=True))
        window = usage.day if is_of_day else usage.hour
        if any(decide(each.quota, one, 1) is None for each, one in zip(subjects, decision.counts, strict=True)):
            self._exhausted[_owner(principal)] = _ExhaustedCaller(subjects, usage, is_of_day)
        return Admission(usage, refusal=_refusal(window, is_of_day, now, cost))

    async def run(self) -> None:
        """Report what was admitted on leases, until cancelled; and once more then."""
        if self._shared is None:
            return
        try:
            while True:
                await asyncio.sleep(LEASE_SECONDS)
                await self.report()
        finally:
            await self.report(everything=True)
            await self._shared.close()

    async def report(self, *, everything: bool = False) -> None:
        """Count what was admitted on leases that are over."""
        for owner, lease in list(self._leases.items()):
            if not everything and lease.until > monotonic() and lease.hour == _hour(self._clock()):
                continue
            if lease.unreported and not await self._reported(lease):
                continue
            if self._leases.get(owner) is lease and not lease.unreported:
                del self._leases[owner]

    async def _reported(self, lease: _Lease) -> bool:
        """Count what a lease has admitted; False while the counters are away. What is older than a day counts no
        more."""
        unreported, lease.unreported, lease.left = lease.unreported, 0, 0
        if _hour(self._clock()) - lease.hour > DAY // HOUR:
            return True
        try:
            await self._ask(lease.subjects, 0, lease.given_at, unreported)
        except CountersAwayError:
            lease.unreported += unreported
            return False
        return True

    async def _take(self, owner: _Owner, subjects: Sequence[RateLimitSubject], cost: int, now: datetime) -> Decision:
        if self._shared is None:
            return self._own.take_now(subjects, cost, now)
        lease = self._lease(owner, subjects, now)
        if lease.left >= cost and lease.until > monotonic():
            lease.left -= cost
            lease.unreported += cost
            return Decision(is_admitted=True, delay=0, counts=_more(lease.counts, lease.unreported))
        unreported, lease.unreported, lease.left = lease.unreported, 0, 0
        try:
            decision = await self._ask(subjects, cost, now, unreported)
        except CountersAwayError:
            decision = self._own.take_now(subjects, cost, now)
            lease.unreported += unreported + (cost if decision.is_admitted else 0)
            return decision
        self._own.assume(subjects, decision.counts, now)
        lease.counts, lease.given_at = decision.counts, now
        lease.left, lease.until = _leased(subjects, decision.counts), monotonic() + LEASE_SECONDS
        return decision

    async def _take_minute(self, client: Client, cost: int, now: datetime) -> bool:
        """Whether a request of one client address is admitted. Without the shared counters, each process counts."""
        try:
            return await self._asked(lambda shared: shared.take_minute(client, cost, now))
        except CountersAwayError:
            return await self._own.take_minute(client, cost, now)

    def _lease(self, owner: _Owner, subjects: Sequence[RateLimitSubject], now: datetime) -> _Lease:
        """The lease of a caller in the present hour; what one of an earlier hour has admitted is reported apart."""
        found, hour = self._leases.get(owner), _hour(now)
        if found is not None and found.hour == hour and found.subjects == subjects:
            return found
        if found is not None and found.unreported:
            self._leases[owner[0], f"{owner[1]} {found.hour} {id(found)}"] = found
        made = self._leases[owner] = _Lease(subjects, hour, (), now)
        return made

    async def _ask(self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int) -> Decision:
        """Ask the shared counters. Raises CountersAwayError."""
        return await self._asked(lambda shared: shared.take(subjects, cost, now, unreported))

    async def _asked(self, ask: Callable[[Counters], Awaitable[T]]) -> T:
        """The answer of the shared counters; after they were away, they are asked only once in a while. Raises
        CountersAwayError, also if there are none."""
        if self._shared is None:
            raise CountersAwayError
        if self._away_until is not None and monotonic() < self._away_until:
            raise CountersAwayError
        try:
            with leave_slot():
                answer = await ask(self._shared)
        except CountersAwayError as error:
            if self._away_until is None:
                log.warning("rate limits: Redis unavailable, each process counts by itself: %s", error)
                self._report_away(True)
            self._away_until = monotonic() + RETRY_AFTER_AWAY
            raise
        if self._away_until is not None:
            log.warning("rate limits: Redis available again")
            self._report_away(False)
            self._away_until = None
        return answer


def _refusal(window: WindowUsage, is_of_day: bool, now: datetime, cost: int = 1) -> RateLimited:
    span = "day" if is_of_day else "hour"
    message = f"The limit of {window.limit:,} requests per {span} is used up."
    if cost > 1:
        message = f"The operation costs as much as {cost:,} requests, more than is left of {window.limit:,} per {span}."
    return RateLimited(message, max(1, ceil((window.resets_at - now).total_seconds())))


def _refusal_of_client(client: Client, now: datetime) -> RateLimited:
    message = f"The limit of {client.limit:,} requests per minute from one address is used up."
    return RateLimited(message, MINUTE - int(now.timestamp()) % MINUTE)


def _owner(principal: Principal) -> _Owner:
    return principal.store.id, "" if principal.quota is None else principal.credential


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // HOUR


def _more(counts: Sequence[WindowCounts], requests: int) -> list[WindowCounts]:
    return [WindowCounts(each.hour + requests, each.hour_before, each.day + requests) for each in counts]


def _leased(subjects: Sequence[RateLimitSubject], counts: Sequence[WindowCounts]) -> int:
    """How many requests may be admitted without asking: none with less than a fifth of a limit left."""
    spare = []
    for each, known in zip(subjects, counts, strict=True):
        for limit, used in ((each.quota.hour, known.hour), (each.quota.day, known.day)):
            spare.append(min(limit // LEASED_PART, limit - used - limit // EXACT_BELOW))
    return max(0, min(spare))
