"""The one place where callers are throttled: after it is known who they are, before anything is done for them.

Every transport passes it. A request first gets a slot of the process, or waits for one (``request_queue.py``); one that
is refused there is not counted. A REST request counts as one. A GraphQL operation counts by its cost, which is known
once it was read and validated: until then a caller is refused only if nothing is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Protocol

from starlette.requests import HTTPConnection

from domain.kernel.errors import Overloaded
from domain.kernel.principal import Principal
from domain.kernel.rate_limits import rate_limit_usage
from domain.kernel.request_slot import leave_slot, request_slot
from gateway.rate_limits import RateLimiter
from gateway.rate_limits.limiter import Admission
from gateway.request_queue import RequestQueue
from gateway.telemetry.request_record import current, record_rate_limit

Identify = Callable[[HTTPConnection], Awaitable[Principal]]
POINTS_PER_REQUEST = 100
"""Of the cost of a GraphQL operation."""


class Transport(StrEnum):
    """The ways in, as they are counted."""

    REST = "rest"
    GRAPHQL = "graphql"
    STREAM = "stream"
    WEBSOCKET = "websocket"
    OAUTH = "oauth"
    """The endpoints of OAuth clients, which rate limits do not count."""


class ThrottleMetrics(Protocol):
    """Counts what is throttled, by transport and plan."""

    def admitted(self, transport: str, plan: str) -> None:
        """A request was admitted."""

    def throttled(self, transport: str, plan: str, outcome: str) -> None:
        """A request was ``delayed`` or ``refused``."""

    def shed(self, transport: str) -> None:
        """A request was refused because the process has too many."""


class Throttle:
    """Throttles the requests of one process."""

    def __init__(
        self, identify: Identify, limiter: RateLimiter, metrics: ThrottleMetrics, requests: RequestQueue
    ) -> None:
        self.identify = identify
        self._limiter = limiter
        self.requests = requests
        self._metrics = metrics

    def identify_on(self, transport: Transport) -> Identify:
        """Build the identification of requests that count as one. It raises Unauthenticated, Forbidden, Unavailable,
        and as ``enter`` and ``admit``."""

        async def identify(connection: HTTPConnection) -> Principal:
            principal = await self.identify(connection)
            await self.enter(principal, transport)
            await self.admit(principal, transport)
            return principal

        return identify

    async def enter(self, principal: Principal, transport: Transport) -> None:
        """Give the request a slot, or let it wait for one. It is released with the record of the request.

        Raises Overloaded. The caller is known by then, and nothing else was done.
        """
        facts = current()
        if facts is None or facts.slot is not None:
            return
        account = principal.store.account_id
        slot = self.requests.acquire_now(account)
        if slot is None:
            try:
                slot = await self.requests.acquire(account, facts.begun)
            except Overloaded:
                self._metrics.shed(transport)
                raise
        facts.slot = slot
        request_slot.set(slot)

    def enter_on(self, transport: Transport) -> Callable[[Principal], Awaitable[None]]:
        """Build what gives requests of a transport their slots: see ``enter``."""
        return partial(self.enter, transport=transport)

    async def admit(self, principal: Principal, transport: Transport, points: int = 0) -> None:
        """Count a request, and let it wait if it is part of a burst. ``points``: the cost of a GraphQL operation.

        Raises RateLimited.
        """
        cost = max(1, -(-points // POINTS_PER_REQUEST))
        usage = self._limiter.admit_now(principal, cost)
        if usage is not None:
            rate_limit_usage.set(usage)
            record_rate_limit(usage)
            self._metrics.admitted(transport, principal.store.plan)
            return
        admission = await self._limiter.admit(principal, cost)
        self._record(admission, principal, transport)
        if admission.refusal is not None:
            raise admission.refusal
        self._metrics.admitted(transport, principal.store.plan)
        if admission.delay > 0:
            self._metrics.throttled(transport, principal.store.plan, "delayed")
            with leave_slot():
                await asyncio.sleep(admission.delay)

    def refuse_exhausted(self, principal: Principal, transport: Transport) -> None:
        """Raises RateLimited if it is known that no request is left."""
        admission = self._limiter.known_refusal(principal)
        if admission is not None and admission.refusal is not None:
            self._record(admission, principal, transport)
            raise admission.refusal

    def _record(self, admission: Admission, principal: Principal, transport: Transport) -> None:
        rate_limit_usage.set(admission.usage)
        record_rate_limit(admission.usage)
        if admission.refusal is not None:
            self._metrics.throttled(transport, principal.store.plan, "refused")


class OperationThrottle:
    """Throttles the GraphQL operations of one transport."""

    def __init__(self, throttle: Throttle, transport: Transport) -> None:
        self._throttle = throttle
        self._transport = transport

    async def identify(self, connection: HTTPConnection) -> Principal:
        """The caller. Raises Unauthenticated, Forbidden, Unavailable, and as ``refuse_exhausted`` and ``enter``."""
        principal = await self._throttle.identify(connection)
        self.refuse_exhausted(principal)
        await self.enter(principal)
        return principal

    def refuse_exhausted(self, principal: Principal) -> None:
        """Raises RateLimited if it is known that no request is left."""
        self._throttle.refuse_exhausted(principal, self._transport)

    async def enter(self, principal: Principal) -> None:
        """Give the operation a slot, or let it wait for one. Raises Overloaded."""
        await self._throttle.enter(principal, self._transport)

    async def charge(self, principal: Principal, points: int = 0) -> None:
        """Count an operation of this cost, or one that was refused before its cost was known. Raises RateLimited."""
        await self._throttle.admit(principal, self._transport, points)
